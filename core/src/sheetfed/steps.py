"""Steps, by name: checked, then taken with pages.

What a step looks at was captured from anywhere. Its children sit in boxes, belong to one job and
end with it, so that none ever sees somebody else's pages.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sheetfed.api.errors import (
    AddonBroken,
    AddonMissing,
    BadSettings,
    DriverLied,
    SheetfedError,
)
from sheetfed.api.hooks import StepSpec
from sheetfed.api.model import Option, Page, PageInfo, Settings
from sheetfed.wishes import fitting, pointed
from sheetfed.worker.files import File, Held
from sheetfed.worker.parent import MOST_PAGES, Worker
from sheetfed.worker.wire import Deadlines, Recipe

log = logging.getLogger(__name__)

PATIENCE = Deadlines(grace=0.3)
"""A step has nothing to put in order before it is stopped: no paper, no file."""

MOST_TRIED = 1000
"""Wishes that are remembered as good."""


class Look(Protocol):
    """Says what a file of a document holds, whatever a step says."""

    def __call__(
        self, file: File, media_type: str, *, document: str | None
    ) -> Awaitable[Sequence[PageInfo]]:
        """Return its pages. Raises Unreadable, UnsupportedType."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWish:
    """A step that pages are to take, with the options that differ from what is configured."""

    name: str
    options: Settings = field(default_factory=dict)


class Steps:
    """The steps that installed addons bring."""

    def __init__(
        self,
        recipes: Mapping[str, Recipe],
        *,
        specs: Mapping[str, StepSpec],
        crashes: Path,
        package_for: Callable[[str, str], str | None],
        look: Look,
        deadlines: Deadlines = PATIENCE,
    ) -> None:
        self._recipes = recipes
        self._specs = specs
        self._crashes = crashes
        self._package_for = package_for
        self._look = look
        self._deadlines = deadlines
        self._tried: set[str] = set()

    def offered(self) -> Sequence[StepSpec]:
        """Return the steps, each option with the value in force; secrets stay unsaid."""
        return [replace(spec, options=self._in_force(spec)) for spec in self._specs.values()]

    def checked(self, wishes: Sequence[Mapping[str, Any]]) -> tuple[StepWish, ...]:
        """Return what a request asks for, its values as the options hold them.

        Raises AddonMissing, and BadSettings with a pointer to each value that does not fit.
        """
        return tuple(self._checked(place, wish) for place, wish in enumerate(wishes))

    async def tried(self, wishes: Sequence[StepWish]) -> None:
        """Have each step made once with the options asked for, which it may refuse.

        What no option says, such as which names a text may hold, is so told before the first page
        and not at each. Raises BadSettings with a pointer, AddonBroken.
        """
        for place, wish in enumerate(wishes):
            mark = json.dumps([wish.name, dict(wish.options)], sort_keys=True)
            if wish.options and mark not in self._tried:
                await self._try(place, wish)
                if len(self._tried) >= MOST_TRIED:
                    self._tried.clear()
                self._tried.add(mark)

    def walk(self, wishes: Sequence[StepWish], document: str | None) -> Walk:
        """Return children that take pages of a document through these steps.

        Raises AddonMissing.
        """
        workers = [(wish.name, self._worker(wish)) for wish in wishes]
        return Walk(workers, partial(self._look, document=document))

    def _worker(self, wish: StepWish) -> Worker:
        recipe = self._recipes[self._spec(wish.name).name]
        recipe = replace(recipe, settings={**recipe.settings, **wish.options})
        return Worker(recipe, crashes=self._crashes, deadlines=self._deadlines)

    async def _try(self, place: int, wish: StepWish) -> None:
        worker = self._worker(wish)
        try:
            await worker.warm()
        except BadSettings as error:
            option = str(error.details.get("option", ""))
            raise pointed(error, "step", wish.name, f"/steps/{place}/options", option) from None
        except AddonBroken as error:
            error.details["step"] = wish.name
            raise
        except SheetfedError as error:  # no process now, say; its pages will tell
            log.warning("the step %s was not tried: %s", wish.name, error)
        finally:
            await worker.close()

    def _in_force(self, spec: StepSpec) -> tuple[Option, ...]:
        settings = self._recipes[spec.name].settings
        return tuple(
            replace(option, default=None if option.kind == "secret" else settings[option.name])
            for option in spec.options
        )

    def _checked(self, place: int, wish: Mapping[str, Any]) -> StepWish:
        spec = self._spec(wish["name"])
        asked = wish.get("options") or {}
        options = fitting(spec, "step", asked, place=f"/steps/{place}/options")
        return StepWish(name=spec.name, options=options)

    def _spec(self, name: str) -> StepSpec:
        if name in self._specs:
            return self._specs[name]
        package = self._package_for("step", name)
        if package is None:
            raise AddonMissing(f"No installed addon brings the step {name!r}", step=name)
        raise AddonMissing(f"The step {name!r} comes with {package}", step=name, package=package)


class Walk:
    """One child for each step of a job. Takes one page at a time through all of them."""

    def __init__(
        self,
        workers: Sequence[tuple[str, Worker]],
        look: Callable[[File, str], Awaitable[Sequence[PageInfo]]],
    ) -> None:
        self._workers = workers
        self._look = look

    async def take(self, page: Page) -> list[Page]:
        """Return what the steps make of a page.

        What a step raises names it in its details, as `step`.
        """
        pages = [page]
        for name, worker in self._workers:
            try:
                pages = [made for one in pages for made in await self._step(worker, one)]
                if len(pages) > MOST_PAGES:
                    raise DriverLied(f"{len(pages)} pages were made of one")
            except SheetfedError as error:
                error.details["step"] = name
                raise
        return pages

    async def close(self) -> None:
        """End the children. Safe twice."""
        await asyncio.gather(*(worker.close() for _, worker in self._workers))

    async def _step(self, worker: Worker, page: Page) -> list[Page]:
        made = await worker.apply(page)
        for one in made:
            if (one.media_type, one.data) != (page.media_type, page.data):
                await self._check(one)
        return made

    async def _check(self, page: Page) -> None:
        """Hold a new picture against what the step says of it."""
        found = await self._look(Held(page.data), page.media_type)
        if [(info.width, info.height) for info in found] != [(page.width, page.height)]:
            raise DriverLied(
                f"a picture that is not the {page.width} x {page.height} {page.media_type}"
                " that was announced"
            )
        if min(page.dpi) < 0:
            raise DriverLied(f"a resolution of {page.dpi[0]:g} x {page.dpi[1]:g} dpi")
