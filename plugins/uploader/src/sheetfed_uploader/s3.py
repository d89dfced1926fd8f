"""A document to a bucket of S3, or what speaks as it does.

Small ones are put at once. Larger ones go in parts, some side by side; the bucket shows them once
all parts are there, and after a cut only what is missing goes again. Every part is signed with the
checksum of its bytes, which the server compares.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from yarl import URL

from sheetfed.api.contracts import Delivery, Report, Target
from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed.api.model import Receipt, Settings
from sheetfed_uploader import web
from sheetfed_uploader.aside import aside
from sheetfed_uploader.pumping import Body
from sheetfed_uploader.shelving import TRIAL, names
from sheetfed_uploader.signing import EMPTY, Signer
from sheetfed_uploader.spans import Span, of_bytes

MOST_PARTS = 10_000
AT_ONCE = 6
"""Parts that are on their way side by side."""

OURS = "x-amz-meta-sheetfed"
"""Says which delivery an object came from."""

LOST = "NoSuchUpload"
"""Said of parts that were thrown away or lost meanwhile: the next try begins anew."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that the server has."""

    tag: str
    size: int


class S3(Target):
    """Puts objects into a bucket."""

    async def send(self, delivery: Delivery, report: Report) -> Receipt:
        """Put it there, or the rest of it."""
        async with web.opened(self.settings) as session:
            bucket = _Bucket(self.settings, session)
            upload, name = (str(delivery.state.get(key) or "") for key in ("upload", "name"))
            if upload:
                parts = await bucket.parts(name, upload)
                if parts is not None:
                    with suppress(FileExistsError):  # somebody took the name meanwhile
                        return await _Parts(bucket, delivery, report, name, upload).send(parts)
                if await bucket.ours(name, delivery):  # only the answer was lost last time
                    return bucket.receipt(name, delivery)
            return await self._placed(bucket, delivery, report)

    async def _placed(self, bucket: _Bucket, delivery: Delivery, report: Report) -> Receipt:
        collision = str(self.settings["collision"])
        for name in names(delivery.name, collision):
            if collision != "overwrite" and (size := await bucket.size(name)) is not None:
                if await bucket.ours(name, delivery) or await bucket.same(name, size, delivery):
                    return bucket.receipt(name, delivery)
                continue
            try:
                return await self._put(bucket, delivery, report, name)
            except FileExistsError:
                if await bucket.ours(name, delivery):
                    return bucket.receipt(name, delivery)
        raise TargetRefused(f"There is a file {delivery.name!r} already, and it is another one")

    async def _put(self, bucket: _Bucket, delivery: Delivery, report: Report, name: str) -> Receipt:
        size = delivery.size or 0
        if size > bucket.part_size:
            upload = await bucket.begin(name, delivery)
            await report(0, {"upload": upload, "name": name})
            return await _Parts(bucket, delivery, report, name, upload).send({})
        await bucket.put(name, Span(delivery.open, size), delivery)
        await report(size, {})
        return bucket.receipt(name, delivery)

    async def test(self) -> Receipt:
        """Put a small object there and take it away again."""
        async with web.opened(self.settings) as session:
            bucket = _Bucket(self.settings, session)
            name = ".sheetfed-trial"
            try:
                await bucket.put(name, of_bytes(TRIAL), None)
            finally:
                await bucket.remove(name)
            return Receipt(place=bucket.where(""))

    async def abandon(self, delivery: Delivery) -> None:
        """Throw away the parts that are there."""
        upload = str(delivery.state.get("upload") or "")
        if upload:
            async with web.opened(self.settings) as session:
                await _Bucket(self.settings, session).abort(str(delivery.state["name"]), upload)


