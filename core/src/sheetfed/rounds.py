"""Rounds: pages that are kept take steps when asked to.

A round is told as it goes and can be stopped; it dies with the service, and what its pages took by
then stays. Pages are looked at as they are shown; marks of the same steps from before are replaced.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

from sheetfed.afterlife import bare
from sheetfed.api.errors import NotFound, SheetfedError, TooMany
from sheetfed.documents import Documents
from sheetfed.edits import Edits
from sheetfed.events import Event, Events
from sheetfed.ledger import MOST_PROBLEMS, StepProblem, problem_data
from sheetfed.stepping import Stepping
from sheetfed.steps import Steps, StepWish
from sheetfed.store import order
from sheetfed.store.order import Chosen

log = logging.getLogger(__name__)

State = Literal["running", "done", "failed", "cancelled"]

MOST_AT_ONCE = 4
"""Rounds of one owner that go on at the same time."""

MOST_KEPT = 200
"""Rounds of one owner that are over and can still be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round as it stands now; `pages` is how many it takes, `done` how many are through."""

    id: str
    owner: str
    document: str
    steps: tuple[StepWish, ...]
    pages: int
    created: float
    state: State = "running"
    done: int = 0
    problems: tuple[StepProblem, ...] = ()
    error: SheetfedError | None = None
    version: int = 0


def round_data(one: Round) -> dict[str, Any]:
    """Return the round as clients are told of it."""
    return {
        "id": one.id,
        "state": one.state,
        "document": one.document,
        "steps": [asdict(step) for step in one.steps],
        "pages": one.pages,
        "done": one.done,
        "problems": [
            {
                "page": problem.page,
                "step": problem.step,
                "error": problem_data(problem.error, owner=one.owner),
            }
            for problem in one.problems
        ],
        "error": None if one.error is None else problem_data(one.error, owner=one.owner),
        "version": one.version,
        "created": one.created,
    }


class Rounds:
    """Starts, watches and ends rounds."""

    def __init__(self, *, documents: Documents, steps: Steps, edits: Edits, events: Events) -> None:
        self._documents = documents
        self._steps = steps
        self._edits = edits
        self._events = events
        self._running: dict[str, _Going] = {}
        self._over: dict[str, Round] = {}

    async def start(
        self,
        owner: str,
        document_id: str,
        wishes: Sequence[Mapping[str, Any]],
        pages: Chosen = "all",
    ) -> Round:
        """Have pages of a document take steps; returns at once.

        Raises NotFound, BadRequest, AddonMissing, BadSettings, TooMany.
        """
        steps = self._steps.checked(wishes)
        document = await self._documents.get(owner, document_id)
        chosen = order.chosen(document.pages, pages)
        await self._steps.tried(steps)
        mine = sum(going.now.owner == owner for going in self._running.values())
        if mine >= MOST_AT_ONCE:
            raise TooMany(f"{mine} rounds of steps go on already")
        one = Round(
            id=f"round_{secrets.token_urlsafe(16)}",
            owner=owner,
            document=document.id,
            steps=steps,
            pages=len(chosen),
            created=time.time(),
        )
        stepping = partial(
            Stepping,
            self._documents,
            owner=owner,
            job=one.id,
            walk=partial(self._steps.walk, steps, document.id),
            replaces=frozenset(step.name for step in steps),
            edits=self._edits,
            shown=True,
        )
        going = self._running[one.id] = _Going(one, stepping, self._events)
        going.begin(chosen, partial(self._end, one.id))
        return going.now

    async def get(self, owner: str, round_id: str) -> Round:
        """Return a round as it stands now. Raises NotFound."""
        going = self._running.get(round_id)
        found = going.now if going else self._over.get(round_id)
        if found is None or found.owner != owner:
            raise NotFound(f"There is no round {round_id!r}")
        return found

    async def cancel(self, owner: str, round_id: str) -> Round:
        """Stop a round; pages that are through keep what they took. Safe twice."""
        await self.get(owner, round_id)
        if going := self._running.get(round_id):
            await going.cancel()
        return await self.get(owner, round_id)

    def documents_in_use(self) -> set[str]:
        """Return the documents whose pages take steps."""
        return {going.now.document for going in self._running.values()}

    async def close(self) -> None:
        """Stop every round."""
        await asyncio.gather(*(going.cancel() for going in [*self._running.values()]))

    def _end(self, round_id: str) -> None:
        one = self._over[round_id] = self._running.pop(round_id).now
        mine = [known for known, other in self._over.items() if other.owner == one.owner]
        for oldest in mine[:-MOST_KEPT]:
            del self._over[oldest]


class _Going:
    """A round that goes on."""

    def __init__(self, one: Round, stepping: Callable[..., Stepping], events: Events) -> None:
        self.now = one
        self._events = events
        self._cancelled = False
        self._task: asyncio.Task[None] | None = None
        self._stepping = stepping(stepped=self._note_stepped, failed=self._note_problem)

    def begin(self, pages: Sequence[str], over: Any) -> None:
        """Take the pages through."""
        self._change()
        self._task = asyncio.create_task(self._go(pages), name=self.now.id)
        self._task.add_done_callback(lambda _: over())

    async def cancel(self) -> None:
        """Stop. Safe twice."""
        self._cancelled = True
        await self._stepping.stop()
        if self._task:
            await asyncio.wait([self._task])

    async def _go(self, pages: Sequence[str]) -> None:
        try:
            for page in pages:
                self._stepping.add(page)
            await self._stepping.finish()
        except SheetfedError as error:  # what the store refused: a full disk
            self._change(state="failed", error=bare(error))
        except Exception as error:  # a disk that fails: who waits for the end must hear of it
            log.exception("round %s failed", self.now.id)
            self._change(state="failed", error=SheetfedError(repr(error)))
        else:
            self._change(state="cancelled" if self._cancelled else "done")
        finally:
            await self._stepping.stop()

    async def _note_stepped(self, more: int) -> None:
        del more
        self._change(done=self.now.done + 1)

    async def _note_problem(self, problem: StepProblem) -> None:
        problems = (*self.now.problems, problem)[:MOST_PROBLEMS]
        self._change(done=self.now.done + 1, problems=problems)

    def _change(self, **changes: Any) -> None:
        self.now = replace(self.now, version=self.now.version + 1, **changes)
        told = round_data(self.now)
        at, owner = time.time(), self.now.owner
        self._events.publish([Event(number=0, topic="round", data=told, at=at, owner=owner)])
