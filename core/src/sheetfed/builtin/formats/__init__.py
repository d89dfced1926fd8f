"""The formats of `images`, each in its own room; imported only in a child."""
