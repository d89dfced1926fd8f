"""Kinds of cameras, and what each is opened and asked through."""
