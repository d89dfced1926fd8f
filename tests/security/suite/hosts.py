"""H: the name that we are called by; a page that rebinds its own name sends that one."""

from __future__ import annotations

from functools import partial

from suite.attack import Attacks, Tries, listed
from suite.target import Target

ATTACKS: Attacks = {}
attack = partial(listed, ATTACKS)


@attack("H01", "a foreign Host, with the right token", expected="421, no data", tries=2)
def foreign_host(target: Target, tries: Tries) -> None:
    host = f"rebind.example:{target.port}"
    for lines in (target.a.lines, (target.script,)):
        reply = target.ask("GET", "/v1/documents", *lines, host=host)
        tries.status(host, reply, 421)


@attack("H02", "a Host that is nearly right", expected="421, all 11", tries=11)
def other_names(target: Target, tries: Tries) -> None:
    names = (
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.:{}",
        "user@127.0.0.1:{}",
        "127.0.0.1.nip.io:{}",
        "0.0.0.0:{}",
        "[::]:{}",
        "127.1:{}",
        "2130706433:{}",
        "[::ffff:127.0.0.1]:{}",
        "[::ffff:7f00:1]:{}",
    )
    for name in names:
        host = name.format(target.port)
        tries.status(host, target.ask("GET", "/v1/documents", *target.a.lines, host=host), 421)


@attack("H03", "two Hosts, none, HTTP/1.0 without one", expected="400 or 421", tries=3)
def number_of_hosts(target: Target, tries: Tries) -> None:
    lines = "\r\n".join(target.a.lines)
    own = f"Host: {target.host}\r\n"
    for name, head in {
        "two": f"GET /v1/documents HTTP/1.1\r\n{own}Host: rebind.example\r\n{lines}",
        "none": f"GET /v1/documents HTTP/1.1\r\n{lines}",
        "HTTP/1.0": f"GET /v1/documents HTTP/1.0\r\n{lines}",
    }.items():
        (reply,) = target.raw(f"{head}\r\nConnection: close\r\n\r\n".encode())
        tries.status(name, reply, 400, 421)


@attack("H04", "a target that names another host", expected="400 or 421", tries=2)
def absolute_target(target: Target, tries: Tries) -> None:
    for place in ("http://rebind.example/v1/documents", f"http://{target.host}/v1/documents"):
        tries.status(place, target.ask("GET", place, *target.a.lines), 400, 421)


@attack("H05", "X-Forwarded-Host and Forwarded", expected="no effect", tries=4)
def forwarded(target: Target, tries: Tries) -> None:
    right = target.ask("GET", "/v1/documents", *target.a.lines).body
    for line in ("X-Forwarded-Host: {}", "Forwarded: host={};proto=https"):
        lines = (*target.a.lines, line.format("rebind.example"))
        told = target.ask("GET", "/v1/documents", *lines)
        tries.expect(line, told.status == 200 and told.body == right, told.status)
        lines = (*target.a.lines, line.format(target.host))
        hidden = target.ask("GET", "/v1/documents", *lines, host="rebind.example")
        tries.status(line, hidden, 421)
