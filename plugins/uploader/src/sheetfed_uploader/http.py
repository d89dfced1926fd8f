"""A document to a web server: as a form, or as it is."""

from __future__ import annotations

import base64
import re
import secrets
from urllib.parse import quote

from yarl import URL

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import DeliveryUnsure, SheetfedError, TargetUnreachable
from sheetfed.api.model import Receipt, Settings, Value
from sheetfed_uploader import web
from sheetfed_uploader.pumping import Body
from sheetfed_uploader.spans import Span


class Http(Target):
    """Sends by PUT or POST. Nothing is sent twice to a server that would keep both."""

    async def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Send it and return what the server answers."""
        if delivery.state.get("handed") and not self._repeatable:
            raise DeliveryUnsure("The connection ended before the server said whether it has it")
        url = address(str(self.settings["url"]), delivery)
        body = _Form(self.settings, delivery) if self._form else _Raw(delivery)
        headers = {"Idempotency-Key": delivery.idempotency_key, **body.headers}
        if self.settings.get("digest"):
            headers["Content-Digest"] = await _digest(delivery, body)
        async with web.opened(self.settings) as session:
            sending = _Sending(
                delivery, report, session, patience=self._patience, once=not self._repeatable
            )
            try:
                answer = await session.ask(
                    self._method, url, headers=headers, data=sending.body(body)
                )
            except TargetUnreachable as error:
                if sending.handed and not self._repeatable:
                    raise DeliveryUnsure(
                        "The server had everything when the connection ended; it did not say"
                        " whether it keeps it"
                    ) from error
                raise
        if fault := self._failure(answer, handed=sending.handed):
            if not isinstance(fault, DeliveryUnsure):
                await report(0, {})
            raise fault
        if not sending.handed:
            words = f"The server answered {answer.status} before it had the document"
            raise TargetUnreachable(words) if self._repeatable else DeliveryUnsure(words)
        place = answer.headers.get("Location", "")
        return Receipt(
            place=place if place.startswith("http") else web.place_of(url),
            details=web.receipt_details(answer, self.settings),
        )

    async def abandon(self, delivery: Delivery) -> None:
        """Say that a server which had all of it may keep it; it cannot be taken back."""
        if delivery.state.get("handed"):
            raise DeliveryUnsure("The server had everything when it was given up; it may keep it")

    async def test(self) -> Receipt:
        """Ask the server about the address, with the credentials and nothing else."""
        url = address(str(self.settings["url"]), None)
        async with web.opened(self.settings) as session:
            answer = await session.ask("OPTIONS", url)
        error = web.failure(answer)
        if error and answer.status not in (400, 404, 405, 411, 415, 422, 501):
            raise error
        return Receipt(place=web.place_of(url), details={"status": answer.status})

    def _failure(self, answer: web.Answer, *, handed: bool) -> SheetfedError | None:
        """Return what an answer means. Before a server was `handed` all of it, it has nothing."""
        twice = self._repeatable or not handed
        error = web.failure(answer, twice=twice)
        if error and not twice and answer.status in web.LATER - web.NOT_TAKEN:
            return DeliveryUnsure(error.message)
        return error

    @property
    def _method(self) -> str:
        return str(self.settings["method"])

    @property
    def _form(self) -> bool:
        chosen = self.settings["body"]
        return chosen == "form" or (chosen == "auto" and self._method == "POST")

    @property
    def _repeatable(self) -> bool:
        return bool(self.settings.get("repeatable")) or self._method == "PUT"

    @property
    def _patience(self) -> float:
        return float(str(self.settings["timeout"]))


class _Raw:
    """The bytes as they are."""

    before = after = b""

    def __init__(self, delivery: Delivery) -> None:
        assert delivery.size is not None
        self.headers = {
            "Content-Type": delivery.media_type,
            "Content-Length": str(delivery.size),
        }


class _Form:
    """A form as browsers send it (RFC 7578), its length known beforehand."""

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        assert delivery.size is not None
        boundary = f"sheetfed-{secrets.token_hex(16)}"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
            f"{_text(value)}\r\n"
            for name, value in delivery.fields.items()
        ]
        name = delivery.name.rpartition("/")[2]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(settings["part"])}";'
            f' filename="{_quoted(name)}"\r\nContent-Type: {delivery.media_type}\r\n\r\n'
        )
        self.before = "".join(parts).encode()
        self.after = f"\r\n--{boundary}--\r\n".encode()
        length = len(self.before) + delivery.size + len(self.after)
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(length),
        }


class _Sending:
    """Watches the bytes go; says beforehand when the last ones do."""

    def __init__(
        self, delivery: Delivery, report: Report, session: web.Web, *, patience: float, once: bool
    ) -> None:
        self.handed = False
        self._once = once
        self._delivery = delivery
        self._report = report
        self._session = session
        self._patience = patience

    def body(self, parts: _Raw | _Form) -> Body:
        """Return the whole body. Before its end it is written down that the server may have it."""
        return Body(
            self._delivery.open,
            self._delivery.size or 0,
            told=self._told,
            before=parts.before,
            after=parts.after,
        )

    async def _told(self, sent: int, last: bool) -> None:  # noqa: FBT001
        self.handed = self.handed or last
        self._session.moved(self._patience if last else 0.0)
        await self._report(sent, {"handed": True} if last and self._once else {})


def address(template: str, delivery: Delivery | None) -> URL:
    """Return the URL, `{name}` and `{field:NAME}` filled in as one part of a path each."""

    def value(found: re.Match[str]) -> str:
        if delivery is None:
            return "test"
        if found[1] == "name":
            return "/".join(_part(part) for part in delivery.name.split("/"))
        return _part(str(delivery.fields.get(found[2], "")))

    return URL(re.sub(r"{(name|field:([\w-]+))}", value, template), encoded=True)


async def _digest(delivery: Delivery, body: _Raw | _Form) -> str:
    """Return the header that says what the content must be (RFC 9530), a form's as a whole.

    The document is read once more for it.
    """
    span = Span(delivery.open, delivery.size or 0)
    found = await span.sha256(before=body.before, after=body.after)
    return f"sha-256=:{base64.b64encode(found).decode()}:"


def _part(text: str) -> str:
    quoted = quote(text, safe="")
    return quoted if quoted.strip(".") else "_"


def _quoted(text: object) -> str:
    escaped = str(text).replace("\\", "\\\\")
    return escaped.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
