"""Sheets of paper in photographs."""
