"""The hooks of an addon, and the specs they return.

A hook only describes: it is quick, has no side effect and imports no native library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pluggy

from sheetfed.api.model import Option

CONTRACT = 1
"""The contract's major version; an addon is found through the entry-point group `sheetfed.v1`."""

hookspec = pluggy.HookspecMarker("sheetfed")
hookimpl = pluggy.HookimplMarker("sheetfed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is offered: its name, and the class (`module:Class`) that does it."""

    name: str
    title: str
    factory: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec(Spec):
    """A way to reach devices.

    `platforms` are those of `sys.platform` on which it works in the service's own interpreter, None
    for all. Elsewhere it needs one of its own, which the configuration names under `interpreters`.
    """

    platforms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What people call a media type, and how its files are told from others.

    `endings` are those of file names, without a dot, the usual one first. `signs` are regular
    expressions for a file's first bytes; without one no file is taken for this type, whatever its
    name. `many` says that a file may hold more than one page, `gathers` that any number of pages is
    written into one. `options` names those of the codec's options that matter when it is written,
    None for all.
    """

    media_type: str
    title: str
    endings: tuple[str, ...]
    signs: tuple[bytes, ...] = ()
    many: bool = False
    gathers: bool = False
    options: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecSpec(Spec):
    """Formats, as media types, that are read and written, and what people call them.

    `options` can be asked when a file is written, `reading` when one is opened: a password, the
    resolution of what has none. `copies` are types whose untouched pages `encode` takes out of the
    file that they came in, see `Origin`. `takes` are types of pages that `encode` is given as they
    were kept, beside those it reads, JPEG and PNG. `passes` are types that stand as they are in
    files that it writes: of an untouched page `encode` is given the beginning, see `Files.copy`.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    formats: tuple[Format, ...] = ()
    reading: tuple[Option, ...] = ()
    copies: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec(Spec):
    """Something that looks at each page on its way in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSpec(Spec):
    """A kind of place that documents go to: a protocol.

    `options` are the keys of a `[targets.NAME]` table, `fields` what each delivery is asked for.
    With `in_service` the class's methods are coroutines and run in the service's own loop, where
    nothing may block; else it has a child process to itself.
    """

    fields: tuple[Option, ...] = ()
    in_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSpec(Spec):
    """A change to a picture that a page remembers.

    One that `hides` covers what is not to be seen: while it is in force, nobody is given the page
    without it.
    """

    hides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAppSpec(Spec):
    """An HTTP interface behind the guard, under `/addons/NAME/` or alone on a port.

    `auth`: "token" as everywhere; "origin" for protocols whose clients cannot carry one, which is
    weaker: the pages of approved sites are let in, and, where an option `programs` of the app is on
    and the system tells whose they are, programs of this account, as the person. `tls_port` is the
    port's twin. Options `port` and `tls_port` of the app stand above these, or, where an addon has
    several apps, `NAME-port` and `NAME-tls-port`; one whose option `enabled` is off is not there.
    `headers`: what its pages may send beside ours. `credentials`: pages may ask with `credentials:
    "include"`, for clients that do without need; only with "origin" and a port of its own, and no
    cookie is ever looked at. `public`: paths that anybody but a page of another site may read.
    `rival`: who else may be at the port, for the message where it is taken.
    """

    auth: Literal["token", "origin"] = "token"
    port: int | None = None
    tls_port: int | None = None
    headers: tuple[str, ...] = ()
    credentials: bool = False
    public: tuple[str, ...] = ()
    rival: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec(Spec):
    """One more word of the command line."""


@hookspec
def sheetfed_sources() -> Iterable[SourceSpec]:  # type: ignore[empty-body]
    """Return the ways to reach devices that the addon brings."""


@hookspec
def sheetfed_codecs() -> Iterable[CodecSpec]:  # type: ignore[empty-body]
    """Return the formats that the addon reads or writes."""


@hookspec
def sheetfed_steps() -> Iterable[StepSpec]:  # type: ignore[empty-body]
    """Return the steps that the addon can take with a page."""


@hookspec
def sheetfed_targets() -> Iterable[TargetSpec]:  # type: ignore[empty-body]
    """Return the kinds of places that the addon delivers to."""


@hookspec
def sheetfed_edits() -> Iterable[EditSpec]:  # type: ignore[empty-body]
    """Return the changes to a picture that the addon knows."""


@hookspec
def sheetfed_webapps() -> Iterable[WebAppSpec]:  # type: ignore[empty-body]
    """Return the HTTP interfaces that the addon answers."""


@hookspec
def sheetfed_commands() -> Iterable[CommandSpec]:  # type: ignore[empty-body]
    """Return the words that the addon adds to the command line."""
