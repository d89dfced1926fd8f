"""What each system knows of a camera."""
