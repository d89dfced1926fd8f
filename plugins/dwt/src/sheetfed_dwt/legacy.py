"""The older calls, /DWTAPI: ids and errors as plain text."""

from __future__ import annotations

from aiohttp import web

from sheetfed.api.errors import SheetfedError
from sheetfed_dwt import faults, scanners, wishes
from sheetfed_dwt.asking import Asked, Route
from sheetfed_dwt.faults import INVALID, Fault
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.pictures import JPEG
from sheetfed_dwt.scanning import Scanning

JOB = "/DWTAPI/ScanJobs/{jobuid}"


class Legacy:
    """Answers them."""

    def __init__(self, jobs: Jobs, scanning: Scanning) -> None:
        self._jobs = jobs
        self._scanning = scanning
        self.routes = (
            Route(method="GET", path="/DWTAPI/Scanners", handler=self.list),
            Route(method="POST", path="/DWTAPI/ScanJobs", handler=self.create),
            Route(method="GET", path=f"{JOB}/NextDocument", handler=self.next),
            Route(method="DELETE", path=JOB, handler=self.delete),
        )

    async def list(self, asked: Asked) -> web.StreamResponse:
        """List the scanners."""
        return web.json_response(await scanners.listed(asked.client, asked.query("type")))

    async def create(self, asked: Asked) -> web.StreamResponse:
        """Start a job and answer its bare id, which clients put into the next address."""
        body = await asked.body()
        if asked.query("timeout"):
            body["scannerFailureTimeout"] = asked.query("timeout")
        wish = wishes.read({**body, "autoRun": True})
        try:
            job = await self._jobs.create(asked, wish)
        except (Fault, SheetfedError) as error:
            fault = faults.of(error)
            status = 400 if fault.code == INVALID else 403
            return web.Response(status=status, text=fault.message)
        return web.Response(status=201, text=job.uid)

    async def next(self, asked: Asked) -> web.StreamResponse:
        """Give the next page, which clients save as .jpg; at the end always 410."""
        job = await self._jobs.find(asked, asked.part("jobuid"))
        answer = await self._scanning.following(asked, job, JPEG)
        if answer.status == 204:
            raise faults.deleted_job()
        return answer

    async def delete(self, asked: Asked) -> web.StreamResponse:
        """Delete a job and its pages."""
        await self._jobs.delete(await self._jobs.find(asked, asked.part("jobuid")))
        return web.Response(status=200)
