"""The formats of `images`; all but `offers` only in a child."""
