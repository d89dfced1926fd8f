"""Their ids and ours: two ways to write the same 128 bits."""

from __future__ import annotations

import base64
import uuid
from typing import Literal

from sheetfed_dwt.faults import Fault

Kind = Literal["doc", "pg"]


def of_job(document: str) -> str:
    """Return a job's id: that of the document that it scans into, as a GUID."""
    return str(_bits(document)).upper()


def of(ours: str) -> str:
    """Return the id of a document or a page: 32 digits."""
    return _bits(ours).hex


def ours(kind: Kind, theirs: str, fault: Fault) -> str:
    """Return our id of a thing, also given as ours. Raises the fault where it is none."""
    if theirs.startswith(f"{kind}_") and len(theirs) < 100:
        return theirs
    try:
        bits = uuid.UUID(theirs).bytes
    except ValueError:
        raise fault from None
    return f"{kind}_{base64.urlsafe_b64encode(bits).decode().rstrip('=')}"


def _bits(ours: str) -> uuid.UUID:
    coded = ours.partition("_")[2]
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{coded}=="))
