"""NSS databases: where Chromium and Firefox look on Linux."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetfed.postmortem import command, examine
from sheetfed.trust.stores import Finding, Root, State, finding

_MODULE = "sheetfed.trust.nss"

LIMIT = 30.0
"""Seconds that a database may keep us waiting; its browser may hold it for a moment."""

PASSED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
"""What another person's child is told of our environment: they can read all of it in /proc."""

REASONS: Mapping[str, tuple[str, str]] = {
    "SEC_ERROR_TOKEN_NOT_LOGGED_IN": (
        "a primary password guards it",
        "Import {root} by hand: the browser's settings, certificates, authorities, for websites.",
    ),
    "SEC_ERROR_READ_ONLY": ("it cannot be written", "Give this account the right to write it."),
    "no-library": ("libnss3 is not installed", "Install the package libnss3 (Fedora: nss)."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose databases they are."""

    home: Path
    uid: int | None = None
    gid: int | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database of one account."""

    name: str
    folder: Path
    account: Account
    restart: str

    for_everybody = False

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self.folder)

    def install(self, root: Root) -> Finding:
        """Trust this root and no older one of ours."""
        before = self._ask("list") if self._exists() else {"roots": []}
        if self._state(before, root) == "trusted" and len(before["roots"]) == 1:
            return finding(self, "trusted", "it was there already")
        if not self._exists():
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                return finding(self, "refused", f"it cannot be made: {error.strerror}")
        answer = self._ask("add", root.der)
        if "error" in answer:
            self._forget_what_we_made()
            return self._refused(answer["error"], root)
        text = "an older root of ours was replaced" if answer["gone"] else "the root was added"
        return finding(self, "trusted", f"{text}{self.restart}", changed=True)

    def remove(self) -> Finding:
        """Let nothing of ours stay."""
        if not self._exists():
            return finding(self, "missing", "nothing of ours was there")
        before = self._ask("list")
        if not before.get("roots") and "error" not in before:
            self._forget_what_we_made()
            return finding(self, "missing", "nothing of ours was there")
        answer = self._ask("remove")
        if "error" in answer:
            return self._refused(answer["error"], None)
        self._forget_what_we_made()
        return finding(self, "missing", "the root was removed", changed=True)

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        if not self._exists():
            return finding(self, "missing", "there is no database yet")
        answer = self._ask("list")
        if "error" in answer:
            return self._refused(answer["error"], root)
        texts: Mapping[State, str] = {
            "trusted": "the root is trusted",
            "stale": "it trusts an older root of ours",
            "missing": "the root is not there",
        }
        state = self._state(answer, root)
        return finding(self, state, texts[state])

    def _is_anothers(self) -> bool:
        return self.account.uid is not None and self.account.uid != os.getuid()

    def _exists(self) -> bool:
        return (self.folder / "cert9.db").exists()

    def _ask(self, action: str, der: bytes = b"") -> dict[str, Any]:
        """Return what the child answers, which acts as the account that the database belongs to."""
        rights: dict[str, Any] = {}
        if self._is_anothers():
            rights = {
                "user": self.account.uid,
                "group": self.account.gid,
                "extra_groups": [],
                "env": {name: os.environ[name] for name in PASSED if name in os.environ},
                "cwd": "/",
            }
        try:
            done = subprocess.run(
                command(_MODULE, action, str(self.folder)),
                input=der,
                capture_output=True,
                timeout=LIMIT,
                check=False,
                **rights,
            )
            if how := examine(_MODULE, done.returncode, done.stderr):
                return {"error": how}
            return _checked(json.loads(done.stdout))
        except (OSError, subprocess.TimeoutExpired, ValueError, RecursionError) as error:
            return {"error": type(error).__name__}

    def _state(self, answer: Mapping[str, Any], root: Root | None) -> State:
        roots = answer.get("roots", [])
        ours = [each for each in roots if root and each["der"] == root.der.hex()]
        if ours and ours[0]["trusted"]:
            return "trusted"
        return "stale" if roots else "missing"

    def _forget_what_we_made(self) -> None:
        """Delete a database that holds nothing and that no browser has used.

        We make none of the lists of modules that every other program makes with it.
        """
        if self._is_anothers() or {file.name for file in self.folder.iterdir()} - {
            "cert9.db",
            "key4.db",
        }:
            return
        if self._exists() and self._ask("list").get("count") != 0:
            return
        for name in ("cert9.db", "key4.db"):
            (self.folder / name).unlink(missing_ok=True)
        for folder in (self.folder, self.folder.parent):  # nssdb, and pki above it
            try:
                folder.rmdir()
            except OSError:  # something else is in it
                return

    def _refused(self, error: str, root: Root | None) -> Finding:
        fallback = (f"the database cannot be used ({error})", "Close the browser, then try again.")
        text, advice = REASONS.get(error, fallback)
        return finding(
            self, "refused", text, advice=advice.format(root=root.file if root else "the root")
        )


def _checked(answer: Any) -> dict[str, Any]:
    """Return an answer that is whole. Raises ValueError: its person may have put it there."""
    match answer:
        case {"error": str(error)} if re.fullmatch("[A-Za-z0-9_ -]{1,80}", error):
            return {"error": error}
        case {"roots": list(roots), "gone": int(), "count": int()}:
            if all(_is_root(each) for each in roots):
                return dict(answer)
    raise ValueError("not what the child says")


def _is_root(each: object) -> bool:
    match each:
        case {"der": str(), "trusted": bool()}:
            return True
    return False
