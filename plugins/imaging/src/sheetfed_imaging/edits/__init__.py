"""Edits of pictures; imported only where they are applied."""
