"""What every step must prove."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from sheetfed.api.contracts import Step
from sheetfed.api.errors import SheetfedError
from sheetfed.api.model import Box, Mark, Page, Proposal, Settings
from sheetfed.testing.factory import make
from sheetfed.testing.pages import check_page, drawn_page
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Recipe

EARLIER = Mark(
    kind="barcode",
    value="earlier",
    by="another-step",
    box=Box(left=1, top=2, width=3, height=4),
    corners=((1, 2), (4, 2), (4, 6), (1, 6)),
    details={"format": "code-128"},
)


EARLIER_EDIT = Proposal(name="rotate", options={"angle": 90.0})


class StepContract:
    """Inherit it, and override `factory`; `changes_data` where it makes other pictures."""

    @pytest.fixture
    def factory(self) -> str:
        """Return the step's class as `module:Class`."""
        raise NotImplementedError("override the fixture `factory`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return what the class is made with."""
        return {}

    @pytest.fixture
    def changes_data(self) -> bool:
        """Whether the step may change a page's picture."""
        return False

    @pytest.fixture
    def page(self) -> Page:
        """Return a page that the step keeps."""
        return drawn_page()

    @pytest.fixture
    def step(self, factory: str, settings: Settings) -> Step:
        """Return the step."""
        return make(factory, settings, Step)

    def test_earlier_marks_are_kept(self, step: Step, page: Page) -> None:
        """Another step found them, and a third one acts on them."""
        found = list(step.apply(replace(page, marks=(*page.marks, EARLIER))))
        assert found, "the step drops the page; override `page` with one that it keeps"
        for kept in found:
            assert EARLIER in kept.marks, "an earlier mark was lost"

    def test_earlier_edits_are_kept(self, step: Step, page: Page) -> None:
        """Another step proposed them."""
        for kept in step.apply(replace(page, edits=(EARLIER_EDIT,))):
            assert EARLIER_EDIT in kept.edits, "an earlier step's edit was lost"

    def test_new_marks_say_whose_they_are(self, step: Step, page: Page) -> None:
        """Two steps may disagree."""
        for kept in step.apply(page):
            for mark in kept.marks:
                assert mark.kind, f"{mark} has no kind"
                assert mark.by, f"{mark} does not say who found it"

    def test_the_picture_is_left_alone(self, step: Step, page: Page, changes_data: bool) -> None:  # noqa: FBT001
        """What came from the device is kept byte for byte, unless a step is there to change it."""
        for kept in step.apply(page):
            check_page(kept)
            assert changes_data or (kept.data, kept.media_type) == (page.data, page.media_type), (
                "the step changed the picture"
            )

    def test_the_same_page_gives_the_same_result(self, step: Step, page: Page) -> None:
        """A page is not judged by those before it."""
        assert list(step.apply(page)) == list(step.apply(page))

    def test_a_damaged_page_raises_only_typed_errors(self, step: Step, page: Page) -> None:
        """It is let through or refused by name."""
        try:
            list(step.apply(replace(page, data=page.data[:50])))
        except SheetfedError:
            return

    def test_it_works_behind_the_worker(
        self, factory: str, settings: Settings, page: Page, tmp_path: Path
    ) -> None:
        """In a process of its own, with the same result."""

        async def apply() -> list[Page]:
            recipe = Recipe(kind="step", name="contract", factory=factory, settings=settings)
            worker = Worker(recipe, crashes=tmp_path)
            try:
                return await worker.apply(page)
            finally:
                await worker.close()

        assert asyncio.run(apply()) == list(make(factory, settings, Step).apply(page))
