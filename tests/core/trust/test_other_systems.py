"""macOS and Windows: what their programs are asked, word for word.

The programs stand here as recorders; nobody has run this on those systems yet.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from sheetfed.trust import authority, programs
from sheetfed.trust.macos import Keychain, keychains
from sheetfed.trust.stores import Root, read_root
from sheetfed.trust.windows import SystemStore, system_stores

RECORDER = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__)
files = [pathlib.Path(word) for word in sys.argv[1:]]
said = [file.read_text() if file.is_file() else str(file) for file in files]
with here.with_suffix(".calls").open("a") as calls:
    print(json.dumps(said), file=calls)
answers = json.loads(here.with_suffix(".answers").read_text())
code, said = answers.get(sys.argv[1], [0, ""])
print(said, file=sys.stderr if code else sys.stdout)
sys.exit(code)
"""


class Recorder:
    """A program that writes down what it is asked, files whole, and answers as it was told."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "program"
        self.file.write_text(RECORDER.format(python=sys.executable))
        self.file.chmod(0o700)
        self.answer({})

    def answer(self, answers: dict[str, Any]) -> None:
        """Say what comes back for each first word: exit code and text."""
        self.file.with_suffix(".answers").write_text(json.dumps(answers))

    @property
    def calls(self) -> list[list[str]]:
        """What was asked since the last time."""
        calls = self.file.with_suffix(".calls")
        if not calls.exists():
            return []
        said = [json.loads(line) for line in calls.read_text().splitlines()]
        calls.unlink()
        return said


@pytest.fixture
def program(tmp_path: Path) -> Recorder:
    """The recorder."""
    return Recorder(tmp_path)


@pytest.fixture
def older(tmp_path: Path) -> Root:
    """A root of ours from before."""
    authority.make(tmp_path / "older")
    return read_root(tmp_path / "older")


def sha1(root: Root) -> str:
    """Return what both systems name a certificate by."""
    return hashlib.sha1(root.der).hexdigest()


NONE = [44, "security: SecKeychainSearchCopyNext: The specified item could not be found."]


@pytest.mark.parametrize(("everybody", "admin"), [(False, []), (True, ["-d"])])
def test_macos_is_asked_to_trust_for_tls_only(
    program: Recorder, root: Root, *, everybody: bool, admin: list[str]
) -> None:
    keychain = Keychain(
        name="k", file=Path("/k/login"), for_everybody=everybody, program=program.file
    )
    program.answer({"find-certificate": NONE})
    pem = root.pem.decode()

    done = keychain.install(root)

    assert done.state == "trusted"
    assert program.calls == [
        ["find-certificate", "-a", "-c", "sheetfed loopback root", "-p", "/k/login"],
        ["add-trusted-cert", *admin, *("-r", "trustRoot", "-p", "ssl", "-k", "/k/login", pem)],
    ]


def test_macos_is_asked_to_forget_trust_and_certificate(
    program: Recorder, root: Root, older: Root
) -> None:
    """Every root of ours goes, whichever folder it came from."""
    keychain = Keychain(name="k", file=Path("/k/login"), for_everybody=False, program=program.file)
    program.answer({"find-certificate": [0, root.file.read_text() + older.file.read_text()]})
    assert keychain.status(root).state == "trusted"
    assert keychain.install(root).changed is False
    asked = program.calls

    done = keychain.remove()

    assert done.changed
    assert ["delete-certificate", "-Z", sha1(older).upper(), "/k/login"] in asked
    words = [call[0] for call in program.calls]
    assert words == ["find-certificate"] + ["remove-trusted-cert", "delete-certificate"] * 2


def test_macos_may_say_no(program: Recorder, root: Root) -> None:
    """The person closed the window that asks for the password."""
    keychain = keychains(Path("/Users/x"))[0]
    assert str(keychain.file) == "/Users/x/Library/Keychains/login.keychain-db"
    asking = Keychain(name="k", file=keychain.file, for_everybody=False, program=program.file)
    no = [1, "SecTrustSettingsSetTrustSettings: The authorization was canceled by the user."]
    program.answer({"find-certificate": NONE, "add-trusted-cert": no})

    done = asking.install(root)

    assert done.state == "refused"
    assert "canceled by the user" in done.text


@pytest.mark.parametrize(("everybody", "whose"), [(False, ["-user"]), (True, [])])
def test_windows_is_asked_to_add_and_to_delete(
    program: Recorder, root: Root, older: Root, *, everybody: bool, whose: list[str]
) -> None:
    there = [b"somebody's root", older.der]
    store = SystemStore(
        name="w", for_everybody=everybody, program=program.file, roots=lambda: there
    )
    assert store.status(root).state == "stale"

    assert store.install(root).state == "trusted"

    assert program.calls == [
        [*whose, "-delstore", "Root", sha1(older)],
        [*whose, "-addstore", "Root", root.pem.decode()],
    ]
    there[:] = [b"somebody's root", root.der]
    assert store.status(root).state == "trusted"
    assert store.remove().changed
    assert program.calls == [[*whose, "-delstore", "Root", sha1(root)]]
    there.pop()
    assert not store.remove().changed
    assert program.calls == []


def test_windows_may_say_no(program: Recorder, root: Root) -> None:
    store = SystemStore(name="w", for_everybody=True, program=program.file, roots=list)
    program.answer({"-addstore": [5, "CertUtil: Access is denied."]})

    done = store.install(root)

    assert done.state == "refused"
    assert "Access is denied" in done.text


@pytest.mark.parametrize("kind", ["macos", "windows"])
def test_what_is_trusted_is_the_certificate_that_was_looked_at(
    program: Recorder, root: Root, older: Root, kind: str
) -> None:
    """Root reads it from a person's folder; another one put there since must not be trusted."""
    before = root.pem.decode()
    root.file.unlink()
    root.file.symlink_to(older.file)
    program.answer({"find-certificate": NONE})
    store = (
        Keychain(name="k", file=Path("/k/login"), for_everybody=True, program=program.file)
        if kind == "macos"
        else SystemStore(name="w", for_everybody=True, program=program.file, roots=list)
    )

    store.install(root)

    assert program.calls[-1][-1] == before


def test_a_program_that_is_not_there_is_told(root: Root) -> None:
    (store, _) = system_stores()
    keychain = keychains(Path("/nowhere"))[0]

    assert "is not there" in store.install(root).text
    assert "is not there" in keychain.remove().text


def test_letters_that_are_none_stop_nothing(tmp_path: Path) -> None:
    """On a German Windows certutil says "hinzugef\u00fcgt" in the letters of MS-DOS."""
    program = tmp_path / "certutil"
    program.write_text("#!/bin/sh\nprintf 'hinzugef\\201gt'\n")
    program.chmod(0o700)

    assert programs.run(program) == "hinzugef\ufffdgt"
