"""A bucket, a mailbox and an fsspec place, as places.py has the others."""

from __future__ import annotations

import asyncio
import email
import logging
import os
import ssl
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.policy import default
from socket import SHUT_RDWR, socket
from threading import Thread
from typing import Any

from certificates import Authority
from places import PASSWORD, USER, Ftp, Loop, Place
from spare import free_port


class S3(Place):
    """moto, which checks every signature with Amazon's own library."""

    protocol = "s3"
    bucket = "papers"
    reads = 1  # each body is signed with its checksum

    def start(self) -> None:
        with warnings.catch_warnings(action="ignore"):
            from moto import settings
            from moto.iam.models import iam_backends
            from moto.s3.models import s3_backends
        for name in ("werkzeug", "moto", "botocore"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        iam = iam_backends["123456789012"]["aws"]
        user = iam.create_user("us-east-1", USER)
        rights = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
        iam.put_user_policy(USER, "all", f'{{"Version": "2012-10-17", {rights[1:]}')
        self.pair = iam.create_access_key(user.name)
        self.store = s3_backends["123456789012"]["aws"]
        bucket: Any = self.store.create_bucket(self.bucket, "us-east-1")
        bucket.multiparts = _Uploads()
        self.port = free_port()
        self._serve()

    def _serve(self) -> None:
        with warnings.catch_warnings(action="ignore"):
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                MotoRequestHandler,
                create_backend_app,
            )
        from werkzeug.serving import ThreadedWSGIServer

        lines: list[socket] = []

        class Server(ThreadedWSGIServer):
            def process_request(self, request: Any, client_address: Any) -> None:
                lines.append(request)
                super().process_request(request, client_address)

        app = DomainDispatcherApplication(create_backend_app)
        self._lines = lines
        self._server = Server("127.0.0.1", self.port, app, MotoRequestHandler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def restart(self) -> None:
        """Forget all but the bucket and who may use it: the rest it has in memory only."""
        self._stop()
        self.clear()
        self._serve()

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for line in self._lines:
            with suppress(OSError):  # most are closed
                line.shutdown(SHUT_RDWR)

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"http://127.0.0.1:{port}",
            "bucket": self.bucket,
            "access-key": self.pair.access_key_id,
            "secret-key": self.pair.secret_access_key,
            "part-size": 5,
            "internal": True,
            "plain": True,
        }

    def wrong(self) -> dict[str, Any]:
        return {"secret-key": "letmein"}

    def arrived(self) -> Mapping[str, bytes]:
        """Return the objects; parts that wait to be put together are nobody's document."""
        kept = self.store.buckets[self.bucket].keys
        return {name: kept[name].value for name in sorted(kept)}

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file grow; what is larger than a kilobyte goes to one."""
        os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = "1024"
        try:
            with super().full():
                yield
        finally:
            del os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"]

    def uploads(self) -> list[str]:
        """Return the uploads in parts that have not ended."""
        return [*self.store.buckets[self.bucket].multiparts]

    def clear(self) -> None:
        self.store.buckets[self.bucket].keys.clear()
        self.store.buckets[self.bucket].multiparts.clear()

    def close(self) -> None:
        self._stop()
        self.store.reset()


class _Uploads(dict[str, Any]):
    """Says what Amazon says of an upload that there is not; moto fails."""

    def __missing__(self, upload: str) -> Any:
        from moto.s3.exceptions import NoSuchUpload

        raise NoSuchUpload(upload_id=upload)


class Mail(Place):
    """aiosmtpd with STARTTLS and passwords; each message's attachment lies in memory."""

    protocol = "mail"
    secure = False

    def start(self) -> None:
        from aiosmtpd.smtp import SMTP, AuthResult

        self.messages: list[Any] = []
        self.has_room = True
        self.authority = Authority(self.folder.with_name(f"{self.folder.name}.tls"))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.authority.server("localhost"))

        def login(_server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> Any:
            right = (said.login, said.password) == (USER.encode(), PASSWORD.encode())
            return AuthResult(success=right, handled=False)

        def made() -> SMTP:
            with warnings.catch_warnings(action="ignore"):  # it does not see TLS from the start
                line = SMTP(
                    self,
                    hostname="localhost",
                    data_size_limit=64 << 20,
                    auth_required=True,
                    authenticator=login,
                    tls_context=None if self.secure else tls,
                    require_starttls=not self.secure,
                    auth_require_tls=not self.secure,
                )
            self._lines.append(line)
            return line

        async def serve() -> Any:
            return await asyncio.get_running_loop().create_server(
                made, "127.0.0.1", self.port, ssl=tls if self.secure else None
            )

        self._loop = Loop()
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._serve = serve
        self.port = free_port()
        self._begin()

    def _begin(self) -> None:
        self._lines: list[Any] = []
        self._server = self._loop.run(self._serve())

    def restart(self) -> None:
        """Keep the messages that were taken, as a queue on a disk does."""
        self._loop.run(self._stop())
        self._begin()

    async def _stop(self) -> None:
        self._server.close()
        for line in self._lines:
            if line.transport:
                line.transport.abort()
        await self._server.wait_closed()

    async def handle_RCPT(  # noqa: N802 - the library calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if not self.has_room:
            return "452 4.3.1 Insufficient system storage"
        message = email.message_from_bytes(envelope.content, policy=default)
        message.to = envelope.rcpt_tos  # type: ignore[attr-defined]
        self.messages.append(message)
        return "250 2.0.0 Queued as 42"

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"smtp{'s' * self.secure}://localhost:{port}",
            "user": USER,
            "password": PASSWORD,
            "ca": str(self.authority.file),
            "from": "Scans <scans@office.example>",
            "to": "archive@office.example",
            "internal": True,
        }

    def arrived(self) -> Mapping[str, bytes]:
        """Return the attachments: one message, one document."""
        found: dict[str, bytes] = {}
        for number, message in enumerate(self.messages):
            (part,) = message.iter_attachments()
            name = part.get_filename()
            found[f"{name}#{number}" if name in found else name] = part.get_payload(decode=True)
        return found

    @contextmanager
    def full(self) -> Iterator[None]:
        """Say what a server says whose queue has no room."""
        self.has_room = False
        yield
        self.has_room = True

    def clear(self) -> None:
        self.messages.clear()

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()


class Mails(Mail):
    """The same, with TLS from the first byte on."""

    secure = True


class Fsspec(Ftp):
    """One of fsspec's own file systems, at a real server: its FTP."""

    protocol = "fsspec"

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"ftp://127.0.0.1:{port}/in",
            "options": f"username: {USER}\ntimeout: 20\nencoding: utf-8",
            "secret": PASSWORD,
            "secret-option": "password",
            "internal": True,
        }

    def start(self) -> None:
        super().start()
        (self.folder / "in").mkdir()

    def wrong(self) -> dict[str, Any]:
        return {"secret": "letmein"}

    def arrived(self) -> Mapping[str, bytes]:
        return {name.removeprefix("in/"): data for name, data in super().arrived().items()}

    def clear(self) -> None:
        super().clear()
        (self.folder / "in").mkdir()


CLOUDS = (S3, Mail, Mails, Fsspec)
