"""Every way in which an addon can be wrong, each in a distribution of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = """
@hookimpl
def sheetfed_sources():
    return [SourceSpec(name="{name}", title="Good", factory="{name}:Source")]

class Source: ...
"""

STEP = """
@hookimpl
def sheetfed_steps():
    return [StepSpec({})]
"""

FAULTS = {
    "raises-on-import": (
        "1 / 0",
        ("cannot be imported", "ZeroDivisionError", "raises_on_import.py"),
    ),
    "leaves-on-import": ("raise SystemExit(3)", ("cannot be imported", "SystemExit: 3")),
    "interrupts-on-import": (
        "raise KeyboardInterrupt",
        ("cannot be imported", "KeyboardInterrupt", "interrupts_on_import.py, line 3"),
    ),
    "interrupts-in-a-hook": (
        "@hookimpl\ndef sheetfed_steps():\n    raise KeyboardInterrupt",
        ("sheetfed_steps failed", "KeyboardInterrupt"),
    ),
    "misses-a-module": ("import no_such_module", ("ModuleNotFoundError", "no_such_module")),
    "has-bad-syntax": ("def (", ("cannot be imported", "SyntaxError")),
    "raises-in-a-hook": (
        "@hookimpl\ndef sheetfed_codecs():\n    raise OSError('no\\nlicence')",
        ("sheetfed_codecs failed", "OSError: no licence", "raises_in_a_hook.py, line 5"),
    ),
    "leaves-in-a-hook": (
        "@hookimpl\ndef sheetfed_steps():\n    raise SystemExit",
        ("sheetfed_steps failed", "SystemExit"),
    ),
    "stops-half-way": (
        """
        @hookimpl
        def sheetfed_sources():
            yield SourceSpec(name="half", title="Half", factory="stops_half_way:X")
            raise RuntimeError("enough")
        """,
        ("sheetfed_sources failed", "enough"),
    ),
    "knows-another-hook": (
        "@hookimpl\ndef sheetfed_source():\n    return []",
        ("no hook sheetfed_source;", "sheetfed_sources"),
    ),
    "wants-an-argument": (
        "@hookimpl\ndef sheetfed_targets(service):\n    return []",
        ("sheetfed_targets", "service"),
    ),
    "has-no-hook": ("def sheetfed_sources():\n    return []", ("no hook", "@hookimpl")),
    "answers-a-number": (
        "@hookimpl\ndef sheetfed_steps():\n    return 7",
        ("nonsense", "int where"),
    ),
    "answers-text": (
        "@hookimpl\ndef sheetfed_steps():\n    return 'abc'",
        ("nonsense", "str where"),
    ),
    "answers-no-spec": (
        "@hookimpl\ndef sheetfed_steps():\n    return [{'name': 'x'}]",
        ("nonsense", "dict where StepSpec belongs"),
    ),
    "answers-another-spec": (
        STEP.format("name='x', title='X', factory='json:X'").replace("[Step", "[Source"),
        ("nonsense", "SourceSpec where StepSpec belongs"),
    ),
    "never-ends": (
        """
        @hookimpl
        def sheetfed_sources():
            while True:
                yield None
        """,
        ("nonsense", "more than 100"),
    ),
    "offers-twice": (
        """
        @hookimpl
        def sheetfed_steps():
            return [StepSpec(name="twin", title="T", factory="offers_twice:X")] * 2
        """,
        ("sheetfed_steps", "twice"),
    ),
    "has-a-bad-factory": (
        STEP.format("name='x', title='X', factory='os.system'"),
        ("'os.system'", "module:Class"),
    ),
    "has-no-factory-module": (
        STEP.format("name='x', title='X', factory='has_no_factory_module.step:X'"),
        ("has_no_factory_module.step:X", "does not exist"),
    ),
    "has-an-ugly-name": (
        STEP.format("name='Über cool', title='X', factory='json:X'"),
        ("Über cool", "lower-case"),
    ),
    "has-no-title": (STEP.format("name='x', title=' ', factory='json:X'"), ("no title",)),
    "has-a-number-for-a-name": (STEP.format("name=5, title='X', factory='json:X'"), ("name 5",)),
    "reads-nonsense": (
        """
        @hookimpl
        def sheetfed_codecs():
            reads = frozenset({"pdf"})
            return [CodecSpec(name="x", title="X", factory="json:X", reads=reads)]
        """,
        ("'pdf'", "no media type"),
    ),
    "has-an-odd-default": (
        """
        @hookimpl
        def sheetfed_steps():
            size = Option(name="size", title="Size", kind="int", default=9, maximum=5)
            return [StepSpec(name="x", title="X", factory="json:X", options=(size,))]
        """,
        ("'size'", "must be 5 at most"),
    ),
    "does-what-we-do": (
        """
        @hookimpl
        def sheetfed_edits():
            return [EditSpec(name="replace", title="X", factory="json:X")]
        """,
        ("'replace'", "the service itself"),
    ),
    "claims-barcode": (
        STEP.format("name='barcode', title='X', factory='json:X'"),
        ("'barcode'", "belongs to the package sheetfed-barcode"),
    ),
}


@pytest.fixture(scope="module")
def rows(shared_garden: Any) -> dict[str, Any]:
    """Return what comes of all the faults at once, and of a good addon among them."""
    for name, (code, _) in FAULTS.items():
        shared_garden.plant(name, code)
    shared_garden.plant("pleasant", GOOD.format(name="pleasant"))
    return {row["name"]: row for row in shared_garden.rows()}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_a_row_with_its_reason(name: str, rows: dict[str, Any]) -> None:
    row = rows[name]

    assert row["state"] == "broken"
    assert row["distribution"] == name
    assert row["version"] == "1.0"
    assert Path(row["location"]).name == f"{name.replace('-', '_')}.py"
    assert "\n" not in row["reason"]
    for words in FAULTS[name][1]:
        assert words in row["reason"]


def test_good_addon_among_broken_ones_is_ready(rows: dict[str, Any]) -> None:
    row = rows["pleasant"]

    assert row["state"] == "ready"
    assert row["reason"] == ""
    assert row["hooks"] == ["sheetfed_sources"]
    assert row["offers"] == {"sources": ["pleasant"]}
    assert row["contract"] == 1


def test_rows_come_in_one_order(rows: dict[str, Any]) -> None:
    assert list(rows) == sorted(rows)


@pytest.mark.parametrize(("group", "number"), [("sheetfed.v2", 2), ("sheetfed.v0", 0)])
def test_another_contract_is_incompatible_and_not_imported(
    group: str, number: int, garden: Any, tmp_path: Path
) -> None:
    trace = tmp_path / "imported"
    garden.plant("future", f"open({str(trace)!r}, 'w')", group=group)

    (row,) = garden.rows()

    assert row["state"] == "incompatible"
    assert str(number) in row["reason"]
    assert "1" in row["reason"]
    assert row["contract"] == number
    assert not trace.exists()


def test_addon_that_serves_two_contracts_is_one_row(garden: Any) -> None:
    """An author who supports an old and a new core is no case for a warning."""
    points = "[sheetfed.v1]\nboth = both\n[sheetfed.v2]\nboth = both_next\n"
    garden.plant("both", GOOD.format(name="both"), points=points)

    (row,) = garden.rows()

    assert (row["state"], row["contract"]) == ("ready", 1)


def test_disabled_addon_is_not_imported(garden: Any, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    garden.plant("sleepy", f"open({str(trace)!r}, 'w')")
    garden.home.mkdir()
    (garden.home / "sheetfed.toml").write_text('disabled = ["sleepy"]\n')

    (row,) = garden.rows()

    assert row["state"] == "disabled"
    assert not trace.exists()


def test_second_distribution_with_one_addon_name_names_the_first(garden: Any) -> None:
    garden.plant("first-pack", GOOD.format(name="one"), addon="same", also={"one.py": ""})
    garden.plant("second-pack", GOOD.format(name="two"), addon="same", also={"two.py": ""})

    first, second = garden.rows()

    assert first["state"] == "ready"
    assert second["state"] == "broken"
    assert second["distribution"] == "second-pack"
    assert "already comes from first-pack 1.0" in second["reason"]


def test_second_addon_with_one_source_name_names_the_first(garden: Any) -> None:
    garden.plant("alpha", GOOD.format(name="same"), also={"same.py": ""}, version="2.5")
    garden.plant("beta", GOOD.format(name="same"))

    first, second = garden.rows()

    assert first["state"] == "ready"
    assert "the source 'same' already comes from alpha 2.5" in second["reason"]
    assert second["offers"] == {}


def test_addon_under_the_name_of_a_known_package_is_refused(garden: Any) -> None:
    """Whoever installs `escl` is to get ours, or a word that it is not ours."""
    garden.plant("stranger", GOOD.format(name="stranger"), addon="escl")

    (row,) = garden.rows()

    assert row["state"] == "broken"
    assert "belongs to the package sheetfed-escl" in row["reason"]


def test_torn_entry_points_are_a_row(garden: Any) -> None:
    garden.plant("torn", "", points="[sheetfed.v1]\nthis line has no sign\n")

    (row,) = garden.rows()

    assert row["state"] == "broken"
    assert "entry_points.txt" in row["reason"]


def test_entry_point_that_points_nowhere_is_a_row(garden: Any) -> None:
    garden.plant("nowhere", "", points="[sheetfed.v1]\nnowhere = nowhere:absent\n")

    (row,) = garden.rows()

    assert row["state"] == "broken"
    assert "absent" in row["reason"]


def test_addon_that_prints_does_not_spoil_the_answer(garden: Any) -> None:
    garden.plant("chatty", "print('hello')\n" + GOOD.format(name="chatty"))

    (row,) = garden.rows()

    assert row["state"] == "ready"


SLOW = """
import time
print("loading", flush=True)
time.sleep(30)
"""
STUBBORN = """
import contextlib, time
with contextlib.suppress(BaseException):
    print("loading", flush=True)
    time.sleep(30)
"""


@pytest.mark.parametrize("code", [SLOW, STUBBORN], ids=["slow", "stubborn"])
def test_ctrl_c_while_an_addon_loads_still_stops(garden: Any, code: str) -> None:
    """A person who waits for a slow addon wants out, not a row."""
    garden.plant("slow", code)
    process = garden.start("addons")
    assert process.stderr
    assert process.stderr.readline() == "loading\n"

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err.strip()) == (130, "", "Stopped.")


def test_strict_fails_only_while_an_addon_does_not_work(garden: Any) -> None:
    garden.plant("fine", GOOD.format(name="fine"))
    assert garden.run("addons", "--strict").returncode == 0
    garden.plant("wrong", "1 / 0")

    done = garden.run("addons", "--strict")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout


def test_finding_addons_imports_nothing_heavy() -> None:
    """Hooks describe; what they describe is imported where it runs."""
    code = (
        "import sys; from sheetfed.addons import discover; discover();"
        "bad = {'PIL', 'numpy', 'aiohttp', 'cryptography', 'pydantic', 'sane', '_sane'};"
        "print(sorted(bad & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
