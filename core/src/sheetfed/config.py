"""The settings: one frozen value from TOML and environment."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetfed import keeping
from sheetfed.api.errors import BadConfig
from sheetfed.disk import private_folder
from sheetfed.keeping import Keeping
from sheetfed.origins import is_web_origin, origin_hint

FILE = "sheetfed.toml"
_KEYS: Mapping[str, str] = {
    "home": "a folder",
    "port": "a number from 1 to 65535",
    "tls": "true or false",
    "tls_port": "a number from 1 to 65535",
    "strict": "true or false",
    "disabled": 'a list of addon names, as ["twain"]',
    **keeping.KEYS,
    "sites": "a table, as [sites]",
    "targets": "tables, as [targets.archive]",
    "addons": "tables, as [addons.sane]",
    "codecs": "a table of codecs by file type, as [codecs]",
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

    `origins` says for each value where it comes from; `port` is None where the service may choose
    among its usual ones; `addons`, `targets` and `codecs` are compared with what is offered later.
    """

    home: Path
    runtime: Path
    file: Path | None = None
    port: int | None = None
    tls: bool = True
    tls_port: int | None = None
    strict: bool = False
    disabled: tuple[str, ...] = ()
    keeping: Keeping = field(default_factory=Keeping)
    sites: Sites = Sites()
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    addons: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    codecs: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

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
        """The socket that local tools use."""
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
) -> Config:
    """Return the configuration; arguments win over environment, that over file, that over defaults.

    Nothing is made on disk: see `prepare`. Raises BadConfig.
    """
    environ = os.environ if environ is None else environ
    origins: dict[str, str] = {}
    named = _first(("--config", file), ("SHEETFED_CONFIG", environ.get("SHEETFED_CONFIG")))
    asked = _first(("--home", home), ("SHEETFED_HOME", environ.get("SHEETFED_HOME")))
    path = _absolute(named[1]) if named else _usual_file(_absolute(asked[1]) if asked else None)
    table, lines = _read(path, must_exist=named is not None)
    values = _checked(table, path, lines)
    for key, line in lines.items():
        origins[key] = f"{path}, line {line}"

    if asked:
        values["home"] = asked[1]
        origins["home"] = asked[0]
    elif "home" in values:
        values["home"] = path.parent / Path(values["home"]).expanduser()
    chosen = _first(("--port", port), ("SHEETFED_PORT", environ.get("SHEETFED_PORT")))
    if chosen:
        values["port"] = _port(chosen[1], chosen[0])
        origins["port"] = chosen[0]
    state = _absolute(values["home"]) if "home" in values else _usual_home()
    return Config(
        home=state,
        runtime=_runtime(state, environ),
        file=path if table or path.exists() else None,
        port=values.get("port"),
        tls=values.get("tls", True),
        tls_port=values.get("tls_port"),
        strict=values.get("strict", False),
        disabled=tuple(values.get("disabled", ())),
        keeping=keeping.read(values, lambda key: _place(key, path, lines)),
        sites=_sites(values.get("sites", {}), path, lines),
        targets=values.get("targets", {}),
        addons=values.get("addons", {}),
        codecs=values.get("codecs", {}),
        origins=origins,
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


def _absolute(path: str | Path) -> Path:
    try:
        return Path.cwd() / Path(path).expanduser()
    except RuntimeError as error:
        raise BadConfig(f"{path}: there is no such account") from error


def _usual_file(home: Path | None) -> Path:
    if home is not None:
        return home / FILE
    from platformdirs import user_config_path  # noqa: PLC0415 - slow, and often not needed

    return user_config_path("sheetfed", appauthor=False) / FILE


def _usual_home() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - as above

    return user_state_path("sheetfed", appauthor=False)


def _read(path: Path, *, must_exist: bool) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the file's table, and the line of each of its keys."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        if must_exist:
            raise BadConfig(f"{path}: there is no such file") from error
        return {}, {}
    except NotADirectoryError as error:
        raise BadConfig(f"{path}: a file stands where a folder is needed") from error
    except OSError as error:
        raise BadConfig(f"{path}: it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadConfig(f"{path}, line {line}: this is not UTF-8 text") from error
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as error:
        words, line = _toml_fault(str(error), text)
        raise BadConfig(f"{path}, line {line}: {words}; {_toml_hint(text, line)}") from error
    except RecursionError as error:
        raise BadConfig(f"{path}: it is nested too deeply") from error


def _toml_fault(message: str, text: str) -> tuple[str, int]:
    found = re.search(r"^(.*) \(at line (\d+), column \d+\)$", message)
    if found:
        return found[1], int(found[2])
    return message.removesuffix(" (at end of document)"), max(1, len(text.splitlines()))


def _toml_hint(text: str, line: int) -> str:
    lines = text.splitlines()
    written = lines[line - 1].strip() if line <= len(lines) else ""
    if re.match(r"[\w.-]+\s*:", written):
        return "write `key = value`"
    if re.match(r"[\w.-]+\s*=\s*[A-Za-z/~\\]", written):
        return "put text in quotes; true and false are lower-case"
    return f"the line reads: {written}"


def _lines(text: str) -> dict[str, int]:
    """Return the line of each key, as `addons.sane.binding`, as far as plain reading tells."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", line)
        if head:
            table = _plain(head[1])
            found.setdefault(table, number)
        elif key:
            found.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
    return found


def _plain(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)


def _checked(table: Mapping[str, Any], path: Path, lines: Mapping[str, int]) -> dict[str, Any]:
    for key, value in table.items():
        place = f"{path}, line {lines[key]}" if key in lines else str(path)
        if key not in _KEYS:
            near = difflib.get_close_matches(key, [*_KEYS], n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(_KEYS)}"
            raise BadConfig(f"{place}: there is no setting '{key}'; {hint}")
        if not _fits(key, value):
            raise BadConfig(f"{place}: '{key}' must be {_KEYS[key]}, not {value!r}")
    for kind in ("addons", "targets"):
        for name, values in table.get(kind, {}).items():
            if not isinstance(values, dict):
                place = f"{path}, line {lines.get(f'{kind}.{name}', lines.get(kind, 1))}"
                raise BadConfig(f"{place}: '{kind}.{name}' must be a table, as [{kind}.{name}]")
    return dict(table)


def _sites(table: Mapping[str, Any], path: Path, lines: Mapping[str, int]) -> Sites:
    """Return what the table says about sites. Raises BadConfig."""
    decided: dict[str, str] = {}
    for key, origins in table.items():
        place = f"{path}, line {lines.get(f'sites.{key}', lines.get('sites', 1))}"
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


def _fits(key: str, value: object) -> bool:
    match key:
        case "home":
            return isinstance(value, str) and value != "" and "\0" not in value
        case "port" | "tls_port":
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536
        case "strict" | "tls":
            return isinstance(value, bool)
        case "disabled":
            return isinstance(value, list) and all(isinstance(name, str) for name in value)
        case "retention" | "key":
            return True  # `keeping` looks
        case _:
            return isinstance(value, dict)


def _place(key: str, path: Path, lines: Mapping[str, int]) -> str:
    line = lines.get(key) or lines.get(key.partition(".")[0])
    return f"{path}, line {line}" if line else str(path)


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
    if len(os.fsencode(folder / "sheetfed.sock")) <= _LONGEST_SOCKET:
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
        raise BadConfig(f"{folder}: this account may not read and write this folder")
