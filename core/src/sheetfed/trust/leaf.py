"""The chain that the service shows, tried by meeting it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import places

_NAMES = {("DNS", "localhost"), ("IP Address", "127.0.0.1"), ("IP Address", "0:0:0:0:0:0:0:1")}
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_AT_THE_WRONG_TIME = frozenset({9, 10})
"""What OpenSSL calls a certificate that is not good yet, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When a leaf is good, in seconds since 1970."""

    begins: float
    ends: float

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for a new one: after two thirds, or when the clock was moved."""
        return not self.begins <= now < self.begins + (self.ends - self.begins) * 2 / 3


class LeafUnfit(Exception):
    """A new leaf would help; the message says what is wrong with this one."""


def serving_context() -> ssl.SSLContext:
    """Return how the service speaks TLS, still without a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    return context


def show(context: ssl.SSLContext, folder: Path) -> None:
    """Let a context, also a living one, show the leaf that stands in the folder."""
    # A key that somebody sealed must be an error, never a question on the terminal.
    context.load_cert_chain(folder / places.LEAF, password="")


def meet(folder: Path, server: ssl.SSLContext | None = None) -> Life:
    """Return the leaf's life after a handshake with ourselves, as a browser would do it.

    A context that is given shows the leaf from then on, and does so in the handshake.

    Whatever is wrong with keys, names, chain or dates shows here, without any other library.
    Raises LeafUnfit, and TrustBroken where the root itself cannot be read.
    """
    server, client = server or serving_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        client.load_verify_locations(folder / places.ROOT)
    except (OSError, ssl.SSLError) as error:
        raise TrustBroken(
            f"{folder / places.ROOT} is no certificate", advice=places.REMAKE
        ) from error
    try:
        show(server, folder)
        found = _shake_hands(server, client)
    except ssl.SSLCertVerificationError as error:
        late = error.verify_code in _AT_THE_WRONG_TIME
        raise LeafUnfit(
            "The certificate is not good at the time that this computer's clock shows"
            if late
            else f"The certificate does not fit: {error.verify_message}"
        ) from error
    except FileNotFoundError as error:
        raise LeafUnfit("The certificate is missing") from error
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise LeafUnfit("The certificate is damaged") from error
    if {*found["subjectAltName"]} != _NAMES:
        raise LeafUnfit("The certificate has other names than ours")
    return Life(
        begins=_seconds(found["notBefore"]),
        ends=_seconds(found["notAfter"]),
    )


def _seconds(moment: str) -> float:
    """Return a moment as OpenSSL writes it, "Jan  5 09:34:43 2018 GMT", in seconds since 1970.

    The ssl module's own way to read it loads all that Python knows of dates in words.
    """
    month, day, clock, year, _ = moment.split()
    hour, minute, second = map(int, clock.split(":"))
    number = _MONTHS.index(month) // 3 + 1
    return datetime(int(year), number, int(day), hour, minute, second, tzinfo=UTC).timestamp()


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, str]:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there, server_hostname="localhost")
    answering = server.wrap_bio(there, back, server_side=True)
    for side in (asking, answering, asking, answering):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return asking.getpeercert() or {}  # type: ignore[return-value]  # typeshed: dict of Any
