"""The formats of `images`; imported only in a child."""
