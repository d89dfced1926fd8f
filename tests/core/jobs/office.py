"""A store with devices, steps and jobs on it, without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sheetfed.api.hooks import CodecSpec, StepSpec
from sheetfed.api.model import Mark, Option
from sheetfed.audit import Audit
from sheetfed.builtin.edits import sheetfed_edits
from sheetfed.catalogue import package_for
from sheetfed.delivery import Deliveries
from sheetfed.devices import Devices
from sheetfed.documents import Documents
from sheetfed.easels import Easels
from sheetfed.edits import Edits
from sheetfed.imaging import Imaging
from sheetfed.jobs import Jobs
from sheetfed.keeping import Keeping
from sheetfed.ledger import Job
from sheetfed.outbox import Rests
from sheetfed.saving import Saving
from sheetfed.steps import Steps
from sheetfed.store import pages
from sheetfed.store.folder import Store
from sheetfed.store.pages import PageRow
from sheetfed.targets import Targets
from sheetfed.worker.wire import Deadlines, Recipe, Tool

ME = "me"

OPTIONS = (
    Option(name="delay", title="Delay", kind="float", default=0.0, minimum=0, maximum=60),
    Option(name="word", title="Word", kind="text", default=""),
    Option(name="only", title="Only these", kind="text", default=""),
    Option(name="beside", title="Keep the whole sheet", kind="bool", default=False),
    Option(name="password", title="Password", kind="secret", default="of the configuration"),
)
INSPECTOR = StepSpec(
    name="inspector", title="Inspector", factory="inspector:Inspector", options=OPTIONS
)
BUILTIN = CodecSpec(
    name="images",
    title="Images",
    factory="sheetfed.builtin.formats.codec:Images",
    reads=frozenset({"image/png", "image/jpeg"}),
    writes=frozenset({"image/png"}),
)
ROTATE = next(spec for spec in sheetfed_edits() if spec.name == "rotate")


class Office:
    """A store with devices and jobs on it; can be closed and opened again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.targets = Targets({}, specs={}, package_for=package_for)

    async def open(
        self, *, opening: float = 0.0, steps: bool = True, keeping: Keeping | None = None
    ) -> Office:
        self.store = await Store.open(self.home / "store")
        self.documents = Documents(self.store, keeping)
        recipe = Recipe(
            kind="source", name="tray", factory="tray:Tray", settings={"opening": opening}
        )
        self.devices = Devices(
            {"tray": recipe},
            events=self.store.events,
            crashes=self.home / "crashes",
            package_for=lambda _kind, _name: None,
        )
        self.imaging = Imaging(
            {"images": Recipe(kind="codec", name="images", factory=BUILTIN.factory)},
            specs={"images": BUILTIN},
            crashes=self.home / "crashes",
            package_for=lambda _kind, _name: None,
        )
        settings = {option.name: option.default for option in OPTIONS}
        recipe = Recipe(kind="step", name="inspector", factory=INSPECTOR.factory, settings=settings)
        self.steps = Steps(
            {"inspector": recipe} if steps else {},
            specs={"inspector": INSPECTOR} if steps else {},
            crashes=self.home / "crashes",
            package_for=lambda _kind, name: "sheetfed-barcode" if name == "barcode" else None,
            look=self.imaging.info,
            deadlines=Deadlines(codec=1.5, grace=0.3),
        )
        settings = {option.name: option.default for option in ROTATE.options}
        tool = Tool(name=ROTATE.name, factory=ROTATE.factory, settings=settings)
        easels = Easels(self.imaging, [(tool,)], crashes=self.home / "crashes")
        self._easels = easels
        self.edits = Edits(
            {ROTATE.name: ROTATE},
            settings={ROTATE.name: settings},
            documents=self.documents,
            imaging=self.imaging,
            easels=easels,
            package_for=lambda _kind, _name: None,
        )
        self.audit = Audit(self.home / "audit")
        self.deliveries = Deliveries(
            store=self.store,
            documents=self.documents,
            imaging=self.imaging,
            saving=Saving(self.documents, self.imaging, self.edits),
            targets=self.targets,
            audit=self.audit,
            crashes=self.home / "crashes",
            quota=(keeping or Keeping()).quota,
            rests=Rests(first=0.05, longest=0.2),
        )
        await self.deliveries.recover()
        self.jobs = Jobs(
            database=self.store.database,
            devices=self.devices,
            documents=self.documents,
            steps=self.steps,
            edits=self.edits,
            deliveries=self.deliveries,
            events=self.store.events,
        )
        await self.jobs.recover()
        return self

    async def close(self) -> None:
        await self.jobs.close()
        await self.deliveries.close()
        self.audit.close()
        await self._easels.close()
        await self.imaging.close()
        await self.devices.close()
        await self.store.close()

    async def start(self, *, key: str | None = None, **settings: Any) -> Job:
        return await self.jobs.start(ME, {"device": "tray:one", "settings": settings}, key=key)

    async def step(self, *steps: dict[str, Any], keep: Any = None, **settings: Any) -> Job:
        """Start a job whose pages take these options of the inspector."""
        wishes = [{"name": "inspector", "options": options} for options in steps]
        request = {"device": "tray:one", "settings": settings, "steps": wishes}
        return await self.jobs.start(ME, {**request, "keep": keep} if keep else request)

    async def pages(self, job: Job) -> list[PageRow]:
        """Return the pages of a job's document."""
        assert job.document
        return [*await self.documents.pages(ME, job.document)]

    async def mark(self, page_id: str, kind: str, value: str) -> None:
        """Mark a page as a step would."""
        mark = Mark(kind=kind, value=value, by="test")
        await self.store.database.write(
            lambda connection: pages.set_marks(connection, page_id, [mark])
        )

    async def data(self, page: PageRow) -> bytes:
        """Return a page's bytes."""
        original = await self.documents.original(ME, page.id)
        try:
            return bytes(await original.read(0, original.size))
        finally:
            await original.close()

    async def until(self, job: Job, wanted: Callable[[Job], bool]) -> Job:
        async with asyncio.timeout(20):
            while not wanted(job):
                await asyncio.sleep(0.02)
                job = await self.jobs.get(ME, job.id)
        return job

    async def state(self, job: Job, state: str) -> Job:
        return await self.until(job, lambda now: now.state == state)
