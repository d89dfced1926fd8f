"""Reads, draws and writes PDF."""
