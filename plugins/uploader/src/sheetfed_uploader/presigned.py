"""A document to an address that a page was given for it.

Its host must be one that the configuration lists; nothing else about it is believed.
"""

from __future__ import annotations

from yarl import URL

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import TargetRefused
from sheetfed.api.model import Receipt
from sheetfed_uploader.http import Http
from sheetfed_uploader.options import lines


class Presigned(Target):
    """Puts a document to an address that is signed for one upload."""

    async def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Put it there, without credentials of ours."""
        url = _address(str(delivery.fields["url"]))
        hosts = lines(self.settings["hosts"])
        if not {url.host, f"{url.host}:{url.port}"} & set(hosts):
            raise TargetRefused(
                "The address leads to a host that the configuration does not list",
                advice="Ask the administrator to add it to `hosts` of the target.",
            )
        sent = Http({**self.settings, "url": str(url), "method": "PUT", "body": "raw"})
        return await sent.send(delivery, report)

    async def test(self) -> Receipt:
        """Say which hosts are allowed: without an address there is nobody to ask."""
        hosts = lines(self.settings["hosts"])
        if not hosts:
            raise TargetRefused("The target lists no `hosts`, so that no address is allowed")
        return Receipt(place=", ".join(hosts))


def _address(text: str) -> URL:
    """Return the address as it was signed: nothing of it is written in another way."""
    try:
        url = URL(text.replace("{", "%7B").replace("}", "%7D"), encoded=True)
        found = bool(url.host and url.port and not url.user)
    except ValueError as error:
        raise TargetRefused("The address is none") from error
    if not found:
        raise TargetRefused("The address is none")
    return url
