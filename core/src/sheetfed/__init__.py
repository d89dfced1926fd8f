"""A service that lets web pages use the scanners of this computer."""
