"""Reads barcodes and separates documents."""
