"""The scanners that TWAIN drivers reach."""
# SPDX-License-Identifier: GPL-2.0-only

from __future__ import annotations

from collections.abc import Iterable

from sheetfed.api.contracts import Session, Source
from sheetfed.api.errors import DeviceGone
from sheetfed.api.model import Device
from sheetfed_twain.driver import Driver
from sheetfed_twain.dsm import BITS, Dsm, Listed, opened
from sheetfed_twain.session import TwainSession

PATIENCE = 45.0


class Twain(Source):
    """Reaches scanners through a data source manager, which is loaded on first use."""

    def devices(self) -> Iterable[Device]:
        """Return the data sources of this process's bitness."""
        dsm = self._dsm()
        try:
            return [_device(each) for each in dsm.sources()]
        finally:
            dsm.close()

    def open(self, device_id: str) -> Session:
        """Open a data source by its name, which is what TWAIN knows it by."""
        if not device_id.strip():
            raise DeviceGone("A device without a name does not exist")
        dsm = self._dsm()
        try:
            driver = Driver(dsm, device_id)
        except BaseException:
            dsm.close()
            raise
        patience = self.settings.get("patience")
        return TwainSession(
            driver, patience=patience if isinstance(patience, int | float) else PATIENCE
        )

    def _dsm(self) -> Dsm:
        return opened(str(self.settings.get("dsm") or ""))


def _device(listed: Listed) -> Device:
    return Device(
        id=listed.name,
        title=f"{listed.name} (TWAIN, {BITS}-bit)",
        vendor=listed.maker,
        model=listed.family,
    )
