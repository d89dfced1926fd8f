"""The conformance kit lets a right addon pass, and finds what a wrong one does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import dedent

import pytest

from sheetfed.testing import addon, codec, edit, session, source, step, target

HERE = Path(__file__).parent

RIGHT = [
    ("OnSource", "addons_right:Scanner"),
    ("OnSession", "addons_right:Scanner"),
    ("OnCodec", "sheetfed.builtin.formats.codec:Images"),
    ("OnStep", "addons_right:Marker"),
    ("OnEdit", "addons_right:Shift"),
    ("OnTarget", "addons_right:Shelf"),
    ("OnAddon", "tried0"),
]
WRONG = [
    ("OnSource", "UnstableIds", "test_ids_are_stable"),
    ("OnSource", "TwinIds", "test_ids_are_unique"),
    ("OnSource", "Nameless", "test_devices_have_a_name"),
    ("OnSource", "OpensAnything", "test_an_unknown_device_is_gone"),
    ("OnSource", "WorksAtHomeOnly", "test_it_lists_behind_the_worker"),
    ("OnSession", "DefaultBeyondRange", "test_options_are_valid"),
    ("OnSession", "RefusesDefault", "test_defaults_are_accepted"),
    ("OnSession", "SetsInSilence", "test_set_returns_what_changed"),
    ("OnSession", "StaysAsItIs", "test_what_is_set_is_in_force"),
    ("OnSession", "OffersInVain", "test_what_is_set_is_in_force"),
    ("OnSession", "TakesAnything", "test_an_unknown_option_is_refused"),
    ("OnSession", "TakesAnything", "test_impossible_values_are_refused"),
    ("OnSession", "LyingRaster", "test_pages_hold_what_they_claim"),
    ("OnSession", "RaggedRaster", "test_pages_hold_what_they_claim"),
    ("OnSession", "OddResolution", "test_pages_hold_what_they_claim"),
    ("OnSession", "LyingPage", "test_pages_hold_what_they_claim"),
    ("OnSession", "FalseType", "test_pages_hold_what_they_claim"),
    ("OnSession", "StuckOnceStopped", "test_stopping_early_leaves_it_usable"),
    ("OnSession", "ShowsTooMuch", "test_live_pictures_hold_what_they_claim"),
    ("OnSession", "ClosesOnce", "test_closing_twice"),
    ("OnSession", "ClosesAtRestOnly", "test_closing_in_the_middle_of_a_page"),
    ("OnSession", "NeverLetsGo", "test_it_opens_again"),
    ("OnSession", "ScansAtHomeOnly", "test_it_scans_behind_the_worker"),
    ("OnSession", "ClosesSlowly", "test_it_scans_behind_the_worker"),
    ("OnSession", "Deaf", "test_it_can_be_cancelled_behind_the_worker"),
    ("OnCodec", "FailsInItsOwnWords", "test_garbage_is_unreadable"),
    ("OnCodec", "FailsInItsOwnWords", "test_a_file_that_was_cut_is_unreadable"),
    ("OnCodec", "FailsInItsOwnWords", "test_damage_raises_only_typed_errors"),
    ("OnCodec", "DrawsNonsense", "test_it_draws_what_it_reads"),
    ("OnCodec", "DrawsNonsense", "test_a_small_drawing_keeps_its_shape"),
    ("OnCodec", "DrawsNonsense", "test_a_book_closes_twice"),
    ("OnCodec", "LosesPages", "test_what_it_writes_it_reads_back"),
    ("OnCodec", "HoldsBack", "test_it_writes_as_pages_come"),
    ("OnCodec", "DrawsNonsense", "test_a_region_is_that_part_of_the_page"),
    ("OnCodec", "ForgetsOrigins", "test_pages_are_copied_out_of_the_file_they_came_in"),
    ("OnCodec", "ForgetsOrigins", "test_the_beginning_of_a_page_that_is_passed_on_is_enough"),
    ("OnCodec", "EncodesAtHomeOnly", "test_it_works_behind_the_worker"),
    ("OnNothing", "LosesPages", "test_it_does_something"),
    ("OnStep", "Forgets", "test_earlier_marks_are_kept"),
    ("OnStep", "ForgetsEdits", "test_earlier_edits_are_kept"),
    ("OnStep", "Anonymous", "test_new_marks_say_whose_they_are"),
    ("OnStep", "Repaints", "test_the_picture_is_left_alone"),
    ("OnStep", "Counts", "test_the_same_page_gives_the_same_result"),
    ("OnStep", "Stumbles", "test_a_damaged_page_raises_only_typed_errors"),
    ("OnStep", "MarksAtHomeOnly", "test_it_works_behind_the_worker"),
    ("OnCramped", "Shrinks", "test_its_options_can_be_drawn"),
    ("OnEdit", "FindsWhatNobodyAsks", "test_its_defaults_are_accepted"),
    ("OnEdit", "Shrinks", "test_every_mode_is_taken"),
    ("OnEdit", "TurnsToColour", "test_every_mode_is_taken"),
    ("OnEdit", "Scribbles", "test_the_given_picture_is_left_alone"),
    ("OnEdit", "Wanders", "test_the_same_picture_gives_the_same_result"),
    ("OnEdit", "LeavesMarksBehind", "test_points_go_where_the_transform_says"),
    ("OnEdit", "KnowsNoScale", "test_it_looks_the_same_at_any_scale"),
    ("OnEdit", "TripsOverWords", "test_extreme_values_raise_only_typed_errors"),
    ("OnEdit", "NeedsRoom", "test_extreme_pages_raise_only_typed_errors"),
    ("OnEdit", "ClaimsToTurn", "test_it_does_no_more_than_it_says"),
    ("OnEdit", "EditsAtHomeOnly", "test_it_works_behind_the_worker"),
    ("OnTarget", "NamesNoPlace", "test_a_receipt_says_where"),
    ("OnTarget", "SendsTwice", "test_the_same_delivery_arrives_once"),
    ("OnTarget", "GoesBack", "test_progress_counts_up_to_the_end"),
    ("OnTarget", "LeavesATrial", "test_a_trial_leaves_nothing_behind"),
    ("OnTarget", "UnreachableInItsOwnWords", "test_an_unreachable_place_is_told"),
    ("OnTarget", "LeavesHalf", "test_a_broken_delivery_leaves_nothing"),
]
HOOK = """
import itertools
from sheetfed.api.hooks import SourceSpec, hookimpl
from sheetfed.api.model import Option

