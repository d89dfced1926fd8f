"""Tells how a scan goes: as a bar, as lines, as JSON."""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from sheetfed.api.errors import SheetfedError
from sheetfed.cli import faults

if TYPE_CHECKING:  # slow, and only a terminal needs it
    from rich.progress import Progress


class Teller:
    """Everything that a person or a program hears about one scan; this one tells only errors."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hush()

    def hush(self) -> None:
        """Take away what moves, so that text can follow."""

    def started(self, job: dict[str, Any]) -> None:
        """Tell that the job is there."""

    def moved(self, job: dict[str, Any]) -> None:
        """Tell that the job is a little further."""

    def page(self, page: dict[str, Any]) -> None:
        """Tell that one more page is safe."""

    def note(self, text: str) -> None:
        """Tell something that only a person needs."""

    def ask(self, job: dict[str, Any], error: SheetfedError) -> str | None:
        """Return what is to become of a paused job; None where nobody can be asked."""
        del job, error
        return None

    def ended(self, job: dict[str, Any], files: list[str]) -> None:
        """Say where the pages are; in silence, only if they would be lost from sight."""
        if job["state"] != "done" or not files:
            self._tell_places(job, files)

    def failed(self, error: SheetfedError) -> None:
        """Tell why the job did not end as it should."""
        self.hush()
        faults.show(error, verbose=self._verbose)

    def _tell_places(self, job: dict[str, Any], files: list[str]) -> None:
        self.hush()
        print(_places(job, files), file=sys.stderr)


class LineTeller(Teller):
    """One line for what stays."""

    def note(self, text: str) -> None:
        """Tell it."""
        self.hush()
        print(text, file=sys.stderr)

    def ended(self, job: dict[str, Any], files: list[str]) -> None:
        """Say where the pages are."""
        self._tell_places(job, files)


class JsonTeller(Teller):
    """One JSON object a line on standard output."""

    def started(self, job: dict[str, Any]) -> None:
        """Tell the job."""
        self._tell("started", job=job)

    def moved(self, job: dict[str, Any]) -> None:
        """Tell the job."""
        self._tell("job", job=job)

    def page(self, page: dict[str, Any]) -> None:
        """Tell the page."""
        self._tell("page", page=page)

    def ended(self, job: dict[str, Any], files: list[str]) -> None:
        """Tell the job and its files."""
        self._tell("ended", job=job, files=files)

    def failed(self, error: SheetfedError) -> None:
        """Tell the error, to the program and to the person."""
        self._tell("error", code=error.code, message=error.message, details=error.details)
        super().failed(error)

    def _tell(self, event: str, **facts: Any) -> None:
        # In one piece: who is interrupted here must not leave a line without its end.
        sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
        sys.stdout.flush()


class BarTeller(LineTeller):
    """A bar for the page that is coming, and questions when the paper stops."""

    def __init__(self, *, verbose: bool, color: bool) -> None:
        super().__init__(verbose=verbose)
        self._asked: SheetfedError | None = None
        self._color = color
        self._bar: Progress | None = None

    def moved(self, job: dict[str, Any]) -> None:
        """Move the bar."""
        if self._bar is None:
            self._bar = self._make()
        done = job["done"]
        self._bar.update(
            self._bar.task_ids[0],
            description=f"Page {job['pages'] + 1}",
            activity=faults.clean(job["activity"]),
            total=None if done is None else 1.0,
            completed=done or 0.0,
        )
        self._bar.start()

    def hush(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def ask(self, job: dict[str, Any], error: SheetfedError) -> str | None:
        """Ask the person."""
        self._asked = error
        self.hush()
        faults.show(error, verbose=False)
        print(f"{_count(job['pages'])} safe so far.", file=sys.stderr)
        letters = {"c": "continue", "k": "keep", "d": "discard"}
        answer = click.prompt(
            "[c]ontinue, [k]eep these pages and end, or [d]iscard them?",
            type=click.Choice([*letters, *letters.values()], case_sensitive=False),
            show_choices=False,
            default="continue",
            err=True,
        )
        return letters.get(answer, answer)

    def failed(self, error: SheetfedError) -> None:
        """Tell why, unless that is what the person was asked about."""
        if error is not self._asked:
            super().failed(error)

    def _make(self) -> Progress:
        from rich.console import Console  # noqa: PLC0415 - slow: not before the paper moves
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[activity]}", markup=False),
            console=Console(stderr=True, no_color=not self._color),
            transient=True,
        )
        bar.add_task("", activity="", total=None)
        return bar


def teller_for(*, as_json: bool, verbosity: int, color: bool) -> Teller:
    """Return the teller that fits who listens."""
    verbose = verbosity > 0
    if as_json:
        return JsonTeller(verbose=verbose)
    if verbosity < 0:
        return Teller()
    if sys.stderr.isatty() and sys.stdin.isatty():
        return BarTeller(verbose=verbose, color=color)
    return LineTeller(verbose=verbose)


def _places(job: dict[str, Any], files: list[str]) -> str:
    if not job["pages"]:
        return "No page was kept."
    document = job["document"]
    if len(job["documents"]) > 1:
        kept = f"kept as {len(job['documents'])} documents: {', '.join(job['documents'])}."
        shown = f"in {files[0]} to {files[-1]}, " if files else ""
        return f"{_count(job['pages'])} {shown}{kept}"
    if not files:
        save = f"`sheetfed documents save {document} FILE` writes a file."
        return f"{_count(job['pages'])} kept as {document}; {save}"
    shown = files[0] if len(files) == 1 else f"{files[0]} to {files[-1]}"
    return f"{_count(job['pages'])} in {shown}, kept as {document}."


def _count(pages: int) -> str:
    return "1 page is" if pages == 1 else f"{pages} pages are"
