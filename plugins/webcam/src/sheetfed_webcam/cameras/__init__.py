"""Kinds of cameras, each with its way to pictures."""
