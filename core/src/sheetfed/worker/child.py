"""The child process: runs one addon and answers for it.

Started as `python -m sheetfed.worker.child NUMBER`, where NUMBER is the descriptor of the file for
its last words, if it has one. Light, for every device has one.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Any, Protocol

from sheetfed.api.errors import AddonBroken, SheetfedError, TooLarge
from sheetfed.worker import sandbox
from sheetfed.worker.allocator import keep_freed
from sheetfed.worker.confinement import FREE, Confinement
from sheetfed.worker.foreign import touched_foreign_memory
from sheetfed.worker.frames import Head, Pipe
from sheetfed.worker.link import TEXT_LIMIT, Link
from sheetfed.worker.warming import warm
from sheetfed.worker.wire import Recipe, from_json, to_json

ROLES = {
    "source": "sheetfed.worker.capture:Capture",
    "codec": "sheetfed.worker.convert:Conversion",
    "step": "sheetfed.worker.convert:Inspection",
    "edit": "sheetfed.worker.easel:Easel",
    "target": "sheetfed.worker.deliver:Errand",
}
"""Imported where they are needed, for a codec has no use for rows."""


class Role(Protocol):
    """What answers questions in the name of an addon's object."""

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:
        """Return the answer to one question."""


class Duty:
    """What this child is for, once its first question has told it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._role: Role | None = None
        self._closed = False

    def answer(self, head: Head, body: bytes) -> dict[str, Any]:
        """Return the answer to one question."""
        if self._role is not None:
            return self._asked(self._role, head, body)
        recipe = from_json(Recipe, head["recipe"])
        free = recipe.kind in FREE
        held = self._free(recipe) if free else self._boxed(recipe)
        return {"confinement": to_json(held)}

    def _free(self, recipe: Recipe) -> Confinement:
        self._link.listen()
        self._role = self._made(recipe)
        return sandbox.confinement()

    def _boxed(self, recipe: Recipe) -> Confinement:
        sandbox.limit(recipe.memory)
        role = self._made(recipe)
        warm()
        held = sandbox.close()
        self._closed = True
        self._link.listen()
        self._role = role
        return held

    def _asked(self, role: Role, head: Head, body: bytes) -> dict[str, Any]:
        try:
            return role.answer(head, body)
        except ImportError as error:
            if self._closed:
                error.add_note("A box opens no file: import it where the module begins.")
            raise

    def _made(self, recipe: Recipe) -> Role:
        made = _load(recipe.factory)(recipe.settings)
        role = _load(ROLES[recipe.kind])(made, self._link)
        for tool in recipe.tools:
            role.hold(tool, _load(tool.factory))
        return role  # type: ignore[no-any-return]


def main(crash_file: int | None) -> None:
    """Answer questions until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's business
    if crash_file is None:
        faulthandler.enable()
    else:
        _record_crashes(crash_file)
    keep_freed()
    pipe = _take_pipe()
    sandbox.settle()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each one reserves memory we limit
    link = Link(pipe)
    duty = Duty(link)
    while True:
        head, body = link.question()
        try:
            answer = duty.answer(head, body)
        except SheetfedError as error:
            link.fail(error)
        except MemoryError:
            link.fail(TooLarge("it needs more memory than there is for it"))
        except (Exception, SystemExit) as error:
            if touched_foreign_memory(error):
                raise
            link.fail(_broken(error))  # an addon may raise anything
        else:
            link.answer(answer)


def _record_crashes(file: int) -> None:
    os.set_inheritable(file, False)  # noqa: FBT003 — what a driver starts has last words of its own
    faulthandler.enable(file)
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, file)


def _take_pipe() -> Pipe:
    """Move the pipe out of reach: drivers print to 1 and read from 0."""
    reader, writer = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return Pipe(os.fdopen(reader, "rb"), writer)


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _broken(error: BaseException) -> AddonBroken:
    return AddonBroken(
        f"{type(error).__name__}: {error}",
        type=type(error).__name__,
        traceback="".join(traceback.format_exception(error))[-TEXT_LIMIT:],
    )


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else None)
    except BrokenPipeError:
        pass  # the parent is gone
    except BaseException:  # noqa: BLE001 — the last words go to stderr, which is a ring in the parent
        traceback.print_exc()
        os._exit(1)
    finally:
        os._exit(0)  # a normal end can hang in a driver's leftovers
