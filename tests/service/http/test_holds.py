"""A device kept for a job that starts soon."""

from __future__ import annotations

import json
from typing import Any

from face import Face, Site

SITE, OTHER = "https://scan.example", "https://other.example"
DEVICE = "/v1/devices/sample:paper"
WISH = {"device": "sample:paper", "settings": {"source": "feeder", "sheets": 1, "speed": 0}}


async def ask(site: Site, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Ask as the page of a site."""
    async with site.client.request(method, path, json=body) as answer:
        data = await answer.read()
        return answer.status, json.loads(data or "{}")


async def test_a_device_is_kept_for_one_job(face: Face) -> None:
    """Others find it busy, by every way in; the person hears for whom; the job ends it.

    Or the person does. What is not there is not kept.
    """
    site, other = await face.site(SITE), await face.site(OTHER)
    wrong = [
        (await ask(site, "POST", f"/v1/devices/{device}/hold", body))[0]
        for device, body in (
            ("sample:nothing", {"seconds": 60}),
            ("nothing", {"seconds": 60}),
            ("sample:paper", {"seconds": 0}),
            ("sample:paper", {"seconds": 601}),
            ("sample:paper", {}),
        )
    ]
    assert wrong == [404, 404, 422, 422, 422]
    status, hold = await ask(site, "POST", f"{DEVICE}/hold", {"seconds": 60})
    assert (status, hold["device"], hold["seconds"]) == (200, "sample:paper", 60)

    strangers = [
        await ask(other, "POST", "/v1/jobs", WISH | {"hold": hold["id"]}),
        await ask(other, "POST", f"{DEVICE}/options", {"settings": {}}),
        await ask(other, "POST", f"{DEVICE}/hold", {"seconds": 1}),
        await ask(site, "POST", "/v1/jobs", WISH),
    ]
    status, told = await face.send("POST", "/v1/jobs", WISH)
    looked, _, _ = await face.get(f"{DEVICE}/frame")
    seen = await ask(other, "GET", DEVICE)
    nothing = await ask(other, "DELETE", f"{DEVICE}/hold")

    assert {(each[0], each[1]["code"]) for each in strangers} == {(409, "device-busy")}
    assert not any(SITE in str(each) for each in strangers)
    assert (status, told["details"]["holder"]) == (409, SITE)
    assert (
        told["detail"] == f"{SITE} waits to scan with sample:paper, and keeps it for 1 min at most"
    )
    assert (looked, seen[0], nothing[0]) == (409, 200, 204)
    named = {"settings": {}, "hold": hold["id"]}
    assert (await ask(site, "POST", f"{DEVICE}/options", named))[0] == 200
    again = await ask(site, "POST", f"{DEVICE}/hold", {"seconds": 90, "hold": hold["id"]})
    assert again == (200, {"id": hold["id"], "device": "sample:paper", "seconds": 90})
    status, job = await ask(site, "POST", "/v1/jobs", WISH | {"hold": hold["id"]})
    assert status == 201
    await ask(site, "GET", f"/v1/jobs/{job['id']}?wait=20&seen=0")
    await ask(site, "POST", f"/v1/jobs/{job['id']}/cancel")
    assert (await ask(other, "POST", f"{DEVICE}/hold", {"seconds": 60}))[0] == 200
    assert (await face.send("DELETE", f"{DEVICE}/hold"))[0] == 204
    assert (await ask(site, "POST", f"{DEVICE}/hold", {"seconds": 60}))[0] == 200
