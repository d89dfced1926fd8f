"""A document by e-mail, as an attachment.

Who gets it is the configuration's to say. All recipients are taken, or nothing is sent. Once the
last byte is out and no answer came, nobody knows whether the message is on its way: it is not sent
again by itself.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from typing import BinaryIO
from urllib.parse import urlsplit

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import (
    DeliveryUnsure,
    SheetfedError,
    TargetRefused,
    TargetUnreachable,
)
from sheetfed.api.model import Receipt, Settings
from sheetfed_uploader import addresses, tls
from sheetfed_uploader.options import lines

STALLED = 30.0
ON_THE_WAY = 64 << 10
LINE = 57
"""Bytes of a file that make a line of 76 letters."""

PIECE = LINE * 1024
_FIELD = re.compile(r"{(name|field:([\w-]+))}")


class Mail(Target):
    """Sends a message with the document in it."""

    def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Send it."""
        if delivery.state.get("handed"):
            raise DeliveryUnsure("The connection ended before the server said whether it sends it")
        message = _Message(self.settings, delivery)
        with _connected(self.settings) as line:
            _greet(line, message)
            answer = _sent(line, message, delivery, report, float(str(self.settings["timeout"])))
        return Receipt(
            place=", ".join(message.to), details={"message-id": message.id, "answer": answer}
        )

    def abandon(self, delivery: Delivery) -> None:
        """Say that a message which a server had whole may be sent: it cannot be taken back."""
        if delivery.state.get("handed"):
            raise DeliveryUnsure("The server had the whole message; it may have sent it")

    def test(self) -> Receipt:
        """Say everything up to the message itself; nobody gets anything."""
        message = _Message(self.settings, None)
        with _connected(self.settings) as line:
            _greet(line, message)
            line.rset()
        return Receipt(place=", ".join(message.to))


class _Message:
    """What is sent: its envelope, and all of it that stands around the document."""

    def __init__(self, settings: Settings, delivery: Delivery | None) -> None:
        self.sender = _address(str(settings["from"]), None, "from")
        self.to = [_address(text, delivery, "to") for text in lines(settings["to"])]
        if not self.to:
            raise TargetRefused("The target says nobody in `to`")
        self.id, self.before, self.after, self.size = "", b"", b"", 0
        if delivery is not None:
            self._write(settings, delivery)
        limit = int(str(settings["limit"])) << 20
        if self.size > limit:
            raise _too_large(self.size, limit, "The target's `limit` is")

    def _write(self, settings: Settings, delivery: Delivery) -> None:
        domain = self.sender.rpartition("@")[2]
        key = hashlib.sha256(delivery.idempotency_key.encode()).hexdigest()[:32]
        self.id = f"<{key}@{domain}>"
        name = delivery.name.rpartition("/")[2]
        message = EmailMessage(policy=SMTP)
        message["From"] = str(settings["from"])
        message["To"] = ", ".join(self.to)
        message["Subject"] = _text(str(settings["subject"]), delivery)[:500]
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = self.id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_text(str(settings["text"]) or name, delivery, multiline=True) + "\n")
        main, _, sub = delivery.media_type.partition("/")
        mark = f"sheetfed-{key}"
        message.add_attachment(mark.encode(), maintype=main, subtype=sub, filename=name)
        whole = message.as_bytes()
        inside = binascii.b2a_base64(mark.encode(), newline=False)
        self.before, found, self.after = whole.partition(inside)
        assert found
        full, rest = divmod(delivery.size or 0, LINE)
        self.size = (
            len(self.before) + len(self.after) + full * 78 + (-(-rest // 3) * 4 if rest else 0)
        )


@contextmanager
def _connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """Give a line to the server, safe and let in."""
    url = urlsplit(str(settings["url"]))
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise TargetRefused("The target's address is no smtp or smtps URL, as smtp://host:587")
    internal, plain = bool(settings["internal"]), bool(settings["plain"])
    addresses.check_host(url.hostname, internal=internal)
    addresses.guard_process(internal=internal)
    context = tls.trusting(settings)
    with _told():
        line = _opened(url.scheme, url.hostname, url.port, context)
    try:
        with _told():
            if url.scheme == "smtp":
                _secured(line, context, plain=plain and internal)
            user = str(settings["user"])
            if user:
                line.login(user, str(settings.get("password") or ""))
        assert line.sock  # what waits in the system's own buffer counts as sent: keep it small
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ON_THE_WAY)
        yield line
        with suppress(smtplib.SMTPException, OSError):
            line.quit()
    finally:
        line.close()


def _opened(scheme: str, host: str, port: int | None, context: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=STALLED, context=context)
    return smtplib.SMTP(host, port or 587, timeout=STALLED)


def _secured(line: smtplib.SMTP, context: ssl.SSLContext, *, plain: bool) -> None:
    line.ehlo_or_helo_if_needed()
    if line.has_extn("starttls"):
        line.starttls(context=context)
        line.ehlo()
    elif not plain:
        raise TargetRefused(
            "The server offers no TLS",
            advice="Use smtps, or set `plain` and `internal` for a server in your own network.",
        )


def _greet(line: smtplib.SMTP, message: _Message) -> None:
    """Say from whom and to whom; nobody or all are taken."""
    with _told():
        line.ehlo_or_helo_if_needed()
        most = line.esmtp_features.get("size", "")
        if most.isdigit() and 0 < int(most) < message.size:
            raise _too_large(message.size, int(most), "The server takes")
        options = [f"size={message.size}"] if "size" in line.esmtp_features else []
        code, said = line.mail(message.sender, options)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, said, message.sender)
        for one in message.to:
            code, said = line.rcpt(one)
            if code not in (250, 251):
                raise smtplib.SMTPResponseException(code, b"%b: %b" % (one.encode(), said))


