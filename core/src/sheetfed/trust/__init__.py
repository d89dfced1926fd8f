"""Loopback TLS: our own authority, and who must know it."""
