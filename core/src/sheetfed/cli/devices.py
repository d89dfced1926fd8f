"""`sheetfed devices`: where pages can come from."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from sheetfed.api.errors import DeviceGone, SheetfedError
from sheetfed.cli import faults, table
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.origins import is_web_origin

LONGEST = 40
"""Characters of a value that are shown in a table; `--json` has all of them."""


@click.command("devices")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--refresh", is_flag=True, help="Look again instead of telling what is known.")
@click.option("--options", "device", metavar="DEVICE", help="Show what can be asked of a device.")
@click.option("--free", "kept", metavar="DEVICE", help="Take a device from who keeps it.")
@click.pass_obj
def command(
    run: Run, *, as_json: bool, refresh: bool, device: str | None, kept: str | None
) -> None:
    """List scanners, cameras and folders that pages can come from."""
    with reach(run.config) as client:
        if kept is not None:
            client.delete(f"/v1/devices/{quoted(find(client, kept))}/hold")
            return
        if device is not None:
            answer = client.get(f"/v1/devices/{quoted(find(client, device))}")
        else:
            answer = client.get("/v1/devices", refresh="true" if refresh else None)
    if as_json:
        print(json.dumps(answer, indent=2))
    elif device is not None:
        _show_options(run, answer)
    else:
        _show_list(run, answer)


def find(client: Client, asked: str | None) -> str:
    """Return a device's id by its id, its source or its title; asked for none, the first one."""
    if asked is not None and not asked.strip():
        raise click.UsageError("The device's name is empty; `sheetfed devices` lists them.")
    if asked is not None and ":" in asked:
        return asked
    listing = client.get("/v1/devices")
    items = listing["items"]
    if asked is not None:
        items = [
            item
            for item in items
            if item["id"].partition(":")[0] == asked or asked.casefold() in item["title"].casefold()
        ]
    if items:
        return str(items[0]["id"])
    if asked is None:
        raise DeviceGone("No device is found" + _problems(listing["problems"]))
    ids = [item["id"] for item in listing["items"]]
    known = [*ids, *(name.partition(":")[0] for name in ids)]
    raise DeviceGone(f"There is no device '{asked}'." + faults.guess(asked, known))


def option_of(options: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """Return one of a device's options by its name."""
    return next((option for option in options if option["name"] == name), None)


def range_of(option: dict[str, Any]) -> str:
    """Return in words what an option accepts."""
    if option.get("choices"):
        return ", ".join(_value(choice["value"]) for choice in option["choices"])
    low, high = option.get("minimum"), option.get("maximum")
    if low is not None or high is not None:
        ends = [_value(end) if end is not None else "" for end in (low, high)]
        return f"{ends[0]} to {ends[1]} {option.get('unit') or ''}".strip()
    words = {"bool": "true, false", "text": "any text", "action": "true"}
    return words.get(option["kind"], str(option.get("unit") or option["kind"]))


def _show_list(run: Run, listing: dict[str, Any]) -> None:
    items = listing["items"]
    rows = [(item["id"], item["title"], item["kind"]) for item in items]
    if rows:
        table.show(("device", "title", "kind"), rows, color=run.color)
    elif not run.quiet:
        print("No device found.", file=sys.stderr)
    for item in items:
        if held := item.get("held"):  # an older service keeps nothing
            site = is_web_origin(held["owner"])
            who = held["owner"] if site else "a program of this account"
            print(
                f"{item['id']} is kept for {faults.clean(who)};"
                f" `sheetfed devices --free {item['id']}` takes it back.",
                file=sys.stderr,
            )
    for problem in listing["problems"]:
        error = faults.of_problem(problem["error"])
        print(f"{problem['source']}: {faults.clean(error.message)}", file=sys.stderr)


def _problems(problems: list[dict[str, Any]]) -> str:
    errors: list[SheetfedError] = [faults.of_problem(problem["error"]) for problem in problems]
    return "".join(f"; {error.message}" for error in errors)


def _show_options(run: Run, device: dict[str, Any]) -> None:
    rows = [
        (
            option["name"],
            _short(_value(option.get("default"))),
            range_of(option) + (" (cannot be set)" if option.get("readonly") else ""),
            option.get("description") or option["title"],
        )
        for option in device["options"]
    ]
    print(f"{faults.clean(device['title'])} ({device['id']})")
    table.show(("option", "now", "accepts", "what it is"), rows, color=run.color)


def _short(text: str) -> str:
    """Return the beginning of a long text: a driver's gamma table is as wide as a page is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)
