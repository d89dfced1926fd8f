"""What of our own tests cannot run under the Windows Python, and why: a plugin for pytest.

All others run. One that is named here runs too, and must fail: a reason that no longer holds is
noticed, as is a name that no longer is one. Only what would wait for its deadline, or take down the
run, is not tried.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

MODES = "Windows has no modes of files, and no numbers for their owners"
LINKS = "Wine 8 makes no links: its CreateSymbolicLinkW says that it did, and does nothing"
PROC = "it reads /proc"
SOCKET = "it is about a socket with a path; tools use a pipe there"
SIGNALS = "Windows has neither SIGKILL nor SIGSTOP, and does not say which signal ended a program"
PROBE = "it asks by signal 0 whether a program lives, which is Ctrl-C on Windows"
LAST_WORDS = "no descriptor can be handed to a child: its last words are among its errors"
STACK = "no child can be asked where it hangs: there is no SIGUSR1"
HOME = "it moves the account's folder by HOME, which Windows does not ask"
BUS = "its keyring is a program of Linux, on D-Bus"
SHELL = "it needs bash"
BOX = "no child is held in a box on Windows, and the test is about boxes"
MEMORY = "no child of ours has its memory limited on Windows"
RESOURCE = "it limits itself, which Windows does not offer"
LINUX = "it asks programs of Linux"
STOPS = "Windows sends a program no signals; Ctrl-C is pressed in `ends`"
TERMINAL = "Python makes no terminals there; in `ends` a console is read, and typed into"
SYSTEMD = "it is about systemd"
BYTES = "the names of files are texts there"
OPEN_FILES = "Windows keeps a folder in which a file is open"
BROWSER = "its browser is a program of Linux, and Windows always has a screen"

FAILS: dict[str, str] = {
    "config/test_folders.py::test_new_folders_are_private": MODES,
    "config/test_folders.py::test_socket_folder_left_open_is_closed": MODES,
    "config/test_folders.py::test_socket_of_a_deep_home_can_be_opened": SOCKET,
    "config/test_folders.py::test_link_in_place_of_the_socket_folder_is_refused": LINKS,
    "config/test_folders.py::test_folder_that_cannot_be_made_is_said": PROC,
    "config/test_folders.py::test_folder_of_another_account_is_not_ours": MODES,
    "config/test_folders.py::test_folder_that_may_not_be_used_is_said": MODES,
    "config/test_layers.py::test_a_file_of_the_administrator_that_others_can_write_*": MODES,
    "config/test_load.py::test_nothing_given_is_the_account_s_own_folder": HOME,
    "config/test_load.py::test_home_holds_all_state_and_the_file": SOCKET,
    "config/test_load.py::test_a_home_of_nobody_is_told_with_its_line": MODES,
    "config/test_load.py::test_unknown_account_is_said": MODES,
    "config/test_targets.py::test_a_secret_that_others_may_read_is_not_taken": MODES,
    "store/test_blobs.py::test_files_are_for_their_owner_only": MODES,
    "store/test_database.py::test_files_are_for_their_owner_only": MODES,
    "store/test_keys.py::test_the_key_file_is_made_once_and_private": MODES,
    "store/test_keys.py::test_a_key_that_others_may_read_is_refused*": MODES,
    "store/test_keys.py::test_a_folder_open_to_others_is_refused*": MODES,
    "store/test_keys.py::test_the_folder_of_another_user_is_refused": MODES,
    "store/test_keys.py::test_a_key_behind_a_link_is_refused": LINKS,
    "store/test_keys.py::test_a_folder_behind_a_link_is_refused": LINKS,
    "store/test_lock.py::test_a_link_in_the_place_of_the_lock_is_refused": LINKS,
    "worker/test_cancel.py::test_a_driver_that_does_not_obey_is_ended*": PROBE,
    "worker/test_cancel.py::test_a_cancel_in_the_middle_of_a_body_waits_for_nothing": SIGNALS,
    "worker/test_cancel.py::test_closing_does_not_wait_for_a_reader_that_left": PROBE,
    "worker/test_seams.py::test_a_reader_that_rests_holds_the_driver_up": PROC,
    "cli/test_bad_places.py::test_a_home_that_cannot_be_made_is_said": HOME,
    "cli/test_bad_places.py::test_a_disk_that_became_read_only_is_said_*": LINUX,
    "cli/test_bad_places.py::test_a_disk_that_is_read_only_is_said": LINUX,
    "cli/test_bad_places.py::test_an_account_without_a_home_is_told_to_name_a_folder": LINUX,
    "cli/test_bad_places.py::test_a_computer_without_systemd_is_told_what_to_do_instead": SYSTEMD,
    "cli/test_bad_places.py::test_whatever_the_umask_what_we_make_is_ours_alone*": MODES,
    "cli/test_bad_places.py::test_a_clock_years_behind_and_no_message_bus_cost_no_page": LINUX,
    "cli/test_doctor.py::test_a_log_that_nobody_can_read_is_said_in_the_bundle": LINKS,
    "cli/test_doctor.py::test_a_service_that_does_not_answer_is_a_finding_among_all_others": SOCKET,
    "cli/test_doctor.py::test_what_is_broken_has_an_exit_code": MODES,
    "cli/test_follow.py::*": SOCKET,
    "cli/test_keeping.py::test_home_that_is_deleted_while_it_scans_is_said*": OPEN_FILES,
    "cli/test_scan.py::test_file_that_cannot_be_is_refused_before_paper_moves(link*": LINKS,
    "cli/test_scan.py::test_folder_without_permission_is_refused_before_paper_moves": PROC,
    "cli/test_scan.py::test_words_may_be_no_text_at_all": BYTES,
    "cli/test_scan.py::test_streams_may_be_closed*": SHELL,
    "cli/test_scan.py::test_service_that_cannot_listen_is_told": SOCKET,
    "cli/test_scan.py::test_terminal_*": TERMINAL,
    "cli/test_scan.py::test_color_can_be_switched_off*": TERMINAL,
    "cli/test_serve.py::test_service_answers_and_stops*": STOPS,
    "cli/test_serve.py::test_port_that_this_account_may_not_use_is_said": LINUX,
    "cli/test_serve.py::test_table_of_an_addon_that_is_not_installed_is_said": STOPS,
    "cli/test_config.py::test_a_value_is_set_where_it_belongs_and_every_comment_stays": MODES,
}
"""What runs and fails, and why. A name may have stars; brackets are round."""

NEVER: dict[str, str] = {
    "store/test_keyring.py::*": BUS,
    "worker/test_faults.py::test_a_hang_ends_with_the_place_where_it_hangs*": STACK,
    "worker/test_faults.py::test_a_stopped_child_is_ended_too": SIGNALS,
    "worker/test_faults.py::test_a_crash_record_holds_the_last_lines": SIGNALS,
    "worker/test_faults.py::test_a_last_line_without_an_end_is_kept": LAST_WORDS,
    "worker/test_faults.py::test_a_kill_from_outside_in_mid_page": SIGNALS,
    "worker/test_faults.py::test_a_fork_left_behind_does_not_hold_up_the_news": SIGNALS,
    "worker/test_convert.py::test_damaged_files_have_typed_errors": MEMORY,
    "worker/test_convert.py::test_files_that_kill_do_not_lock_out_the_next_file": SIGNALS,
    "cli/test_scan.py::test_stopped_in_mid_batch_keeps_what_is_complete*": STOPS,
    "cli/test_scan.py::test_second_signal_leaves_at_once": STOPS,
    "cli/test_serve.py::test_open_tells_the_address": BROWSER,
    "cli/test_sites.py::test_the_browser_gets_a_file_that_goes_once_it_was_used": BROWSER,
    "cli/test_sites.py::test_serve_opens_the_page_the_same_way": BROWSER,
    "cli/test_sites.py::test_serve_without_a_screen_prints_how_to_enter": BROWSER,
    "cli/test_words.py::test_bash_completes_our_words*": SHELL,
}
"""What is not tried: it would wait for a deadline."""

MODULES: dict[str, tuple[str, str]] = {
    "worker/test_life.py": ("resource", RESOURCE),
    "worker/test_box.py": ("resource", BOX),
}
"""Whole files, a library that each asks for and cannot have, and why."""


QUICK = ("core/config", "core/store", "core/worker/test_wire.py")
"""What `make test` runs there."""

WORKER = ("cancel", "convert", "faults", "files", "seams", "source")
CLI: dict[str, tuple[str, ...]] = {
    "scan": ("scan", "follow"),
    "words": ("config", "edits", "import", "keeping", "send", "serve", "words"),
    "papers": ("documents", "files", "pdf"),
    "sites": ("sites", "doctor", "bad_places"),
}
"""The files of the command line, those of one name in a Windows of their own."""

GROUPS: dict[str, tuple[str, ...]] = {
    **{name: tuple(f"service/cli/test_{room}.py" for room in CLI[name]) for name in CLI},
    "worker": tuple(f"core/worker/test_{room}.py" for room in WORKER),
    "quick": QUICK,
}
"""What `make test-windows` runs, the longest first: most start programs, which takes Wine long."""


def pytest_configure() -> None:
    """Try fewer examples: what they are to find is found where Python is quick.

    Its table of letters is in the checkout, where it is made once.
    """
    set_hypothesis_home_dir(Path(__file__).parents[3] / ".hypothesis")
    settings.register_profile("elsewhere", max_examples=10, deadline=None, database=None)
    settings.load_profile("elsewhere")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out files whose library is not there; say so where it is, after all."""
    name = "/".join(collection_path.parts[-2:])
    if name not in MODULES:
        return None
    library, reason = MODULES[name]
    if importlib.util.find_spec(library):
        raise pytest.UsageError(f"{name} is left out for want of {library} ({reason}): it is there")
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect what is named to fail, and that there is what is named."""
    rooms = {_room(item) for item in items}
    for names, tried in ((FAILS, True), (NEVER, False)):
        for name, reason in names.items():
            if name.partition("::")[0] not in rooms:
                continue  # this run is without that file
            for item in _named(name, items):
                item.add_marker(pytest.mark.xfail(reason=reason, strict=True, run=tried))


def _named(name: str, items: Collection[pytest.Item]) -> list[pytest.Item]:
    found = [item for item in items if fnmatchcase(_title(item), name)]
    if not found:
        raise pytest.UsageError(f"{name} is left out, and there is no such test")
    return found


def _room(item: pytest.Item) -> str:
    return "/".join(item.path.parts[-2:])


def _title(item: pytest.Item) -> str:
    return f"{_room(item)}::{item.name.replace('[', '(').replace(']', ')')}"
