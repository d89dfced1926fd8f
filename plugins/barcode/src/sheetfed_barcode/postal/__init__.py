"""Postal codes: bars that differ in height."""
