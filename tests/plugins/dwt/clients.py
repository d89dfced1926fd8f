"""Programs as people wrote them, from the published descriptions: each with its habits.

Each returns the pages it got. None of them is patient with what it does not know: where one of the
originals would ask for ever, it gives up here and says so.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator

from incumbent import JOBS, Program, wish

TURNS = 20
"""So often an original that spins is let ask the same."""


class SpinsError(AssertionError):
    """The original would ask for ever."""


def turns() -> Iterator[int]:
    """Yield a few numbers, then complain."""
    yield from range(TURNS)
    raise SpinsError("the original would ask for ever")


def python_1(program: Program) -> list[bytes]:
    """PyPI 1.0.0: pastes the bare id into an address; only 410 ends it."""
    body = {"license": "KEY", "device": "sample:paper", **wish()}
    made = program.ask("POST", "/DWTAPI/ScanJobs", body, {"Content-Type": "application/text"})
    assert made.status == 201
    uid = made.body.decode()
    found = []
    for _ in turns():
        answer = program.ask("GET", f"/DWTAPI/ScanJobs/{uid}/NextDocument")
        if answer.status == 410:
            break
        if answer.status == 200:
            found.append(answer.body)
    assert program.ask("DELETE", f"/DWTAPI/ScanJobs/{uid}").status == 200
    return found


def python_2(program: Program) -> list[bytes]:
    """PyPI 2.0.3: key in a header; 204 ends it, and it insists on 204 after a DELETE."""
    made = program.ask("POST", JOBS, wish(runs=False), {"DWT-PRODUCT-KEY": "KEY"})
    assert made.status == 201
    uid = made.json["jobuid"]
    caps = program.ask("GET", f"{JOBS}/{uid}/scanner/capabilities?caps=256,257,4376")
    assert caps.status == 200
    assert program.ask("GET", f"{JOBS}/{uid}/scanner/settings?showui=false").status == 200
    assert program.ask("PATCH", f"{JOBS}/{uid}", {"status": "running"}).status == 200
    found = []
    for _ in turns():
        info = program.ask("GET", f"{JOBS}/{uid}/next-page-info")
        if info.status == 204:
            break
        url = info.json[0]["url"] if isinstance(info.json, list) else info.json["url"]
        found.append(program.ask("GET", url.partition(str(program.port))[2]).body)
    assert program.ask("DELETE", f"{JOBS}/{uid}").status == 204
    return found


def node_1(program: Program) -> list[bytes]:
    """Npm 1.0.2: no type for its body; only a refusal ends it, another success makes it spin."""
    body = {"license": "KEY", "device": "sample:paper", **wish()}
    made = program.ask("POST", "/DWTAPI/ScanJobs?timeout=30", body)
    assert made.status == 201
    uid = made.body.decode()
    found = []
    for _ in turns():
        answer = program.ask("GET", f"/DWTAPI/ScanJobs/{uid}/NextDocument")
        if answer.status >= 400:
            break
        if answer.status == 200:
            found.append(answer.body)
    assert program.ask("DELETE", f"/DWTAPI/ScanJobs/{uid}").status == 200
    return found


def node_2(program: Program) -> list[bytes]:
    """Npm 2.0.2: key twice; asks for the next page while those before it are unread."""
    headers = {"DWT-PRODUCT-KEY": "KEY", "Content-Type": "application/json"}
    made = program.ask("POST", JOBS, {"license": "KEY", **wish()}, headers)
    assert made.status == 201
    uid = made.json["jobuid"]
    unread: list[tuple[http.client.HTTPConnection, http.client.HTTPResponse]] = []
    for _ in turns():
        connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
        connection.request("GET", f"{JOBS}/{uid}/next-page")
        response = connection.getresponse()
        unread.append((connection, response))
        if response.status != 200:
            break
    found = [response.read() for _, response in unread if response.status == 200]
    for connection, _ in unread:
        connection.close()
    assert program.ask("DELETE", f"{JOBS}/{uid}").status == 204
    return found


def flutter(program: Program) -> list[bytes]:
    """Pub 2.0.1: an empty key; loops until 410, whatever comes before it."""
    made = program.ask("POST", JOBS, {"license": "KEY", **wish()}, {"DWT-PRODUCT-KEY": ""})
    assert made.status == 201
    uid = made.json["jobuid"]
    found = []
    for _ in turns():
        answer = program.ask("GET", f"{JOBS}/{uid}/next-page")
        if answer.status == 410:
            break
        if answer.status == 200:
            found.append(answer.body)
    program.ask("DELETE", f"{JOBS}/{uid}")
    return found


def dotnet(program: Program) -> list[bytes]:
    """NuGet 2.1.0: key in the body alone; an empty body or any refusal ends it."""
    made = program.ask("POST", JOBS, {"license": "KEY", **wish()})
    uid = json.loads(made.body)["jobuid"]
    found = []
    for _ in turns():
        answer = program.ask("GET", f"{JOBS}/{uid}/next-page")
        if answer.status >= 300 or not answer.body:
            break
        found.append(answer.body)
    program.ask("DELETE", f"{JOBS}/{uid}")
    return found


def older_dotnet(program: Program) -> list[bytes]:
    """NuGet 2.0: the key under its older name; never deletes anything."""
    made = program.ask("POST", JOBS, wish(), {"X-DICS-LICENSE-KEY": "KEY"})
    return program.pages(made.json["jobuid"])


def makers_dotnet(program: Program) -> list[bytes]:
    """The makers' own: wants a channel of events, which may be null, and reads pages by number."""
    made = program.ask("POST", JOBS, {**wish(), "requireWebsocket": True, "name": "Job"})
    assert made.status == 201
    assert made.json.get("protocol") is None
    path = f"{JOBS}/{made.json['jobuid']}"
    found = []
    while program.ask("GET", f"{path}/next-page-info").status == 200:
        page = program.ask("GET", f"{path}/content?type=image/jpeg&page={len(found)}")
        assert page.status == 200
        found.append(page.body)
    assert program.ask("DELETE", path).status == 204
    return found


CLIENTS: tuple[Callable[[Program], list[bytes]], ...] = (
    python_1,
    python_2,
    node_1,
    node_2,
    flutter,
    dotnet,
    older_dotnet,
    makers_dotnet,
)
