"""The public conformance kit."""
