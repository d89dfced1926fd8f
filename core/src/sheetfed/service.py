"""The parts put together; made in order, closed in reverse."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack

from sheetfed.addons import Addons, check_settings, discover
from sheetfed.api.errors import AddonBroken
from sheetfed.approvals import Approvals
from sheetfed.audit import Audit
from sheetfed.catalogue import package_for
from sheetfed.config import Config, prepare
from sheetfed.delivery import Deliveries
from sheetfed.devices import Devices
from sheetfed.documents import Documents
from sheetfed.easels import Easels
from sheetfed.edits import Edits
from sheetfed.events import Events
from sheetfed.imaging import Imaging
from sheetfed.importing import Importing
from sheetfed.jobs import Jobs
from sheetfed.recipes import kits, recipes
from sheetfed.retention import Retention
from sheetfed.rounds import Rounds
from sheetfed.saving import Saving
from sheetfed.steps import Steps
from sheetfed.store.database import Database
from sheetfed.store.documents import would_be_lost
from sheetfed.store.folder import Store
from sheetfed.store.keys import Master
from sheetfed.targets import Targets, read

log = logging.getLogger(__name__)


class Service:
    """All that answers requests, whoever brings them."""

    config: Config
    audit: Audit
    addons: Addons
    database: Database
    master: Master
    events: Events
    approvals: Approvals
    documents: Documents
    devices: Devices
    imaging: Imaging
    importing: Importing
    edits: Edits
    saving: Saving
    steps: Steps
    deliveries: Deliveries
    jobs: Jobs
    rounds: Rounds
    retention: Retention

    def __init__(self) -> None:
        self._parts = AsyncExitStack()

    @classmethod
    async def start(cls, config: Config) -> Service:
        """Open the store and make ready to answer.

        Raises StoreLocked, BadConfig, DiskFull, and AddonBroken where the configuration is strict.
        """
        service = cls()
        try:
            await service._make(config)
        except BaseException:
            await service.close()
            raise
        return service

    async def close(self) -> None:
        """Park jobs, end children, let go of the store. Safe twice."""
        await self._parts.aclose()

    async def is_needed(self) -> bool:
        """Tell whether something would be cut off or lost if the service stopped now."""
        if self.jobs.scanning() or self._documents_in_use():
            return True
        return await self.database.read(would_be_lost)

    async def _make(self, config: Config) -> None:
        parts = self._parts
        self.config = config
        self.addons = discover(disabled=config.disabled, interpreters=config.interpreters)
        if config.strict:
            _all_ready(self.addons)
        for warning in check_settings(self.addons, config):
            log.warning("%s", warning)
        places = read(config, self.addons.targets)
        prepare(config)

        store = await Store.open(config.store, key=config.keeping.key)
        parts.push_async_callback(store.close)
        self.database = store.database
        self.master = store.master
        self.audit = Audit(config.audit)
        parts.callback(self.audit.close)
        self.audit.note("service", "start", "done")
        parts.callback(self.audit.note, "service", "stop", "done")
        self.events = store.events
        self.documents = Documents(store, config.keeping)
        self.approvals = await Approvals.open(self.database, self.events, config)
        parts.callback(self.approvals.close)

        self.imaging = Imaging(
            recipes("codec", self.addons, config),
            specs=self.addons.codecs,
            crashes=config.crashes,
            package_for=package_for,
            chosen=config.codecs,
        )
        parts.push_async_callback(self.imaging.close)
        self.importing = Importing(self.documents, self.imaging)
        tools = kits(self.addons, config)
        easels = Easels(self.imaging, tools, crashes=config.crashes)
        parts.push_async_callback(easels.close)
        self.edits = Edits(
            self.addons.edits,
            settings={tool.name: tool.settings for kit in tools for tool in kit},
            documents=self.documents,
            imaging=self.imaging,
            easels=easels,
            package_for=package_for,
        )
        self.saving = Saving(self.documents, self.imaging, self.edits)
        self.devices = Devices(
            recipes("source", self.addons, config),
            events=self.events,
            crashes=config.crashes,
            package_for=package_for,
        )
        parts.push_async_callback(self.devices.close)
        self.steps = Steps(
            recipes("step", self.addons, config),
            specs=self.addons.steps,
            crashes=config.crashes,
            package_for=package_for,
            look=self.imaging.info,
        )
        self.deliveries = Deliveries(
            store=store,
            documents=self.documents,
            imaging=self.imaging,
            saving=self.saving,
            targets=Targets(places, specs=self.addons.targets, package_for=package_for),
            audit=self.audit,
            crashes=config.crashes,
            quota=config.keeping.quota,
        )
        parts.push_async_callback(self.deliveries.close)
        await self.deliveries.recover()
        self.jobs = Jobs(
            database=self.database,
            devices=self.devices,
            documents=self.documents,
            steps=self.steps,
            edits=self.edits,
            deliveries=self.deliveries,
            events=self.events,
        )
        parts.push_async_callback(self.jobs.close)
        await self.jobs.recover()
        self.rounds = Rounds(
            documents=self.documents, steps=self.steps, edits=self.edits, events=self.events
        )
        parts.push_async_callback(self.rounds.close)
        self.retention = Retention(
            self.documents,
            seconds=config.keeping.retention,
            audit=self.audit,
            busy=self._documents_in_use,
        )
        parts.push_async_callback(self.retention.close)
        await self.retention.start(store.hidden)

    def _documents_in_use(self) -> set[str]:
        parts = (self.jobs, self.rounds, self.deliveries)
        return {document for part in parts for document in part.documents_in_use()}


def _all_ready(addons: Addons) -> None:
    bad = [row for row in addons.rows if row.state in ("broken", "incompatible")]
    if bad:
        reasons = "; ".join(f"{row.name}: {row.reason}" for row in bad)
        raise AddonBroken(f"Not every addon is ready: {reasons}")
