"""Everything that can go wrong: code, HTTP status, exit code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SheetfedError(Exception):
    """Something went wrong in a way that has a name.

    The message is the fact; `advice` says what a person can do; `details` are JSON values that
    travel with it (which option, which operation, the crash record).
    """

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    title: ClassVar[str] = "Something failed"
    advice: ClassVar[str] = "Try again; the log tells more."

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message or self.title)
        self.details: dict[str, Any] = details

    @property
    def message(self) -> str:
        """The fact, as one sentence."""
        return str(self.args[0])


class DeviceGone(SheetfedError):
    """No such device, or it was unplugged."""

    code = "device-gone"
    status = 404
    exit_code = 3
    title = "The device is not there"
    advice = "Check its cable and power, then refresh the list of devices."


class DeviceBusy(SheetfedError):
    """Somebody else uses the device."""

    code = "device-busy"
    status = 409
    exit_code = 4
    title = "The device is busy"
    advice = "Wait for the other job or program, then try again."


class DeviceFailed(SheetfedError):
    """The device or its driver reported a fault."""

    code = "device-failed"
    status = 502
    title = "The device reported a fault"
    advice = "Switch the device off and on, then try again."


class DeviceDenied(SheetfedError):
    """This account may not use the device."""

    code = "device-denied"
    status = 403
    exit_code = 3
    title = "This account may not use the device"
    advice = (
        "Ask the administrator for access: on Linux often the group 'scanner' or 'video', "
        "in the network a name and password."
    )


class FeederEmpty(SheetfedError):
    """No paper in the feeder."""

    code = "feeder-empty"
    status = 409
    exit_code = 5
    title = "The feeder is empty"
    advice = "Load paper, then continue."


class PaperJam(SheetfedError):
    """Paper is stuck."""

    code = "paper-jam"
    status = 409
    exit_code = 5
    title = "Paper is stuck in the feeder"
    advice = "Take out the stuck sheet, put it back, then continue."


class DoubleFeed(SheetfedError):
    """Two sheets went in at once."""

    code = "double-feed"
    status = 409
    exit_code = 5
    title = "Two sheets went in at once"
    advice = "Put both sheets back, then continue."


class CoverOpen(SheetfedError):
    """A cover is open."""

    code = "cover-open"
    status = 409
    exit_code = 5
    title = "A cover of the device is open"
    advice = "Close the cover, then continue."


class DriverTimeout(SheetfedError):
    """The driver said nothing for too long; `operation` in the details."""

    code = "driver-timeout"
    status = 504
    title = "The driver does not answer"
    advice = "Switch the device off and on, then try again."


class DriverCrashed(SheetfedError):
    """The driver's process died; `crash` in the details."""

    code = "driver-crashed"
    status = 502
    title = "The driver crashed"
    advice = "Try again; if it happens again, send us the crash record."


class DriverLied(SheetfedError):
    """The driver broke its own word: a wrong size, garbage, too few rows."""

    code = "driver-lied"
    status = 502
    title = "The driver handed over something impossible"
    advice = "Try another mode or resolution; the page was not kept."


class BadSettings(SheetfedError):
    """A setting is unknown or out of range; `option` in the details."""

    code = "bad-settings"
    status = 422
    exit_code = 2
    title = "A setting is not possible"
    advice = "Choose one of the options and values that are offered."


class BadRequest(SheetfedError):
    """The request does not have the form it needs; `errors` in the details."""

    code = "bad-request"
    status = 422
    exit_code = 2
    title = "The request is not understood"
    advice = "Compare the request with the description at /docs."


class NotFound(SheetfedError):
    """No such page, document or job for this owner."""

    code = "not-found"
    status = 404
    title = "There is nothing by this name"
    advice = "It may have been deleted; list what is there."


class Conflict(SheetfedError):
    """It changed in the meantime, or its state does not allow this."""

    code = "conflict"
    status = 409
    title = "That does not fit its state now"
    advice = "Look at it again, then decide."


class Stale(SheetfedError):
    """Somebody else changed it first (If-Match)."""

    code = "stale"
    status = 412
    title = "It was changed in the meantime"
    advice = "Read it again and repeat the change."


class Unreadable(SheetfedError):
    """The bytes are not what they claim to be."""

    code = "unreadable"
    status = 422
    title = "The file cannot be read"
    advice = "Check that the file is complete and of a supported type."


class PasswordNeeded(SheetfedError):
    """The file is locked; `option` in the details says where the password belongs."""

    code = "password-needed"
    status = 422
    exit_code = 2
    title = "The file needs its password"
    advice = "Give the password that opens the file, then try again."


class TooLarge(SheetfedError):
    """More than this machine or a limit allows."""

    code = "too-large"
    status = 422
    title = "That is too large"
    advice = "Choose a lower resolution, a smaller page or fewer pages."


class UnsupportedType(SheetfedError):
    """Nobody here reads or writes this media type."""

    code = "unsupported-type"
    status = 415
    exit_code = 2
    title = "This file type is not supported"
    advice = "Choose another type; an addon may bring this one."


class AddonMissing(SheetfedError):
    """An addon that is not installed would do this; `package` in the details."""

    code = "addon-missing"
    status = 501
    title = "No installed addon does this"
    advice = "Install the package that brings it, then start again."


