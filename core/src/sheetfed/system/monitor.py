"""Starts the service again where the system does not.

Runs as a program of its own, `python -I -S monitor.py STATE COMMAND…`, and imports nothing of
sheetfed's: what has a fault there must not have it here as well.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TYPE_CHECKING = False  # the module that has it is a thirtieth of our memory
if TYPE_CHECKING:
    from types import FrameType
    from typing import IO, Any

READY = 20.0
"""Seconds in which a service that was started must say that it is ready, or still starts."""

SILENCE = 15.0
"""Seconds without a sign of life after which it hangs."""

STOP = 30.0
"""Seconds that it may take to stop when it is asked to."""

LAST_WORDS = 2.0
"""Seconds that a hanging one gets to write where it hangs."""

FIRST_PAUSE, LONGEST_PAUSE = 0.3, 30.0
DEATHS, WITHIN = 5, 600.0
"""So many deaths within so many seconds, and it is left alone."""

LOOK = 1.0
"""Seconds between two looks for the file that asks us to stop."""

STATE = "monitor.json"
"""The file in the state folder that says how it stands."""

AT_WORK = ("starts", "runs", "waits")
"""How it stands while there is a monitor."""

LINES, LONGEST = 200, 2000
"""So many lines of what a service says are kept, and so many letters of one."""

SIGN = "sheetfed:"

GAVE_UP = 1

SEVERAL = 4
"""The exit code where another one keeps the same service: that of a store that is in use."""


def command(*, windowless: bool = False) -> tuple[str, ...]:
    """Return the words that start a monitor; its state file and the service's words follow."""
    python = sys.executable
    if windowless and python.lower().endswith("python.exe"):
        python = f"{python[: -len('python.exe')]}pythonw.exe"
    return (python, "-I", "-S", __file__)


