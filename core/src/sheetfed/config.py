"""The settings: one frozen value from TOML and environment."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetfed import keeping, layers, pipes
from sheetfed.api.errors import BadConfig
from sheetfed.disk import private_folder, takes_nothing
from sheetfed.keeping import Keeping
from sheetfed.origins import is_web_origin, origin_hint
from sheetfed.spelling import nearest
from sheetfed.tomlfiles import Layer

FILE = "sheetfed.toml"
_KEYS: Mapping[str, str] = {
    "home": "a folder",
    "port": "a number from 1 to 65535",
    "tls": "true or false",
    "tls_port": "a number from 1 to 65535",
    "strict": "true or false",
    "accounts": 'a list of accounts of this computer, as ["kiosk"]',
    "disabled": 'a list of addon names, as ["twain"]',
    **keeping.KEYS,
    "log": '"text" or "json"',
    "sites": "a table, as [sites]",
    "targets": "tables, as [targets.archive]",
    "addons": "tables, as [addons.sane]",
    "codecs": "a table of codecs by file type, as [codecs]",
    "interpreters": "a table of commands by source, as [interpreters]",
}
_LONGEST_SOCKET = 100
"""Bytes that the path of a socket may have on every system, with a little to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """The sites that the configuration decides about, by origin; nobody else may."""

    approved: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """How this service is set up.

    `origins` says for each value where it comes from, `locked` where an administrator decided,
    `notes` what has no effect; `port` is None where the service may choose among its usual ones;
    `addons`, `targets`, `codecs` and `interpreters` are compared with what is offered later.
    """

    home: Path
    runtime: Path
    file: Path | None = None
    port: int | None = None
    tls: bool = True
    tls_port: int | None = None
    strict: bool = False
    accounts: tuple[str, ...] = ()
    log: str = "text"
    disabled: tuple[str, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    sites: Sites = Sites()
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    addons: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    codecs: Mapping[str, str] = field(default_factory=dict)
    interpreters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    locked: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def store(self) -> Path:
        """Where documents and pages are."""
        return self.home / "store"

    @property
    def crashes(self) -> Path:
        """Where crash records are."""
        return self.home / "crashes"

    @property
    def logs(self) -> Path:
        """Where logs are."""
        return self.home / "logs"

    @property
    def audit(self) -> Path:
        """Where the audit log is."""
        return self.home / "audit"

    @property
    def trust(self) -> Path:
        """Where the local authority for TLS is."""
        return self.home / "trust"

    @property
    def socket(self) -> Path:
        """The socket that local tools use, on Windows the pipe."""
        if os.name == "nt":
            return pipes.named(self.home)
        return self.runtime / "sheetfed.sock"

    def place(self, *path: str) -> str:
        """Return file and line of a key, for a message about it."""
        return self.origins.get(".".join(path), str(self.file or "the configuration"))


def load(
    *,
    file: Path | None = None,
    home: Path | None = None,
    port: int | None = None,
    environ: Mapping[str, str] | None = None,
    site: Path | None = None,
) -> Config:
    """Return the configuration: arguments count before the environment, that before files.

    `site` is the folder of the administrator's files, where it is not the usual one. Nothing is
    made on disk: see `prepare`. Raises BadConfig.
    """
    environ = os.environ if environ is None else environ
    named = _first(("--config", file), ("SHEETFED_CONFIG", environ.get("SHEETFED_CONFIG")))
    asked = _first(("--home", home), ("SHEETFED_HOME", environ.get("SHEETFED_HOME")))
    path = _absolute(named[1]) if named else _usual_file(_absolute(asked[1]) if asked else None)
    laid = layers.lay(
        path,
        must_exist=named is not None,
        site=site or layers.site_folder(),
        environ=environ,
        check=_check,
    )
    values, origins = dict(laid.layer.values), dict(laid.layer.places)

    if asked:
        values["home"] = asked[1]
        origins["home"] = asked[0]
    elif "home" in values:
        values["home"] = path.parent / expanded(values["home"], origins["home"])
    chosen = _first(("--port", port), ("SHEETFED_PORT", environ.get("SHEETFED_PORT")))
    if chosen:
        if decided := layers.is_locked("port", laid.locked):
            raise BadConfig(f"{chosen[0]}: the administrator decides the port ({decided})")
        values["port"] = _port(chosen[1], chosen[0])
        origins["port"] = chosen[0]
    state = _absolute(values["home"]) if "home" in values else _usual_home()
    return Config(
        home=state,
        runtime=_runtime(state, environ),
        file=path if path.exists() else None,
        port=values.get("port"),
        tls=values.get("tls", True),
        tls_port=values.get("tls_port"),
        strict=values.get("strict", False),
        accounts=tuple(values.get("accounts", ())),
        log=values.get("log", "text"),
        disabled=tuple(values.get("disabled", ())),
        keeping=keeping.read(values, laid.layer.place),
        sites=_sites(values.get("sites", {}), laid.layer),
        targets=values.get("targets", {}),
        addons=values.get("addons", {}),
        codecs=values.get("codecs", {}),
        interpreters=_interpreters(values.get("interpreters", {}), laid.layer),
        origins=origins,
        locked=laid.locked,
        notes=laid.notes,
    )


def prepare(config: Config) -> None:
    """Make the state folders, for nobody but this account. Raises BadConfig."""
    _make(config.home)
    _check_home(config.home)
    for folder in (config.store, config.crashes, config.logs, config.runtime):
        _make(folder)
    for folder in (config.store, config.crashes, config.logs):
        private_folder(folder)
    if _is_own_folder(config.runtime):
        config.runtime.chmod(0o700)
    if not is_ours(config.runtime):
        raise BadConfig(f"{config.runtime} belongs to another account; remove it or choose --home")


def _check_home(home: Path) -> None:
    """Refuse a home in which somebody else could put other files in the place of ours."""
    facts = home.stat()
    if os.name != "nt" and facts.st_uid != os.getuid():
        raise BadConfig(
            f"{home} belongs to user {facts.st_uid}, not to user {os.getuid()}; choose --home"
        )
    if os.name != "nt" and facts.st_mode & 0o022:
        raise BadConfig(f"{home} can be written by other users: chmod go-w {home}")


def is_ours(folder: Path) -> bool:
    """Tell whether a folder is this account's alone, and no link to somebody else's."""
    return _is_own_folder(folder) and (os.name == "nt" or not folder.lstat().st_mode & 0o077)


def _is_own_folder(folder: Path) -> bool:
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and (os.name == "nt" or facts.st_uid == os.getuid())


def _first(*pairs: tuple[str, Any]) -> tuple[str, Any] | None:
    return next((pair for pair in pairs if pair[1] not in (None, "")), None)


def expanded(path: str | Path, place: str = "") -> Path:
    """Return a path whose `~` stands for a person's home. Raises BadConfig, with the place."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        where = f"{place}: " if place else ""
        raise BadConfig(f"{where}{path}: there is no such account, or it has no home") from error


def _absolute(path: str | Path) -> Path:
    return Path.cwd() / expanded(path)


def _usual_file(home: Path | None) -> Path:
    if home is not None:
        return home / FILE
    from platformdirs import user_config_path  # noqa: PLC0415 - slow, and often not needed

    return _of_account(user_config_path) / FILE


def _usual_home() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - as above

    return _of_account(user_state_path)


def _of_account(folder: Callable[..., Path]) -> Path:
    """Return one of the account's folders. Raises BadConfig."""
    with suppress(RuntimeError):  # what newer platformdirs say; older ones return `~/…`
        place = folder("sheetfed", appauthor=False)
        if place.is_absolute():
            return place
    raise BadConfig(
        "This account has no home folder", advice="Name a folder for all state with --home."
    )


def _check(layer: Layer) -> None:
    """Refuse what one layer says where it is not even the right kind. Raises BadConfig."""
    for key, value in layer.values.items():
        place = layer.place(key)
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f"did you mean '{near}'?" if near else f"known are: {', '.join(_KEYS)}"
            raise BadConfig(f"{place}: there is no setting '{key}'; {hint}")
        if not _fits(key, value):
            raise BadConfig(f"{place}: '{key}' must be {_KEYS[key]}, not {value!r}")
    for kind in ("addons", "targets"):
        for name, values in layer.values.get(kind, {}).items():
            if not isinstance(values, dict):
                place = layer.place(kind, name)
                raise BadConfig(f"{place}: '{kind}.{name}' must be a table, as [{kind}.{name}]")
    keeping.read(layer.values, layer.place)
    _sites(layer.values.get("sites", {}), layer)


def _sites(table: Mapping[str, Any], layer: Layer) -> Sites:
    """Return what the table says about sites. Raises BadConfig."""
    decided: dict[str, str] = {}
    for key, origins in table.items():
        place = layer.place("sites", key)
        if key not in ("approved", "blocked"):
            raise BadConfig(f"{place}: there is no setting 'sites.{key}'; known: approved, blocked")
        if not isinstance(origins, list):
            raise BadConfig(f"{place}: 'sites.{key}' must be a list of origins, not {origins!r}")
        for origin in origins:
            if not isinstance(origin, str) or not is_web_origin(origin):
                hint = origin_hint(str(origin))
                raise BadConfig(f"{place}: {origin!r} is no origin of a site; {hint}")
            if decided.setdefault(origin, key) != key:
                raise BadConfig(f"{place}: {origin} is approved and blocked")
    return Sites(
        approved=tuple(origin for origin, key in decided.items() if key == "approved"),
        blocked=tuple(origin for origin, key in decided.items() if key == "blocked"),
    )


def _interpreters(table: Mapping[str, Any], layer: Layer) -> dict[str, tuple[str, ...]]:
    """Return the command that starts each source's interpreter. Raises BadConfig."""
    for source, command in table.items():
        words = command if isinstance(command, list) else []
        if not words or not all(isinstance(word, str) and word for word in words):
            place = layer.place("interpreters", source)
            raise BadConfig(
                f"{place}: 'interpreters.{source}' must be a list of words, the program first, not"
                f" {command!r}"
            )
    return {source: tuple(command) for source, command in table.items()}


def _fits(key: str, value: object) -> bool:
    match key:
        case "home":
            fits = isinstance(value, str) and value != "" and "\0" not in value
        case "port" | "tls_port":
            fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536
        case "strict" | "tls":
            fits = isinstance(value, bool)
        case "log":
            fits = value in ("text", "json")
        case "disabled" | "accounts":
            fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
        case "retention" | "key":
            fits = True  # `keeping` looks
        case _:
            fits = isinstance(value, dict)
    return fits


def _port(value: object, origin: str) -> int:
    try:
        port = int(str(value))
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise BadConfig(f"{origin}: 'port' must be {_KEYS['port']}, not {value!r}")
    return port


def _runtime(home: Path, environ: Mapping[str, str]) -> Path:
    """Return a folder whose path is short enough for a socket in it."""
    folder = home / "run"
    if os.name == "nt" or len(os.fsencode(folder / "sheetfed.sock")) <= _LONGEST_SOCKET:
        return folder
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    short = Path(environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if len(os.fsencode(short)) > _LONGEST_SOCKET - 40:
        short = Path("/tmp")  # noqa: S108 - the folder's owner and mode are checked
    return short / f"sheetfed-{name}"


def _make(folder: Path) -> None:
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise BadConfig(f"{folder}: a file stands where a folder is needed") from error
    except NotADirectoryError as error:
        raise BadConfig(f"{folder}: a file stands where a folder is needed") from error
    except OSError as error:
        raise BadConfig(f"{folder}: the folder cannot be made: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        if takes_nothing(folder):
            raise BadConfig(f"{folder}: its disk is mounted so that it can only be read")
        raise BadConfig(f"{folder}: this account may not read and write this folder")