numbers = itertools.count()

@hookimpl
def sheetfed_sources():
    options = (Option(name="place", title="Place", kind="text"),)
    return [SourceSpec(name='NAME', title="Tried", factory="addons_right:Scanner", options=options)]
"""
WRONG_HOOKS = [
    ("raise ValueError('no')", "test_it_is_ready"),
    (f"import numpy\n{HOOK}", "test_its_hooks_import_no_native_library"),
    (
        f"import ctypes\nctypes.CDLL('libsqlite3.so.0')\n{HOOK}",
        "test_its_hooks_import_no_native_library",
    ),
    (HOOK.replace("Scanner", "Marker"), "test_its_factories_keep_their_contract"),
    (HOOK.replace("Scanner", "hidden"), "test_its_factories_keep_their_contract"),
    (HOOK.replace("NAME", "sample"), "test_it_is_ready"),
    (HOOK.replace("place", "A Place"), "test_its_settings_are_valid"),
    (HOOK.replace("NAME", "NAME%d' % next(numbers) + '"), "test_it_answers_the_same_twice"),
]


class Runs:
    """One pytest of its own for all addons, and what became of each test in it."""

    def __init__(self, folder: Path) -> None:
        for number, (code, _) in enumerate([(HOOK, ""), *WRONG_HOOKS]):
            plant(folder, f"tried{number}", code.replace("NAME", f"tried{number}"))
        cases = {(contract, f"addons_wrong:{addon}") for contract, addon, _ in WRONG}
        cases |= set(RIGHT) | {("OnAddon", f"tried{n}") for n in range(len(WRONG_HOOKS) + 1)}
        self.wanted = [f"Test{addon}{contract} and {test}" for contract, addon, test in WRONG]
        self.wanted += [
            f"Testtried{number}OnAddon and {test}"
            for number, (_, test) in enumerate(WRONG_HOOKS, 1)
        ]
        self.wanted += [f"Test{tried.partition(':')[2] or tried}{name}" for name, tried in RIGHT]
        self.outcomes = self._run(folder, sorted(cases))

    def _run(self, folder: Path, cases: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        report = folder / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)]
        command += ["-p", "no:cacheprovider", f"--junitxml={report}", "--import-mode=importlib"]
        command += ["-k", " or ".join(f"({wanted})" for wanted in self.wanted)]
        environment = {
            "CASES": json.dumps(cases),
            "PYTHONPATH": os.pathsep.join([str(HERE), str(folder)]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        done = subprocess.run(
            [*command, str(HERE / "contracts.py")],
            env=os.environ | environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert report.exists(), done.stdout + done.stderr
        outcomes: dict[tuple[str, str], str] = {}
        for case in ET.parse(report).getroot().iter("testcase"):
            name = case.attrib["classname"].rpartition(".")[2], case.attrib["name"]
            faults = [fault.text or "failed" for fault in case if fault.tag in {"failure", "error"}]
            outcomes[name] = outcomes.get(name, "") + "".join(faults)
        return outcomes


def plant(folder: Path, name: str, code: str) -> None:
    """Install an addon as pip leaves it."""
    (folder / f"{name}_hooks.py").write_text(dedent(code))
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[sheetfed.v1]\n{name} = {name}_hooks\n")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("kit"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("contract", "tried"), RIGHT)
def test_a_right_addon_passes(runs: Runs, contract: str, tried: str) -> None:
    kind = f"Test{tried.partition(':')[2] or tried}{contract}"
    outcomes = {test: fault for (name, test), fault in runs.outcomes.items() if name == kind}
    assert len(outcomes) > 4
    assert not any(outcomes.values()), outcomes


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("contract", "addon", "test"), WRONG)
def test_a_wrong_addon_is_found(runs: Runs, contract: str, addon: str, test: str) -> None:
    fault = runs.outcomes[f"Test{addon}{contract}", test]
    assert fault
    assert "has no attribute" not in fault, "the rig itself is at fault"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(1, len(WRONG_HOOKS) + 1))
def test_an_addon_that_describes_itself_wrongly_is_found(runs: Runs, number: int) -> None:
    _, test = WRONG_HOOKS[number - 1]
    assert runs.outcomes[f"Testtried{number}OnAddon", test]


def test_every_check_of_the_kit_has_a_wrong_addon() -> None:
    """A check that nothing fails proves nothing."""
    kits = (addon, codec, edit, session, source, step, target)
    checks = {
        name
        for kit in kits
        for contract in vars(kit).values()
        if isinstance(contract, type) and contract.__name__.endswith("Contract")
        for name in vars(contract)
        if name.startswith("test_")
    }
    assert checks == {test for _, _, test in WRONG} | {test for _, test in WRONG_HOOKS}
