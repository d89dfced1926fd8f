"""The calls about scanners and jobs."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sheetfed_dwt import (
    capabilities,
    faults,
    files,
    infos,
    pictures,
    scanners,
    uids,
    values,
    wishes,
)
from sheetfed_dwt.asking import Asked, Route
from sheetfed_dwt.faults import invalid
from sheetfed_dwt.job import Cursor, Job
from sheetfed_dwt.jobs import Jobs
from sheetfed_dwt.pictures import PDF, TIFF

JOB = "/api/device/scanners/jobs/{jobuid}"


class Scanning:
    """Answers them."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.routes = (
            Route(method="GET", path="/api/device/scanners", handler=self.list),
            Route(method="POST", path="/api/device/scanners/jobs", handler=self.create),
            Route(method="GET", path=JOB, handler=self.status),
            Route(method="PATCH", path=JOB, handler=self.change),
            Route(method="DELETE", path=JOB, handler=self.delete),
            Route(method="GET", path=f"{JOB}/scanner/capabilities", handler=self.capabilities),
            Route(method="GET", path=f"{JOB}/scanner/settings", handler=self.settings),
            Route(method="GET", path=f"{JOB}/next-page-info", handler=self.next_info),
            Route(method="GET", path=f"{JOB}/next-page", handler=self.next_page),
            Route(method="GET", path=f"{JOB}/content", handler=self.content),
        )

    async def list(self, asked: Asked) -> web.StreamResponse:
        """List the scanners."""
        return web.json_response(await scanners.listed(asked.client, asked.query("type")))

    async def create(self, asked: Asked) -> web.StreamResponse:
        """Make a job; the key is not looked at, wherever it stands."""
        job = await self._jobs.create(asked, wishes.read(await asked.body()))
        return web.json_response(job.data(), status=201)

    async def status(self, asked: Asked) -> web.StreamResponse:
        """Tell how a job is."""
        return web.json_response((await self._job(asked)).status())

    async def change(self, asked: Asked) -> web.StreamResponse:
        """Start or stop a job."""
        job = await self._job(asked)
        wanted = values.text((await asked.body()).get("status"), "status")
        match wanted.lower():
            case "running":
                await self._jobs.run(job)
            case "canceled" | "cancelled":
                await self._jobs.cancel(job)
            case _:
                raise invalid("status must be running or canceled.")
        return web.json_response({"status": job.state})

    async def delete(self, asked: Asked) -> web.StreamResponse:
        """Delete a job and its pages."""
        await self._jobs.delete(await self._job(asked))
        return web.Response(status=204)

    async def capabilities(self, asked: Asked) -> web.StreamResponse:
        """Tell the capabilities of a pending job's scanner."""
        panel = await self._jobs.panel(await self._job(asked))
        return web.json_response(capabilities.told(panel, asked.query("caps")))

    async def settings(self, asked: Asked) -> web.StreamResponse:
        """Tell the settings of a pending job's scanner, as text that a later job hands back."""
        job = await self._job(asked)
        values.flag(asked.query("showui", "true"), "showui")
        return web.json_response({"settings": wishes.saved(await self._jobs.panel(job))})

    async def next_info(self, asked: Asked) -> web.StreamResponse:
        """Tell of the next page, once there is one. It has a place of its own among the pages."""
        job = await self._job(asked)
        cursor = job.infos
        async with cursor.turn:
            place = cursor.place
            page = await job.page(place, asked)
            if page is None:
                return self._end(job, cursor)
            self._advance(asked, job, cursor)
        address = f"{asked.base}{JOB.removeprefix('/api').format(jobuid=job.uid)}/next-page"
        address += f"?page={uids.of(page['id'])}"
        told = infos.of(page, mode=job.mode, depth=job.depth, place=place, address=address)
        return web.json_response([told])

    async def next_page(self, asked: Asked) -> web.StreamResponse:
        """Give the next page, once there is one, or one that is named."""
        job = await self._job(asked)
        kind = pictures.kind(asked.query("type"))
        if named := asked.query("page"):
            page = await page_named(job, named)
            return await (await pictures.of_page(asked, page["id"], kind)).send(asked)
        return await self.following(asked, job, kind)

    async def following(self, asked: Asked, job: Job, kind: str) -> web.StreamResponse:
        """Give the next page; at the end 204, and 410 from then on."""
        cursor = job.pictures
        async with cursor.turn:
            page = await job.page(cursor.place, asked)
            if page is None:
                return self._end(job, cursor)
            picture = await pictures.of_page(asked, page["id"], kind)
            self._advance(asked, job, cursor)
        return await picture.send(asked)

    async def content(self, asked: Asked) -> web.StreamResponse:
        """Give a page by its number, or several as one file; as often as anybody likes."""
        job = await self._job(asked)
        kind = pictures.kind(asked.query("type"), usual="", more=(TIFF, PDF))
        if job.state == "pending":
            raise faults.out_of_sequence("The job is still pending.")
        if kind in (TIFF, PDF):
            while await job.page(len(job.pages), asked):
                continue
            return await files.send(asked, job.document, job.pages)
        place = values.whole(asked.query("page"), "page", low=0)
        page = await job.page(place, asked)
        if page is None:
            raise faults.unknown_uid("page")
        return await (await pictures.of_page(asked, page["id"], kind)).send(asked)

    async def _job(self, asked: Asked) -> Job:
        return await self._jobs.find(asked, asked.part("jobuid"))

    def _advance(self, asked: Asked, job: Job, cursor: Cursor) -> None:
        if asked.is_gone():
            raise faults.Fault(499, 0, "Nobody waits any more.")
        cursor.place += 1
        self._jobs.save_soon(job)

    def _end(self, job: Job, cursor: Cursor) -> web.StreamResponse:
        if cursor.told:
            raise faults.deleted_job()
        cursor.told = True
        self._jobs.save_soon(job)
        return web.Response(status=204)


async def page_named(job: Job, theirs: str) -> dict[str, Any]:
    """Return a page of a job by its id. Raises Fault."""
    wanted = uids.ours("pg", theirs, faults.unknown_uid("page"))
    if not any(page["id"] == wanted for page in job.pages):
        await job.refresh()
    found = next((page for page in job.pages if page["id"] == wanted), None)
    if found is None:
        raise faults.unknown_uid("page")
    return found
