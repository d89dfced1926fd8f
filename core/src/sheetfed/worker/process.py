"""One child process: pipes, last words, end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from sheetfed.discretion import discreet
from sheetfed.worker.frames import Frames, Head, pack

if sys.platform == "linux":
    import fcntl

log = logging.getLogger(__name__)

HELD = 1024 * 1024
"""Bytes that wait here before the child has to; a cancelled child may say a little more."""

HELD_CANCELLED = 64 * 1024 * 1024
HEAD_COST = 512
"""Bytes that a head counts for besides its line: it is held as objects, which take more room."""

PIECE = 256 * 1024
LINES = 200
LINE_LIMIT = 4096
LINES_PER_SECOND = 100
STACK_LIMIT = 32_000


class Ended(Exception):
    """The child is gone, or closed its pipe."""


class Process(asyncio.SubprocessProtocol):
    """A running child. What it says waits here, at most `held` bytes of it."""

    def __init__(self, name: str, stack: IO[bytes] | None) -> None:
        self.name = name
        self.pid = 0
        self.killed = False
        self.held = HELD
        self.stderr: deque[str] = deque(maxlen=LINES)
        self._stack = stack
        self._transport: asyncio.SubprocessTransport | None = None
        self._frames = Frames()
        self._items: deque[tuple[Head | bytes, int]] = deque()
        """What it said, and for how many bytes that counts."""
        self._waiting = 0
        self._halfway = False
        self._paused = False
        self._lie: ValueError | None = None
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._open = {1, 2}
        self._exited = asyncio.Event()
        self._drained = asyncio.Event()
        self._line = b""
        self._second, self._logged = 0.0, 0

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return 1 in self._open and not self._exited.is_set() and not self.killed

    async def send(self, head: Head, body: bytes | memoryview, taken: Callable[[], None]) -> None:
        """Send one frame; `taken` is called as the child takes it. Raises Ended."""
        self.tell(head, len(body))
        rest = memoryview(body)
        self._halfway = bool(rest)
        while True:
            await self._writable.wait()
            if not self.alive:
                raise Ended
            if not rest:
                return
            self._write(rest[:PIECE])
            rest = rest[PIECE:]
            self._halfway = bool(rest)
            taken()

    def tell(self, head: Head, size: int = 0) -> None:
        """Send a head without waiting; end a child that would take it for the rest of a body."""
        if self._halfway:
            self.kill()
        elif self.alive:
            self._write(pack(head, size))

    async def receive(self) -> Head | bytes:
        """Return the next head or piece of a body. Raises Ended, ValueError for garbage."""
        while not self._items:
            if self._lie is not None:
                raise self._lie
            if 1 not in self._open:
                raise Ended
            self._news.clear()
            await self._news.wait()
        item, cost = self._items.popleft()
        self._waiting -= cost
        self._flow()
        return item

    def has_news(self) -> bool:
        """Whether `receive` returns at once."""
        return bool(self._items)

    def newest(self) -> Head | bytes | None:
        """Return what it said last, where that still waits to be read."""
        return self._items[-1][0] if self._items else None

    def widen(self) -> None:
        """Let a cancelled child say what it has to, though nobody listens yet."""
        self.held = HELD_CANCELLED
        self._flow()

    def narrow(self) -> None:
        """Hold no more than usual."""
        self.held = HELD

    async def dump(self) -> None:
        """Have a hung child write where it hangs, then end it."""
        if self.alive and self._stack is not None and sys.platform != "win32":
            before = self._stack_size()
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGUSR1)
            for _ in range(25):  # half a second at most
                await asyncio.sleep(0.02)
                if self._stack_size() > before:
                    break
            await asyncio.sleep(0.02)
        self.kill()

    def kill(self) -> None:
        """End it and all that it started."""
        self.killed = True
        if not self._exited.is_set():
            self._strike()

    async def last_words(self) -> None:
        """Wait, not long, for its exit status and the rest of what it said."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._exited.wait()
                await self._drained.wait()

    def record(self, operation: str) -> dict[str, Any]:
        """Return what is known about its end."""
        status = self._transport.get_returncode() if self._transport is not None else None
        return {
            "operation": operation,
            "pid": self.pid,
            "signal": _signal_name(status),
            "exit": status if status is not None and status >= 0 else None,
            "stack": self._read_stack(),
            "stderr": [discreet(line) for line in self.stderr],
        }

    async def leave(self) -> None:
        """Ask it to go by closing its input, and wait a moment."""
        if self._transport is not None and (stdin := self._transport.get_pipe_transport(0)):
            stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._exited.wait()

    async def end(self) -> None:
        """End it for good and let go of everything."""
        self.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._exited.wait()
        if self._transport is not None:
            self._transport.close()
        if self._stack is not None:
            self._stack.close()
        await asyncio.sleep(0)  # the pipes close in the loop's next round

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self.pid = transport.get_pid()
        for pipe in (transport.get_pipe_transport(0), transport.get_pipe_transport(1)):
            if sys.platform == "linux" and pipe is not None:
                with suppress(OSError):  # as long as Linux lets anybody: fewer turns for a page
                    fcntl.fcntl(pipe.get_extra_info("pipe"), fcntl.F_SETPIPE_SZ, HELD)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take frames from 1, log lines from 2."""
        if fd == 2:
            self._hear(data)
            return
        if self._lie is None:
            try:
                for item in self._frames.feed(bytes(data)):  # Windows gives a bytearray
                    is_head = isinstance(item, dict)
                    cost = self._frames.line + HEAD_COST if is_head else len(item)
                    self._items.append((item, cost))
                    self._waiting += cost
            except (ValueError, RecursionError) as error:
                self._lie = ValueError(str(error))
        self._flow()
        self._news.set()

    def pipe_connection_lost(self, fd: int, _exc: Exception | None) -> None:
        """Note which pipe closed."""
        self._open.discard(fd)
        if fd == 2 and self._line:
            self._hear(b"\n")
        if not self._open:
            self._drained.set()
        self._news.set()
        self._writable.set()

    def process_exited(self) -> None:
        """Note the end, which may come before the last bytes are read."""
        self._exited.set()
        self._writable.set()
        self._strike()  # what it started must not outlive it
        asyncio.get_running_loop().call_later(0.5, self._forget_pipes)

    def pause_writing(self) -> None:
        """Hold back: the child does not read."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on: the child reads again."""
        self._writable.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Nothing more will come."""
        self._open.clear()
        self._exited.set()
        self._drained.set()
        self._news.set()
        self._writable.set()

    def _strike(self) -> None:
        """Kill every process of its group. One that never began has none: 0 would mean our own."""
        if not self.pid:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform != "win32":
                os.killpg(self.pid, signal.SIGKILL)
            elif self._transport is not None:
                self._transport.kill()

    def _write(self, data: bytes | memoryview) -> None:
        assert self._transport is not None
        stdin = self._transport.get_pipe_transport(0)
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(data)

    def _flow(self) -> None:
        """Stop reading while too much waits, so that the child has to wait as well."""
        wanted = self._waiting > (self.held // 2 if self._paused else self.held)
        stdout = self._transport.get_pipe_transport(1) if self._transport is not None else None
        if wanted == self._paused or not isinstance(stdout, asyncio.ReadTransport):
            return
        self._paused = wanted
        if wanted:
            stdout.pause_reading()
        else:
            stdout.resume_reading()

    def _forget_pipes(self) -> None:
        """Count pipes as closed that something the child left behind keeps open."""
        if self._open and self._paused:  # somebody still reads, slowly
            asyncio.get_running_loop().call_later(0.5, self._forget_pipes)
        else:
            self.connection_lost(None)

    def _hear(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line[-LINE_LIMIT:]
        now = asyncio.get_running_loop().time()
        if now - self._second > 1:
            self._second, self._logged = now, 0
        for line in lines[-LINES:]:
            text = line[:LINE_LIMIT].decode("utf-8", "replace").rstrip()
            self.stderr.append(text)
            self._logged += 1
            if self._logged <= LINES_PER_SECOND:
                facts = {"worker": self.name, "pid": self.pid}
                log.info("%s [%d]: %s", self.name, self.pid, discreet(text), extra=facts)

    def _stack_size(self) -> int:
        assert self._stack is not None
        return os.fstat(self._stack.fileno()).st_size

    def _read_stack(self) -> str:
        if self._stack is None or self._stack.closed or sys.platform == "win32":
            return ""
        return os.pread(self._stack.fileno(), STACK_LIMIT, 0).decode("utf-8", "replace")


async def start(
    name: str, python: Sequence[str], crashes: Path, *, user: int | None = None
) -> Process:
    """Start a child, under another account where one is named, and return it.

    `python` is the command that starts its interpreter. One that is not ours may be of another
    system, which has no use for a descriptor: its last words go to stderr.
    """
    stack = _crash_file(crashes) if [*python] == [sys.executable] else None
    handed = () if stack is None else (stack.fileno(),)
    account: dict[str, Any] = {}
    if user is not None:
        account = {"user": user, "group": user, "extra_groups": [], "cwd": "/"}
    loop = asyncio.get_running_loop()
    try:
        _, process = await loop.subprocess_exec(
            lambda: Process(name, stack),
            *python,
            "-P",
            "-m",
            "sheetfed.worker.child",
            *map(str, handed),
            pass_fds=handed,
            start_new_session=True,
            **account,
        )
    except BaseException:
        if stack is not None:
            stack.close()
        raise
    return process


def _crash_file(crashes: Path) -> IO[bytes] | None:
    """Make the file for its last words; a full disk must not stop a scan.

    It has no name, so that nothing stays of it, however the service ends.
    """
    if sys.platform == "win32":
        return None  # no descriptor can be handed on there
    try:
        crashes.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=crashes, buffering=0)
    except OSError as error:
        log.warning("no crash records: %s", error)
        return None


def _signal_name(status: int | None) -> str | None:
    if status is None or status >= 0:
        return None
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