def _sent(
    line: smtplib.SMTP, message: _Message, delivery: Delivery, report: Report, patience: float
) -> str:
    """Send the message; return the server's answer."""
    with _told():
        code, said = line.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        assert line.sock
        line.sock.sendall(message.before.replace(b"\r\n.", b"\r\n.."))
    with delivery.open() as stream, _told():
        _attached(line.sock, stream, delivery, report)
        line.sock.settimeout(patience)
    report(delivery.size or 0, {"handed": True})
    try:
        with _told():
            line.sock.sendall(message.after.replace(b"\r\n.", b"\r\n..").rstrip() + b"\r\n.\r\n")
            code, said = line.getreply()
    except TargetUnreachable as error:
        raise DeliveryUnsure(
            "The server had the whole message when the connection ended; it did not say whether it"
            " sends it",
            advice=f"Look for a message with the Message-ID {message.id}.",
        ) from error
    if code != 250:
        report(0, {})
        with _told():
            raise smtplib.SMTPDataError(code, said)
    return said.decode(errors="replace")[:300]


def _attached(sock: socket.socket, stream: BinaryIO, delivery: Delivery, report: Report) -> None:
    """Send the document in lines of base64. Its lines never begin with a dot."""
    sent, size, rest = 0, delivery.size or 0, b""
    while piece := stream.read(PIECE):
        data = rest + piece
        whole = len(data) // LINE * LINE
        _in_lines(sock, data[:whole])
        rest = data[whole:]
        sent += len(piece)
        if sent < size:
            report(sent, {})
    if sent != size:
        raise TargetUnreachable("The document ended before its end")
    _in_lines(sock, rest)


def _in_lines(sock: socket.socket, data: bytes) -> None:
    parts = (data[at : at + LINE] for at in range(0, len(data), LINE))
    encoded = b"".join(binascii.b2a_base64(part, newline=False) + b"\r\n" for part in parts)
    if encoded:
        sock.sendall(encoded)


def _address(template: str, delivery: Delivery | None, key: str) -> str:
    """Return an address; what a page filled in is letters of its first half, never its host."""

    def value(found: re.Match[str]) -> str:
        if delivery is None:
            return "test"
        text = str(delivery.fields.get(found[2], "")) if found[2] else ""
        if not re.fullmatch(r"[\w.+-]{1,64}", text, re.ASCII):
            raise TargetRefused(f"The field {found[2]!r} cannot be a part of an address")
        return text

    text = parseaddr(_FIELD.sub(value, template))[1]
    if not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]+@[\w.-]+", text):
        raise TargetRefused(f"The target's `{key}` is no address: {template!r}")
    return text


def _text(template: str, delivery: Delivery, *, multiline: bool = False) -> str:
    """Return a text, `{name}` and `{field:NAME}` filled in; one line unless it may have more."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "name":
            return delivery.name.rpartition("/")[2]
        return str(delivery.fields.get(found[2], ""))

    text = _FIELD.sub(value, template)
    keep = "\n" if multiline else ""
    return "".join(c if c.isprintable() or c in keep else " " for c in text).strip()


def _too_large(size: int, most: int, who: str) -> SheetfedError:
    words = f"The message has {-(-size >> 20)} MiB; {who} {most / (1 << 20):.0f} MiB at most"
    return TargetRefused(words, advice="Send fewer pages, a lower resolution, or another way.")


@contextmanager
def _told() -> Iterator[None]:
    """Say what the server refuses, in its own words."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        raise TargetUnreachable(f"The connection broke: {error}") from error
    except smtplib.SMTPAuthenticationError as error:
        words = _words(error)
        later = 400 <= error.smtp_code < 500
        raise TargetRefused(f"The server lets us not in: {words}", again=later) from error
    except smtplib.SMTPResponseException as error:
        later = 400 <= error.smtp_code < 500  # RFC 5321, 4.2.1: it may go better later
        raise TargetRefused(f"The server says: {_words(error)}", again=later) from error
    except smtplib.SMTPException as error:
        raise TargetRefused(f"The server cannot be used: {error}") from error
    except ssl.SSLCertVerificationError as error:
        words = f"The server's certificate is not trusted: {error.verify_message}"
        raise TargetUnreachable(words) from error
    except TimeoutError as error:
        raise TargetUnreachable("The server let the connection stall") from error
    except OSError as error:
        raise addresses.lost(error) from error


def _words(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"{error.smtp_code} {text}"[:300]
