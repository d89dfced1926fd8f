"""The service as Windows keeps it: a task at logon."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from sheetfed.system.commands import ask, attempt
from sheetfed.system.upkeep import Standing

TASK = "sheetfed"
RUNS = "267009"
"""What the scheduler says of a task that runs (SCHED_S_TASK_RUNNING), whatever it speaks."""

_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def task(command: Sequence[str], account: str) -> bytes:
    """Return the task's file (Task Scheduler schema 1.2): at this account's logon, in its session.

    The task has no time limit and no restart of its own: the monitor that it starts does better.
    """
    root = ET.Element("Task", {"version": "1.2", "xmlns": _SPACE})
    about = ET.SubElement(root, "RegistrationInfo")
    ET.SubElement(about, "Description").text = "Scanners of this account for web pages"
    trigger = ET.SubElement(ET.SubElement(root, "Triggers"), "LogonTrigger")
    ET.SubElement(trigger, "UserId").text = account
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    ET.SubElement(principal, "UserId").text = account
    ET.SubElement(principal, "LogonType").text = "InteractiveToken"
    ET.SubElement(principal, "RunLevel").text = "LeastPrivilege"
    settings = ET.SubElement(root, "Settings")
    for name, text in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("ExecutionTimeLimit", "PT0S"),
        ("Hidden", "true"),
    ):
        ET.SubElement(settings, name).text = text
    action = ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec")
    ET.SubElement(action, "Command").text = command[0]
    ET.SubElement(action, "Arguments").text = subprocess.list2cmdline([*command[1:]])
    written: bytes = ET.tostring(root, encoding="utf-16", xml_declaration=True)
    return written


class Logon:
    """The task scheduler."""

    def __init__(self, file: bytes) -> None:
        self._file = file

    def install(self) -> None:
        """Hand the task over and start it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "task.xml"
            path.write_bytes(self._file)
            ask(["schtasks", "/Create", "/F", "/TN", TASK, "/XML", str(path)])
        self.start()

    def start(self) -> None:
        """Start it in this session."""
        ask(["schtasks", "/Run", "/TN", TASK])

    def stop(self) -> None:
        """End the monitor, and with it the service: the store bears it."""
        ask(["schtasks", "/End", "/TN", TASK])

    def remove(self) -> None:
        """Stop it and delete the task."""
        if not attempt(["schtasks", "/Query", "/TN", TASK]).returncode:
            attempt(["schtasks", "/End", "/TN", TASK])
            ask(["schtasks", "/Delete", "/F", "/TN", TASK])

    def standing(self) -> Standing:
        """Ask the scheduler."""
        told = attempt(["schtasks", "/Query", "/TN", TASK, "/V", "/FO", "CSV", "/NH"])
        if told.returncode:
            return Standing(kind="logon task", installed=False, text="it is not installed")
        runs = f'"{RUNS}"' in told.stdout
        text = "it runs" if runs else "it is stopped"
        return Standing(kind="logon task", installed=True, runs=runs, text=text)
