"""Delivers documents to where they belong."""
