"""Addons at arm's length, in child processes."""
