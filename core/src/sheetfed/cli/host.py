"""The service as an addon's command sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetfed.api.model import Device
from sheetfed.cli.client import Client, quoted


class LocalHost:
    """A Host that acts as the person at this computer, through the local socket."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def devices(self) -> Sequence[Device]:
        """Return the devices that are there now."""
        fields = ("id", "title", "vendor", "model", "kind")
        items = self._client.get("/v1/devices")["items"]
        return [Device(**{name: item[name] for name in fields}) for item in items]

    async def start_job(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Start a job and return it."""
        job: Mapping[str, Any] = self._client.post("/v1/jobs", request)
        return job

    async def job(self, job_id: str) -> Mapping[str, Any]:
        """Return a job."""
        job: Mapping[str, Any] = self._client.get(f"/v1/jobs/{quoted(job_id)}")
        return job

    async def documents(self) -> Sequence[Mapping[str, Any]]:
        """Return the documents of this person."""
        return [*self._client.items("/v1/documents")]
