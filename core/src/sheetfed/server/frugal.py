"""Imports aiohttp for a service, which calls nobody."""

from __future__ import annotations

import importlib
import mimetypes
import os

_AUTHORITIES = "SSL_CERT_FILE"


def import_aiohttp() -> None:
    """Import aiohttp without this machine's list of authorities, and of types of files.

    When it is imported, aiohttp reads that list twice, for a client that a service never uses: a
    quarter of what its import takes, and 2 MB. Contexts that others make read the list as ever.
    Which ending a type has is not to depend on what else this machine has installed.
    """
    mimetypes.knownfiles.clear()
    before = os.environ.get(_AUTHORITIES)
    os.environ[_AUTHORITIES] = os.devnull
    try:
        importlib.import_module("aiohttp")
    finally:
        if before is None:
            del os.environ[_AUTHORITIES]
        else:
            os.environ[_AUTHORITIES] = before
