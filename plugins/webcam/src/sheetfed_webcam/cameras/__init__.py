"""Kinds of cameras, and how each is opened and asked."""
