"""Lets web pages use the scanners of this computer."""
