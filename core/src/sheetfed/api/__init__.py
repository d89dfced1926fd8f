"""The promise: all that an addon may import."""
