"""Where local tools connect: a socket, on Windows a pipe."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from sheetfed.api.errors import PortTaken

if sys.platform == "win32":
    from asyncio.windows_utils import PipeHandle

    from sheetfed import pipes

    READY = 4
    """Ends that wait for somebody to connect."""

    class Local:
        """A pipe that answers."""

        def __init__(self, path: Path, connection: Callable[[], asyncio.Protocol]) -> None:
            self._path = path
            self._connection = connection
            self._loop = asyncio.get_running_loop()
            try:
                ends = [self._end(first=True), *(self._end() for _ in range(READY - 1))]
            except OSError as error:
                raise PortTaken(
                    f"Another program has the pipe {path}",
                    path=str(path),
                    advice="Stop it, or choose another folder with --home.",
                ) from error
            self._waiting = [asyncio.create_task(self._answer(end)) for end in ends]

        def close(self) -> None:
            """Answer nobody new."""
            for waiting in self._waiting:
                waiting.cancel()

        async def _answer(self, end: PipeHandle) -> None:
            """Answer who connects, one after the other."""
            # What asyncio does itself for pipes that everybody may read: it takes no descriptor.
            loop: asyncio.ProactorEventLoop = self._loop  # type: ignore[assignment]
            while True:
                try:
                    await loop._proactor.accept_pipe(end)  # type: ignore[attr-defined]  # noqa: SLF001
                except OSError:  # whoever came has left again
                    end.close()
                except BaseException:
                    end.close()
                    raise
                else:
                    loop._make_duplex_pipe_transport(end, self._connection())  # type: ignore[attr-defined]  # noqa: SLF001
                end = self._end()

        def _end(self, *, first: bool = False) -> PipeHandle:
            return PipeHandle(pipes.made(self._path, first=first))

    async def open_local(path: Path, connection: Callable[[], asyncio.Protocol]) -> Local:
        """Answer on a pipe that only this account can open. Raises PortTaken."""
        return Local(path, connection)

else:
    import socket

    class Local:
        """A socket that answers."""

        def __init__(self, path: Path, server: asyncio.Server) -> None:
            self._path = path
            self._server = server

        def close(self) -> None:
            """Answer nobody new, and leave nothing in its place."""
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def open_local(path: Path, connection: Callable[[], asyncio.Protocol]) -> Local:
        """Answer on a socket that only this account can open. Raises PortTaken."""
        bound = _bound(path)
        loop = asyncio.get_running_loop()
        return Local(path, await loop.create_server(connection, sock=bound, backlog=128))

    def _bound(path: Path) -> socket.socket:
        if _answers(path):
            raise PortTaken(
                f"Another sheetfed answers at {path}",
                path=str(path),
                advice="Stop it, or choose another folder with --home.",
            )
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            bound.bind(str(path))
            path.chmod(0o600)
            bound.listen(128)
            bound.settimeout(0)
        except OSError as error:
            bound.close()
            raise PortTaken(
                f"The local socket {path} cannot be made: {error.strerror or error}",
                path=str(path),
                advice="Remove what is in its place, or choose another folder with --home.",
            ) from error
        return bound

    def _answers(path: Path) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(str(path))
            except OSError:
                return False
        return True
