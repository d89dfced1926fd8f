"""Living on a machine."""
