"""The scanners that SANE knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import BadSettings, DeviceGone
from sheetfed.api.model import Device, DeviceKind, Settings
from sheetfed_sane.binding import Library, Listed
from sheetfed_sane.session import SaneSession


class Sane(Source):
    """Reaches scanners through libsane, which is loaded on first use."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._loaded: Library | None = None

    def devices(self) -> Iterable[Device]:
        """Return the devices that libsane finds now."""
        listed = self._library().devices(local_only=bool(self.settings.get("local-only")))
        shown = [each for each in listed if each.name.split(":")[0] not in self._hidden()]
        titles = Counter(_title(each) for each in shown)
        return [_device(each, alone=titles[_title(each)] == 1) for each in shown]

    def open(self, device_id: str) -> Session:
        """Open a device by libsane's name for it."""
        if not device_id:  # libsane would take whichever comes first
            raise DeviceGone("A device without a name does not exist")
        if "\0" in device_id:
            raise DeviceGone(f"SANE does not know this device: {device_id!r}")
        handle = self._library().open(device_id)
        try:
            return SaneSession(handle)
        except BaseException:
            handle.close()  # who opens it next would find it busy
            raise

    def _hidden(self) -> set[str]:
        return {name.strip() for name in str(self.settings.get("hidden") or "").split(",")}

    def _library(self) -> Library:
        if self._loaded is None:
            self._loaded = _load(str(self.settings.get("binding") or "ctypes"))
        return self._loaded


def _load(binding: str) -> Library:
    if binding == "ctypes":
        from sheetfed_sane.libsane import Libsane  # noqa: PLC0415  # only the one that is used

        return Libsane()
    if binding == "python-sane":
        from sheetfed_sane.pysane import PythonSane  # noqa: PLC0415

        return PythonSane()
    raise BadSettings(f"binding is ctypes or python-sane, not {binding!r}", option="binding")


def _device(listed: Listed, *, alone: bool) -> Device:
    title = _title(listed)
    return Device(
        id=listed.name,
        title=title if alone else f"{title} ({listed.name})",
        vendor=listed.vendor,
        model=listed.model,
        kind=_kind(listed.kind),
    )


def _title(listed: Listed) -> str:
    if listed.model.lower().startswith(listed.vendor.lower()):
        return listed.model or listed.name
    return f"{listed.vendor} {listed.model}".strip()


def _kind(kind: str) -> DeviceKind:
    return "camera" if "camera" in kind.lower() else "scanner"