class _Parts:
    """One upload in parts."""

    def __init__(
        self, bucket: _Bucket, delivery: Delivery, report: Report, name: str, upload: str
    ) -> None:
        self._bucket = bucket
        self._delivery = delivery
        self._report = report
        self._name = name
        self._upload = upload
        self._size = delivery.size or 0
        self._length = max(bucket.part_size, -(-self._size // MOST_PARTS))
        self._there: dict[int, Part] = {}

    async def send(self, there: Mapping[int, Part]) -> Receipt:
        """Send what is missing, then have the server put it together; or throw it all away."""
        try:
            for number, part in there.items():
                if part.size == self._length_of(number):
                    self._there[number] = part
            await self._told()
            await self._rest()
            await self._bucket.finish(self._name, self._upload, self._there)
            found = await self._bucket.size(self._name)
            if found != self._size:
                raise TargetUnreachable(f"{found} of {self._size} bytes arrived")
        except TargetRefused as error:
            if not error.details.get("again"):
                await self._bucket.abort(self._name, self._upload)
            raise
        except FileExistsError:
            await self._bucket.abort(self._name, self._upload)
            raise
        return self._bucket.receipt(self._name, self._delivery)

    async def _rest(self) -> None:
        count = -(-self._size // self._length)
        missing = iter([n for n in range(1, count + 1) if n not in self._there])

        async def lane() -> None:
            for number in missing:
                await self._one(number)

        lanes = [asyncio.create_task(lane()) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for task in lanes:
                task.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _one(self, number: int) -> None:
        before = (number - 1) * self._length
        span = Span(lambda at: self._delivery.open(before + at), self._length_of(number))
        tag = await self._bucket.put_part(self._name, self._upload, number, span)
        self._there[number] = Part(tag=tag, size=span.size)
        await self._told()

    async def _told(self) -> None:
        sent = sum(part.size for part in self._there.values())
        await self._report(sent, {"upload": self._upload, "name": self._name})

    def _length_of(self, number: int) -> int:
        return min(self._length, self._size - (number - 1) * self._length)


class _Bucket:
    """The questions that a bucket answers."""

    def __init__(self, settings: Settings, session: web.Web) -> None:
        self._settings = settings
        self._session = session
        self._signer = Signer(settings)
        self._base = _base(settings)
        self._patience = float(str(settings["timeout"]))
        self.part_size = int(str(settings["part-size"])) << 20

    async def size(self, name: str) -> int | None:
        """Return an object's size, None where there is none."""
        answer = await self._ask("HEAD", name)
        if answer.status == 404:
            return None
        _check(answer, "HEAD")
        return int(answer.headers.get("Content-Length", "-1"))

    async def ours(self, name: str, delivery: Delivery) -> bool:
        """Tell whether an object is this delivery, whole."""
        answer = await self._ask("HEAD", name)
        return (
            answer.status == 200
            and answer.headers.get(OURS) == delivery.idempotency_key
            and answer.headers.get("Content-Length") == str(delivery.size)
        )

    async def same(self, name: str, size: int, delivery: Delivery) -> bool:
        """Tell whether an object has the same bytes."""
        if size != delivery.size:
            return False
        with delivery.open() as stream:
            for at in range(0, size, web.MOST_ANSWER):
                last = min(at + web.MOST_ANSWER, size) - 1
                answer = await self._ask("GET", name, headers={"Range": f"bytes={at}-{last}"})
                _check(answer)
                if answer.body != await aside(partial(stream.read, last + 1 - at)):
                    return False
        return True

    async def put(self, name: str, data: Span, delivery: Delivery | None) -> None:
        """Put a small object. Raises FileExistsError."""
        headers = self._about(delivery) if delivery else {}
        _check(await self._once("PUT", name, headers=headers, data=data))

    async def begin(self, name: str, delivery: Delivery) -> str:
        """Begin an upload in parts; return its id."""
        headers = self._about(delivery)
        answer = await self._ask("POST", name, query={"uploads": ""}, headers=headers)
        _check(answer)
        found = _named(answer.body, "UploadId")
        if not found:
            raise TargetRefused("The server began no upload in parts")
        return found[0]

    async def put_part(self, name: str, upload: str, number: int, data: Span) -> str:
        """Put one part; return its tag."""
        query = {"partNumber": str(number), "uploadId": upload}
        answer = await self._ask("PUT", name, query=query, data=data)
        _check(answer)
        return answer.headers.get("ETag", "")

    async def parts(self, name: str, upload: str) -> dict[int, Part] | None:
        """Return the parts that the server has; None where it knows no such upload."""
        found: dict[int, Part] = {}
        marker = "0"
        while True:
            query = {"uploadId": upload, "part-number-marker": marker}
            answer = await self._ask("GET", name, query=query)
            if answer.status == 404:
                return None
            _check(answer)
            numbers = _named(answer.body, "PartNumber")
            tags, sizes = _named(answer.body, "ETag"), _named(answer.body, "Size")
            for number, tag, size in zip(numbers, tags, sizes, strict=True):
                found[int(number)] = Part(tag=tag, size=int(size))
            after = _named(answer.body, "NextPartNumberMarker")
            if _named(answer.body, "IsTruncated") != ["true"] or not after or after[0] == marker:
                return found
            marker = after[0]

    async def finish(self, name: str, upload: str, parts: Mapping[int, Part]) -> None:
        """Have the parts put together. Raises FileExistsError."""
        rows = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{html.escape(part.tag)}</ETag></Part>"
            for number, part in sorted(parts.items())
        )
        data = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
        answer = await self._once("POST", name, query={"uploadId": upload}, data=of_bytes(data))
        _check(answer)
        if code := _named(answer.body, "Code"):  # an error may come after a good status line
            words = f"The server could not put the parts together: {code[0]}"
            raise TargetUnreachable(words)

    async def abort(self, name: str, upload: str) -> None:
        """Throw an upload's parts away."""
        await self._ask("DELETE", name, query={"uploadId": upload})

    async def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        await self._ask("DELETE", name)

    def where(self, name: str) -> str:
        """Return where an object is, as a person may read it."""
        return f"s3://{self._settings['bucket']}/{name}"

    def receipt(self, name: str, delivery: Delivery) -> Receipt:
        """Return the receipt of an object."""
        details = {"name": name, "size": delivery.size}
        return Receipt(place=self.where(name), details=details)

    def _about(self, delivery: Delivery) -> dict[str, str]:
        return {"Content-Type": delivery.media_type, OURS: delivery.idempotency_key}

    async def _once(self, method: str, name: str, **asked: Any) -> web.Answer:
        """Ask for what must take no other object's place, where the server knows how to say so."""
        if self._settings["collision"] == "overwrite":
            return await self._ask(method, name, **asked)
        headers = {**asked.pop("headers", {}), "If-None-Match": "*"}
        answer = await self._ask(method, name, headers=headers, **asked)
        if answer.status == 412 or (answer.status == 409 and b"ConditionalRequest" in answer.body):
            raise FileExistsError(name)
        if answer.status == 501:
            del headers["If-None-Match"]
            answer = await self._ask(method, name, headers=headers, **asked)
        return answer

    async def _ask(
        self,
        method: str,
        name: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Span | None = None,
    ) -> web.Answer:
        path = f"{self._base.raw_path.rstrip('/')}/{quote(name, safe='/-_.~')}"
        parts = sorted((query or {}).items())
        text = "&".join(f"{quote(key, safe='-_.~')}={quote(v, safe='-_.~')}" for key, v in parts)
        url = URL(f"{self._base.origin()}{path}{'?' if text else ''}{text}", encoded=True)
        digest = EMPTY if data is None else (await data.sha256()).hex()
        answer = await self._signed(method, url, headers or {}, data, digest)
        if b"RequestTimeTooSkewed" in answer.body and self._signer.follow(answer.headers):
            answer = await self._signed(method, url, headers or {}, data, digest)
        return answer

    async def _signed(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        data: Span | None,
        digest: str,
    ) -> web.Answer:
        signed = self._signer.sign(method, url, headers, digest)
        if data is None:
            return await self._session.ask(method, url, headers=signed)
        signed["Content-Length"] = str(data.size)
        body = Body(data.opened, data.size, told=self._told, pumps=1)
        return await self._session.ask(method, url, headers=signed, data=body)

    async def _told(self, _sent: int, last: bool) -> None:  # noqa: FBT001
        self._session.moved(self._patience if last else 0.0)


def _base(settings: Settings) -> URL:
    """Return the bucket's address: a part of the path, or of the host as Amazon has it."""
    bucket = str(settings["bucket"])
    if not _BUCKET.fullmatch(bucket):
        raise TargetRefused("The target's `bucket` is no name of one")
    region = str(settings["region"])
    base = URL(str(settings["url"] or f"https://s3.{region}.amazonaws.com"), encoded=True)
    web.check_address(base, settings)
    style, host = str(settings["style"]), base.host or ""
    if style == "auto":
        style = "host" if host.endswith(".amazonaws.com") and "." not in bucket else "path"
    if style == "host":
        return base.with_host(f"{bucket}.{host}")
    return base / bucket


def _check(answer: web.Answer, method: str = "") -> None:
    """Raise what an answer stands for; each step may be taken twice."""
    error = web.failure(answer, twice=True)
    if error is None:
        return
    if method == "HEAD" and answer.status == 403:  # it has no words
        words = "The server does not let us look (403); are the keys right, and the clock?"
        raise TargetRefused(words, **error.details)
    code, said = _named(answer.body, "Code"), _named(answer.body, "Message")
    if code:
        words = f"The server answered {answer.status} {code[0]}"
        if code[0] == LOST:
            error.details["again"] = True
        raise TargetRefused(f"{words}: {said[0]}" if said else words, **error.details)
    raise error


def _named(body: bytes, name: str) -> list[str]:
    """Return what stands in all elements of a name: the answers are as flat as that."""
    found = re.findall(rf"<{name}>([^<]*)</{name}>", body.decode(errors="replace"))
    return [html.unescape(text) for text in found]
