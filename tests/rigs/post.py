"""A target that is a folder, and that goes wrong as a file in it says."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import DeliveryUnsure, TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt


class Post(Target):
    """Takes documents; `mode` in the folder says what happens to the next one."""

    @property
    def folder(self) -> Path:
        return Path(str(self.settings["folder"]))

    def mode(self) -> str:
        with (self.folder / "tries").open("a") as tries:
            tries.write("x")
        note = self.folder / "mode"
        return note.read_text() if note.exists() else ""

    def send(self, delivery: Delivery, report: Report) -> Receipt:
        mode = self.mode()
        (self.folder / "state").write_text(str(dict(delivery.state)))
        self._refuse(mode, delivery)
        if mode == "unsure" and delivery.state:
            raise DeliveryUnsure("Who knows")
        if mode == "broken":
            raise ConnectionResetError("the line was cut")
        with delivery.open() as stream:
            first = stream.read(10)
            report(len(first), {"began": True})
            if mode == "hang":
                (self.folder / "hangs").touch()
                while (self.folder / "mode").read_text() == "hang":
                    time.sleep(0.01)
                    report(len(first), {"began": True})
            if mode == "die":
                os._exit(3)
            rest = stream.read()
        report(len(first) + len(rest), {"began": True})
        place = self.folder / delivery.name.replace("/", "-")
        place.write_bytes(first + rest)
        return Receipt(place=str(place), details={"id": 42})

    def _refuse(self, mode: str, delivery: Delivery) -> None:
        """Say no before a byte of it is read."""
        said = f"{self.settings.get('password')} and {delivery.fields.get('ticket')}"
        match mode:
            case "refuse":
                raise TargetRefused("No, says the clerk")
            case "away":
                raise TargetUnreachable("Nobody there")
            case "echo":
                raise TargetRefused(f"Who are you, {said}?", told=[said])
            case "lost":
                raise TargetUnreachable(f"There is no folder {self.folder}")
            case "busy":
                raise TargetRefused("Come back later", again=True, retry_after=3600)

    def test(self) -> Receipt:
        mode = self.mode()
        if mode == "refuse":
            raise TargetRefused("No, says the clerk")
        if mode == "echo":
            raise TargetRefused(f"Who are you, {self.settings.get('password')}?")
        return Receipt(place=str(self.folder))

    def abandon(self, delivery: Delivery) -> None:
        (self.folder / "abandoned").write_text(delivery.idempotency_key)
        if (self.folder / "keeps").exists():
            raise DeliveryUnsure("Gone with the mail")


class AsyncPost(Target):
    """The same, in the service's loop, and only what differs there."""

    async def send(self, delivery: Delivery, report: Report) -> Receipt:
        folder = Path(str(self.settings["folder"]))
        data = await asyncio.to_thread(delivery.open().read)
        if (folder / "keeps").exists():  # it has all, and does not say so
            await report(len(data), {})
            (folder / "hangs").touch()
            await asyncio.Event().wait()
        await report(len(data), state(delivery))
        if (folder / "stubborn").exists():
            raise TargetRefused("No, and nothing is taken away either")
        (folder / delivery.name.replace("/", "-")).write_bytes(data)
        return Receipt(place=str(folder), details={"id": 42})

    async def test(self) -> Receipt:
        return Receipt(place=str(self.settings["folder"]))

    async def abandon(self, delivery: Delivery) -> None:
        raise ValueError(f"what {delivery.name} left cannot be read")


def state(delivery: Delivery) -> Mapping[str, Any]:
    """Return what the next try is told."""
    return {"tried": int(delivery.state.get("tried", 0)) + 1}
