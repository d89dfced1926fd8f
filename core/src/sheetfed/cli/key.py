"""`sheetfed key`: where the store's key is, and moving it."""

from __future__ import annotations

import click

from sheetfed.api.errors import NotFound
from sheetfed.cli.root import Run
from sheetfed.store import place
from sheetfed.store.lock import StoreLock
from sheetfed.store.place import KeyNote, Place


@click.group("key")
def command() -> None:
    """Show where the key of the store is, or move it."""


@command.command("show")
@click.pass_obj
def show(run: Run) -> None:
    """Say where the key is."""
    print(_told(run, _note(run)))


@command.command("move")
@click.argument("to", type=click.Choice(["file", "keyring"]))
@click.pass_obj
def move(run: Run, *, to: Place) -> None:
    """Move the key into the keyring of this account, or into a file of its own.

    The service must not run. The key is written and read back there before it goes here.
    """
    _note(run)
    lock = StoreLock(run.config.store)
    lock.take()
    try:
        place.move(run.config.store, to)
    finally:
        lock.release()
    print(_told(run, _note(run)))


def _note(run: Run) -> KeyNote:
    store = run.config.store
    note = place.read_note(store)
    if note is None:
        raise NotFound(f"There is no store with a key in {store} yet")
    return note


def _told(run: Run, note: KeyNote) -> str:
    if note.place == "keyring":
        return f"The key is in the keyring, under sheetfed, {note.name}."
    return f"The key is in the file {run.config.store / 'master.key'}."
