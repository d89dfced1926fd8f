"""Addons that ship with the core."""