class AddonBroken(SheetfedError):
    """An addon is not ready and the start was strict, or its code failed."""

    code = "addon-broken"
    status = 500
    title = "An addon does not work"
    advice = "See `sheetfed addons` for the reason; update or remove the addon."


class TargetRefused(SheetfedError):
    """The target said no."""

    code = "target-refused"
    status = 502
    exit_code = 6
    title = "The target refused the document"
    advice = "Check the target's settings and rights."


class TargetUnreachable(SheetfedError):
    """The target did not answer."""

    code = "target-unreachable"
    status = 504
    exit_code = 6
    title = "The target cannot be reached"
    advice = "Check the network; it is tried again."


class DeliveryUnsure(SheetfedError):
    """It may have arrived; nobody knows, and sending it again could make two of it."""

    code = "delivery-unsure"
    status = 502
    exit_code = 6
    title = "Nobody knows whether the document arrived"
    advice = "Look at the target; retry the delivery if it is not there, else cancel it."


class NotAllowed(SheetfedError):
    """This caller may not do that."""

    code = "not-allowed"
    status = 403
    title = "That is not allowed"
    advice = "Open sheetfed's own page on this computer."


class TooMany(SheetfedError):
    """This caller asks too often, or for too much at once."""

    code = "too-many-requests"
    status = 429
    exit_code = 4
    title = "That was too much at once"
    advice = "Wait a moment, then try again."


class QuotaReached(SheetfedError):
    """The owner's or the store's share of pages or bytes is used up; `quota` in the details."""

    code = "quota-reached"
    status = 507
    title = "No more pages may be kept"
    advice = "Delete documents that are no longer needed, then continue."


class DiskFull(SheetfedError):
    """There is no room to keep a page safely."""

    code = "disk-full"
    status = 507
    title = "The disk is full"
    advice = "Free some space, then continue; put back any sheets that were not kept."


class Exhausted(SheetfedError):
    """The system gives no more of what a program needs: files, memory."""

    code = "exhausted"
    status = 503
    title = "The computer has run out of something"
    advice = "Close programs and pages that are not needed, then continue."


class StoreLocked(SheetfedError):
    """Another process owns the store."""

    code = "store-locked"
    status = 409
    exit_code = 4
    title = "Another sheetfed uses this store"
    advice = "Stop the other one, or name another folder with --home."


class KeyUnavailable(SheetfedError):
    """The key of the store is in a keyring that does not give it; `reason` in the details."""

    code = "key-unavailable"
    status = 503
    exit_code = 4
    title = "The key of the store is not available"
    advice = "Unlock the keyring of the account that made the store, then start again."


class StoreDamaged(SheetfedError):
    """The store's files are not as they were written."""

    code = "store-damaged"
    status = 410
    title = "The stored page is damaged"
    advice = "Scan the page again; check the disk."


class StoreGone(SheetfedError):
    """The store's folder went away under us."""

    code = "store-gone"
    status = 410
    title = "The folder that keeps the pages is gone"
    advice = "Bring the folder back if it was moved, then start sheetfed again."


class PortTaken(SheetfedError):
    """No port to listen on."""

    code = "port-taken"
    status = 500
    title = "The port is in use"
    advice = "Stop the program that uses it, or choose another with --port."


class BadConfig(SheetfedError):
    """The configuration cannot be used; file and line in the message."""

    code = "bad-config"
    status = 500
    exit_code = 2
    title = "The configuration has a mistake"
    advice = "Correct the line that is named, then start again."


class TrustBroken(SheetfedError):
    """The authority for TLS on this computer cannot be used, or a store refused it."""

    code = "trust-broken"
    status = 500
    title = "TLS on this computer does not work"
    advice = "See `sheetfed trust status` for the reason."


class SystemRefused(SheetfedError):
    """The operating system did not do what it was asked; `command` in the details."""

    code = "system-refused"
    status = 502
    title = "The system refused"
    advice = "Do what it says, then try again."


class ServiceGone(SheetfedError):
    """The service stopped while it was needed."""

    code = "service-gone"
    status = 503
    title = "The service stopped"
    advice = "Start it with `sheetfed serve`; complete pages are kept."


class Cancelled(SheetfedError):
    """Somebody asked to stop."""

    code = "cancelled"
    status = 409
    exit_code = 130
    title = "Cancelled"
    advice = "Complete pages are kept."


def _all() -> dict[str, type[SheetfedError]]:
    found: dict[str, type[SheetfedError]] = {SheetfedError.code: SheetfedError}
    for kind in SheetfedError.__subclasses__():
        found[kind.code] = kind
    return found


CODES: Mapping[str, type[SheetfedError]] = _all()
"""Every error of ours by its code."""


def to_json(error: SheetfedError) -> dict[str, Any]:
    """Return the error as the JSON object that crosses pipes and HTTP."""
    return {"code": error.code, "message": error.message, "details": error.details}


def from_json(head: Mapping[str, Any]) -> SheetfedError:
    """Return the error that `to_json` wrote; an unknown code becomes a plain SheetfedError."""
    kind = CODES.get(str(head.get("code")), SheetfedError)
    details = head.get("details")
    error = kind(str(head.get("message", "")))
    error.details = dict(details) if isinstance(details, dict) else {}
    return error
