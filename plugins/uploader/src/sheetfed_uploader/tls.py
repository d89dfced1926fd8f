"""TLS whose bytes a thread may encrypt, beside the loop."""

from __future__ import annotations

import ssl
import sys
import threading
from typing import Any

from sheetfed.api.errors import BadConfig
from sheetfed.api.model import Settings

STRICT = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN


def trusting(settings: Settings) -> ssl.SSLContext:
    """Return what trusts the authorities of a target, else the system's. Raises BadConfig."""
    try:
        made = ssl.create_default_context(cafile=str(settings["ca"] or "") or None)
    except OSError as error:
        raise BadConfig(f"The target's `ca` cannot be read: {error}") from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Line(ssl.SSLObject):
    """One line. What it encrypts goes to the loop, or to the thread that took it over.

    The loop goes on to read meanwhile, so that each of them waits for the other.
    """

    def join(self, own: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        """Take the two ends: where it writes, and where the loop looks."""
        self._own = own
        self._outgoing = outgoing
        self._turn = threading.Lock()
        self._taken = False

    def take(self) -> None:
        """Keep from the loop what is encrypted from now on."""
        with self._turn:
            self._taken = True

    def give_back(self) -> None:
        """Let the loop have it again."""
        with self._turn:
            self._taken = False
            self._pass_on()

    def sealed(self, piece: memoryview) -> memoryview:
        """Return what has to be sent for a piece, and before it. For the thread that took it."""
        with self._turn:
            at = 0
            while at < len(piece):
                at += super().write(piece[at:])
            return memoryview(self._own.read())

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002, D102
        with self._turn:
            try:
                return super().read(len, buffer)
            finally:
                self._pass_on()

    def write(self, data: Any) -> int:  # noqa: D102
        with self._turn:
            try:
                return super().write(data)
            finally:
                self._pass_on()

    def do_handshake(self) -> None:  # noqa: D102
        with self._turn:
            try:
                super().do_handshake()
            finally:
                self._pass_on()

    def unwrap(self) -> None:  # noqa: D102
        with self._turn:
            try:
                super().unwrap()
            finally:
                self._pass_on()

    def _pass_on(self) -> None:
        if not self._taken and self._own.pending:
            self._outgoing.write(self._own.read())


class Context(ssl.SSLContext):
    """Makes such lines."""

    sslobject_class = Line

    @classmethod
    def of_client(cls, *, cafile: str | None) -> Context:
        """Return a client's; without a file of authorities the system's are trusted.

        Raises OSError.
        """
        made = cls(ssl.PROTOCOL_TLS_CLIENT)
        made.options |= ssl.OP_NO_RENEGOTIATION  # else to write might mean to read first
        if sys.version_info >= (3, 13):
            made.verify_flags |= STRICT  # as Python's own default has it since
        if cafile:
            made.load_verify_locations(cafile)
        else:
            made.load_default_certs()
        return made

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - as the class above has it
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> Line:
        """Return a line whose bytes reach the loop as long as nobody else takes them."""
        own = ssl.MemoryBIO()
        made = super().wrap_bio(incoming, own, server_side, server_hostname, session)
        assert isinstance(made, Line)
        made.join(own, outgoing)
        return made
