"""Straightens, cleans and judges pages with OpenCV."""