def alone(state: str) -> int | None:
    """Return what holds the place of the one monitor that writes this file; None where it is taken.

    It is held until the descriptor is closed, or the process ends, however it ends.
    """
    held = os.open(f"{state}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            msvcrt.locking(held, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held


class Child:
    """One life of the service."""

    def __init__(self, words: list[str]) -> None:
        self.news: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.said: deque[str] = deque(maxlen=LINES)
        self.process = subprocess.Popen(
            [*words, "--monitored"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert self.process.stdout
        assert self.process.stderr
        self._hearing = [
            threading.Thread(target=self._hear, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._note, args=(self.process.stderr,), daemon=True),
        ]
        for each in self._hearing:
            each.start()
        threading.Thread(target=self._await, daemon=True).start()

    def ask_to_stop(self) -> None:
        """Close its input, which means that it is to leave."""
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def strike(self) -> None:
        """End it, after it wrote where it hangs."""
        if hasattr(signal, "SIGABRT") and sys.platform != "win32":
            self.process.send_signal(signal.SIGABRT)
            self.process.send_signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(LAST_WORDS)
        self.process.kill()

    def _hear(self, lines: IO[str]) -> None:
        for line in lines:
            if line.startswith(SIGN):
                self.news.put(line.removeprefix(SIGN).strip())
            else:
                _pass_on(sys.stdout, line)

    def _note(self, lines: IO[str]) -> None:
        while line := lines.readline(LONGEST):  # the service takes out itself what is secret
            self.said.append(line.rstrip())
            _pass_on(sys.stderr, line)

    def _await(self) -> None:
        self.process.wait()
        for each in self._hearing:
            each.join(1.0)
        self.news.put("ENDED")


class Monitor:
    """Keeps one service alive, until it is asked to stop or the service cannot live."""

    def __init__(self, state: str, words: list[str]) -> None:
        self._state = state
        self._words = words
        self._deaths: list[dict[str, Any]] = []
        self._child: Child | None = None
        self._asked = False
        self._job = _job()

    def run(self) -> int:
        """Return the exit code of the whole: 0 where the service was meant to stop."""
        if sys.stderr:  # one without a window has none
            faulthandler.enable()
        if alone(self._state) is None:
            _pass_on(sys.stderr, "sheetfed monitor: another one keeps this service already.\n")
            return SEVERAL
        self._forget_stop_file()
        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            # What nohup has us not hear is not heard.
            if number and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                signal.signal(number, self._hear_signal)
        while True:
            code = self._one_life()
            if code is not None:
                return code

    def _one_life(self) -> int | None:
        """Return the exit code to leave with, None where the service is to live again."""
        child = self._child = Child(self._words)
        _join(self._job, child.process)
        self._write("starts", child)
        reason, ready = self._attend(child)
        code = child.process.returncode
        if self._asked or code == 0:
            self._write("stopped")
            self._forget_stop_file()
            return 0
        now = time.time()
        self._deaths.append(
            {
                "time": round(now, 3),
                "reason": reason or _ending(code),
                "was_ready": ready,
                "stderr": list(child.said),
            }
        )
        self._deaths = [each for each in self._deaths if now - each["time"] < WITHIN]
        if code > 0 and not ready and not reason:  # it said why; again it would say the same
            self._write("gave-up")
            return code
        if len(self._deaths) >= DEATHS:
            self._write("gave-up")
            minutes = WITHIN / 60
            _pass_on(
                sys.stderr,
                f"sheetfed monitor: the service died {DEATHS} times within {minutes:.0f} minutes,"
                f" at last: {self._deaths[-1]['reason']}. It is left alone.\n",
            )
            return GAVE_UP
        self._write("waits")
        self._pause(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (len(self._deaths) - 1)))
        return 0 if self._asked else None

    def _attend(self, child: Child) -> tuple[str, bool]:
        """Return once it ended: why we ended it, if we did, and whether it was ever ready."""
        reason, ready = "", False
        limit = time.monotonic() + READY
        asked = False
        while True:
            if self._asked and not asked:
                asked, limit = True, time.monotonic() + STOP
                child.ask_to_stop()
            try:
                news = child.news.get(timeout=min(LOOK, max(0.01, limit - time.monotonic())))
            except queue.Empty:
                news = ""
            if news == "ENDED":
                return reason, ready
            if news == "READY=1":
                ready = True
                self._write("runs", child)
            if news and not asked:
                limit = time.monotonic() + (SILENCE if ready else READY)
            self._look_for_stop_file()
            if time.monotonic() >= limit and not reason:
                reason = _silence(asked=asked, ready=ready)
                child.strike()

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._asked and (rest := end - time.monotonic()) > 0:
            time.sleep(min(0.1, rest))
            self._look_for_stop_file()

    def _hear_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if self._child:
            self._child.news.put("")

    def _look_for_stop_file(self) -> None:
        if os.path.exists(f"{self._state}.stop"):  # noqa: PTH110 - pathlib is a third of our memory
            self._asked = True

    def _forget_stop_file(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(f"{self._state}.stop")  # noqa: PTH108 - as above

    def _write(self, state: str, child: Child | None = None) -> None:
        """Keep for others how it stands; a full disk must not end us."""
        told = {
            "state": state,
            "pid": os.getpid(),
            "service": child.process.pid if child else None,
            "deaths": self._deaths,
        }
        fresh = f"{self._state}.{os.getpid()}"
        with contextlib.suppress(OSError):
            number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(told, file, indent=1)
            os.replace(fresh, self._state)  # noqa: PTH105 - as above


def _ending(code: int) -> str:
    """Say how a process ended."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"it was ended by {signal.Signals(-code).name}"
    return f"it left with {code}"


def _silence(*, asked: bool, ready: bool) -> str:
    if asked:
        return f"it did not stop within {STOP:g} seconds"
    if ready:
        return f"it gave no sign of life for {SILENCE:g} seconds"
    return f"it was not ready within {READY:g} seconds"


def _pass_on(stream: IO[str] | None, text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        if stream:
            stream.write(text)
            stream.flush()


if sys.platform == "win32":
    import ctypes

    _KILL_ON_CLOSE = 0x2000
    _EXTENDED = 9

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

        _fields_ = (
            ("times", ctypes.c_int64 * 2),
            ("flags", ctypes.c_uint32),
            ("sizes", ctypes.c_size_t * 2),
            ("active", ctypes.c_uint32),
            ("affinity", ctypes.c_size_t),
            ("classes", ctypes.c_uint32 * 2),
            ("io", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    def _job() -> Any:
        """Return a job object: whoever is in it ends with us, however we end."""
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        job = kernel.CreateJobObjectW(None, None)
        limits = _Limits(flags=_KILL_ON_CLOSE)
        kernel.SetInformationJobObject(
            ctypes.c_void_p(job), _EXTENDED, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        return job

    def _join(job: Any, process: subprocess.Popen[str]) -> None:
        handle = ctypes.c_void_p(int(process._handle))  # noqa: SLF001 - there is no other way
        ctypes.WinDLL("kernel32").AssignProcessToJobObject(ctypes.c_void_p(job), handle)

else:

    def _job() -> Any:
        """Return nothing: a service whose input ends stops by itself."""
        return None

    def _join(_job: Any, _process: subprocess.Popen[str]) -> None:
        """Do nothing, as above."""


if __name__ == "__main__":
    raise SystemExit(Monitor(sys.argv[1], sys.argv[2:]).run())
