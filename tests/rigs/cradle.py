"""Forks the worker children of tests from one that has imported all.

    rock()

From then on what this process begins as `sheetfed.worker.child` with our own interpreter is forked
by its cradle. It is a process of its own as ever, the child of who began it, with the same pipes,
account and environment; only the start of an interpreter and the imports are saved, which is most
of what a short life costs. The cradle ends with its process. A test that says something of the
start itself, or of what a child has imported, is marked `started`.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from ctypes import CDLL
from importlib import import_module
from pathlib import Path
from typing import Any

if sys.platform != "win32":  # where this is imported, too, and nothing is forked
    import fcntl

CHILD = "sheetfed.worker.child"

LIBRARIES = (
    "cv2",
    "isal.isal_zlib",
    "numpy",
    "PIL.ImageCms",
    "PIL.ImageOps",
    "pypdfium2",
    "simplejpeg",
    "zxingcpp",
)
ROOMS = ("sheetfed.builtin", "sheetfed.worker", "sheetfed_imaging", "sheetfed_pdf")
"""What children import, besides what they look for late."""

LOADER = "LD_"
"""How the variables begin that a program's loader reads: with them, an interpreter is started."""

UNHEARD = (signal.SIGINT, signal.SIGTERM)
"""What a cradle is told with all of its group, and leaves to who asks it."""

_ADOPT = 36  # prctl: who has lost its parent comes to us, not to the first process
_ABOVE = 100  # descriptors wait above those that they become

_fork_exec: Callable[..., int] = getattr(subprocess, "_fork_exec", lambda *_: 0)


class Cradle:
    """Where the children of this process come from."""

    def __init__(self) -> None:
        self.rests = False
        self._line: socket.socket | None = None

    def rock(self, line: socket.socket | None = None) -> None:
        """Have children forked from now on, by who listens at the other end of a line."""
        self._line = line
        subprocess._fork_exec = self._begin  # type: ignore[attr-defined]

    def _begin(self, words: Sequence[Any], *rest: Any) -> int:
        """Do what `fork_exec` of CPython does, whose arguments these are."""
        said = [os.fsdecode(word) for word in words]
        kept, cwd, given, reader, _, _, writer, _, errors, _, told = rest[2:13]
        environ = dict(os.environ)
        if given is not None:
            environ = dict(os.fsdecode(it).split("=", 1) for it in given)
        ours = said[:4] == [sys.executable, "-P", "-m", CHILD]
        if not ours or self.rests or any(key.startswith(LOADER) for key in environ):
            return _fork_exec(words, *rest)
        files = [0, 1, 2, *(file for file in kept if file != told)]
        asked = {
            "words": said[3:],
            "files": files,
            "cwd": os.fsdecode(cwd or Path.cwd()),
            "environ": environ,
            "leads": rest[14],
            "account": rest[16:19],
        }
        pipes = [reader, writer, errors]
        line = self._line or self._made()
        control = CDLL(None).prctl
        control(_ADOPT, 1, 0, 0, 0)
        try:
            socket.send_fds(line, [json.dumps(asked).encode()], [*pipes, *files[3:]])
            return int(line.recv(64))
        finally:
            control(_ADOPT, 0, 0, 0, 0)

    def _made(self) -> socket.socket:
        """Start a cradle; it ends with this process."""
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        read = ("PYTHON", LOADER)
        environ = {key: value for key, value in os.environ.items() if not key.startswith(read)}
        process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            env=environ,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
        )
        theirs.close()
        atexit.register(process.wait)
        atexit.register(self._line.close)
        return self._line


CRADLE = Cradle()


def furnish() -> None:
    """Import what children import."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in every child; who has threads cannot be forked
    for name in LIBRARIES:
        import_module(name)
    for room in ROOMS:
        for found in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            if found.name != CHILD:
                import_module(found.name)
    from sheetfed.worker.warming import warm

    warm()


def lie_beside() -> None:
    """Leave a cradle beside this process, which is furnished and has done nothing yet."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        theirs.close()
        CRADLE.rock(ours)
        return
    for number in UNHEARD:
        signal.signal(number, signal.SIG_IGN)
    line = os.dup2(theirs.detach(), 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    _serve(socket.socket(fileno=line))


def _serve(line: socket.socket) -> None:
    """Fork for each wish that comes, and be that child; end with who wishes."""
    while True:
        wish, handed, _, _ = socket.recv_fds(line, 1024 * 1024, 64)
        if not wish:
            os._exit(0)
        if between := os.fork():
            os.waitpid(between, 0)
            for file in handed:
                os.close(file)
            continue
        between = os.getpid()
        if os.fork():
            os._exit(0)
        while os.getppid() == between:  # until it is adopted
            time.sleep(0.0002)
        line.send(b"%d" % os.getpid())
        try:
            _be(json.loads(wish), handed)
        finally:
            os._exit(1)


def _be(asked: dict[str, Any], handed: Sequence[int]) -> None:
    """Be the child that was asked for."""
    if asked["leads"]:
        os.setsid()
    os.chdir(asked["cwd"])
    group, groups, user = asked["account"]
    waiting = [fcntl.fcntl(file, fcntl.F_DUPFD, _ABOVE) for file in handed]
    for file, number in zip(waiting, asked["files"], strict=True):
        os.dup2(file, number)
    for place in [*Path("/proc/self/fd").iterdir()]:
        if int(place.name) not in asked["files"]:
            with suppress(OSError):  # that of the folder itself
                os.close(int(place.name))
    if groups is not None:
        os.setgroups(groups)
    if group is not None:
        os.setgid(group)
    if user is not None:
        os.setuid(user)
    os.environ.clear()
    os.environ.update(asked["environ"])
    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = asked["words"]
    for number in UNHEARD:
        signal.signal(number, signal.SIG_DFL)
    runpy.run_module(CHILD, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for number in UNHEARD:
        signal.signal(number, signal.SIG_IGN)
    furnish()
    gc.freeze()
    _serve(socket.socket(fileno=os.dup(0)))
