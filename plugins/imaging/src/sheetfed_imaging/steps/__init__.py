"""Looks at pages; imported only where they are taken."""
