"""What goes wrong, in their numbers and their shape."""

from __future__ import annotations

from typing import Any, Final

from sheetfed.api.errors import SheetfedError

INVALID: Final = -2113
SEQUENCE: Final = -1011
LOCKED: Final = -1004
JOB: Final = -1034
UID: Final = -1040
PASSWORD: Final = -1043
METHOD: Final = -2112
GONE: Final = -1003
CAPABILITY: Final = -1013
MISSING: Final = -1126
BUSY: Final = -2007
KEY: Final = -2800
"""No key, or none for this site."""

ORIGIN: Final = -2137
"""No page of this site."""

UNKNOWN: Final = -1
"""What their list has no number for; the message says what it is."""

STATUSES = {
    "not-found": (404, UID),
    "device-gone": (400, GONE),
    "device-busy": (423, LOCKED),
    "bad-settings": (400, INVALID),
    "bad-request": (400, INVALID),
    "unsupported-type": (400, INVALID),
    "unreadable": (400, INVALID),
    "addon-missing": (501, MISSING),
    "not-allowed": (403, UNKNOWN),
    "conflict": (409, SEQUENCE),
    "too-many-requests": (429, BUSY),
}
"""The status and the number of an error of ours, where they differ from its own and `UNKNOWN`."""

NUMBERS = {
    "device-gone": GONE,
    "device-busy": LOCKED,
    "paper-jam": -1020,
    "double-feed": -1021,
    "driver-timeout": -1023,
    "feeder-empty": -1035,
    "bad-settings": INVALID,
    "cancelled": -1032,
}
"""Their numbers for what stops a job."""


class Fault(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: int, message: str, *, cause: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.cause = cause

    def data(self) -> dict[str, Any]:
        """Return the body of the answer; `cause` names the error as our own interface does."""
        told = {"statusCode": self.status, "code": self.code, "message": self.message}
        return {**told, "cause": {"code": 0, "message": self.cause}} if self.cause else told


def of(error: Fault | SheetfedError) -> Fault:
    """Return what an error of ours is in their words."""
    if isinstance(error, Fault):
        return error
    status, code = STATUSES.get(error.code, (error.status, UNKNOWN))
    package = error.details.get("package")
    advice = f" Install {package}." if package else f" {error.advice}"
    words = f"{error.message.rstrip('.')}.{advice}"
    return Fault(status, code, words, cause=error.code)


def invalid(message: str) -> Fault:
    """Return what hears who sent something that is not understood."""
    return Fault(400, INVALID, message)


def unknown_job() -> Fault:
    """Return what hears who names a job that is not theirs or not there: always the same."""
    return Fault(404, JOB, "The provided job UID is not valid.")


def deleted_job() -> Fault:
    """Return what hears who names a job that was deleted, or asks on after its end."""
    return Fault(410, JOB, "The job was deleted, or has no more pages.")


def unknown_uid(what: str) -> Fault:
    """Return what hears who names a document or page that is not theirs or not there."""
    return Fault(404, UID, f"The provided {what} UID is not valid.")


def out_of_sequence(message: str) -> Fault:
    """Return what hears who asks at the wrong moment."""
    return Fault(409, SEQUENCE, message)


def locked(scanner: str) -> Fault:
    """Return what hears who wants a scanner that somebody has."""
    return Fault(423, LOCKED, f"{scanner} is connected to the maximum number of applications: one.")


def wrong_password() -> Fault:
    """Return what hears who does not know a document's password."""
    return Fault(403, PASSWORD, "The password is not valid.")


def wrong_method(allowed: list[str]) -> Fault:
    """Return what hears who uses a method that is not for this path."""
    return Fault(405, METHOD, f"This endpoint only supports {', '.join(allowed)}.")
