"""Answers programs that were written for Dynamic Web TWAIN."""

from __future__ import annotations

from sheetfed.api.hooks import WebAppSpec, hookimpl
from sheetfed.api.model import Option

HEADERS = (
    "DWT-PRODUCT-KEY",
    "DWT-DOC-PASSWORD",
    "DWT-SOURCE-PASSWORD",
    "X-DICS-LICENSE-KEY",
    "X-DICS-DOC-PASSWORD",
)
"""What pages send beside the usual: what they call keys, which are not looked at, and passwords."""

RIVAL = "the service of Dynamic Web TWAIN itself: stop it, or set another port in [addons.dwt]"

_SWITCHES = (
    Option(
        name="enabled",
        title="Answer on the ports of Dynamic Web TWAIN",
        kind="bool",
        default=False,
    ),
    Option(
        name="programs",
        title="Let in programs of this account",
        kind="bool",
        default=False,
        description="Whatever sends no Origin may then scan, and read what it scanned. On Linux"
        " only: other systems do not tell whose program it is, and there none is let in.",
    ),
)


def _port(name: str, title: str, number: int) -> Option:
    return Option(name=name, title=title, kind="int", default=number, minimum=0, maximum=65535)


@hookimpl
def sheetfed_webapps() -> list[WebAppSpec]:
    """Offer the interface, and the port where its clients look for the service first."""
    return [
        WebAppSpec(
            name="dwt",
            title="Dynamic Web TWAIN's REST interface",
            factory="sheetfed_dwt.app:Dwt",
            auth="origin",
            port=18622,
            tls_port=18623,
            headers=HEADERS,
            credentials=True,
            rival=RIVAL,
            options=(
                *_SWITCHES,
                _port("dwt-port", "Port", 18622),
                _port("dwt-tls-port", "Port for TLS", 18623),
            ),
        ),
        WebAppSpec(
            name="welcome",
            title="Where Dynamic Web TWAIN's clients look first",
            factory="sheetfed_dwt.app:Welcome",
            auth="origin",
            port=18625,
            tls_port=18626,
            headers=HEADERS,
            credentials=True,
            public=("/",),
            rival=RIVAL,
            options=(
                *_SWITCHES,
                _port("welcome-port", "Port of the first look", 18625),
                _port("welcome-tls-port", "Port of the first look for TLS", 18626),
            ),
        ),
    ]
