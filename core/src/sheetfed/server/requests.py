"""Reads requests: only what a row allows gets further."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from aiohttp import web

from sheetfed.api.errors import BadRequest, UnsupportedType
from sheetfed.server import shapes
from sheetfed.server.problems import Refusal
from sheetfed.server.table import Op

if TYPE_CHECKING:  # pydantic is slow to import; the first request that has something to check pays
    from pydantic import TypeAdapter, ValidationError

DEEPEST = 64
"""So many arrays and objects may stand inside each other."""

PATIENCE = 30.0
"""Seconds in which a body must be there."""

_KEY = re.compile(r"[!-~]{1,255}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_JSON_TYPE = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
_FILE_TYPE = re.compile(
    r"(?!multipart/|text/|application/(json|x-www-form-urlencoded))[a-z]+/[\w.+-]+", re.IGNORECASE
)
"""What is no form, no JSON and nothing that a page of a stranger could send unasked."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def is_type_of_file(media_type: str) -> bool:
    """Say whether a file may be sent to us as what it is."""
    return _FILE_TYPE.fullmatch(media_type) is not None


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    """Return what checks values of a shape."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - see above

    return TypeAdapter(shape)


def query_of(request: web.Request, shape: type | None) -> Any:
    """Return the query as the shape. Raises BadRequest."""
    given = request.query
    repeated = {name for name in given if len(given.getall(name)) > 1}
    unknown = set(given) if shape is None else set()
    faults = [_fault(f"/{name}", "is given twice", "query") for name in sorted(repeated)]
    faults += [_fault(f"/{name}", "is not known here", "query") for name in sorted(unknown)]
    if faults:
        raise BadRequest("The query is not understood", errors=faults)
    if shape is None:
        return None
    properties = parameters(shape)
    values = {name: _value(text, properties.get(name, {})) for name, text in given.items()}
    return _checked(shape, json.dumps(values).encode(), "query")


async def body_of(request: web.Request, op: Op) -> Any:
    """Return the body as the operation's shape.

    Raises Refusal before a byte is read where type or length rule the body out, BadRequest later.
    """
    if op.upload:
        return None
    types = _types(request)
    if op.body is None and not request.body_exists:
        return None
    if len(types) != 1 or not _JSON_TYPE.fullmatch(types[0]):
        raise UnsupportedType("The body must be application/json")
    return read_json(await _read(request, op.limit), op.body() if op.body else shapes.parts.Nothing)


async def upload_of(request: web.Request) -> AsyncGenerator[bytes, None]:
    """Yield a file that is sent as it stands. Raises UnsupportedType, Refusal."""
    types = _types(request)
    if len(types) != 1 or not is_type_of_file(types[0]):
        raise UnsupportedType(
            "The body must be the file itself, as its own type or application/octet-stream"
        )
    await _wanted(request)
    try:
        while True:
            async with asyncio.timeout(PATIENCE):
                piece = await request.content.readany()
            if not piece:
                return
            yield piece
    except TimeoutError as error:
        raise Refusal(408, BadRequest("The body did not come in time")) from error


def read_json(data: bytes, shape: type) -> Any:
    """Return JSON as the shape. Raises Refusal where it is none, BadRequest where it is another."""
    _plain(data)
    return _checked(shape, data, "body")


def idempotency_key(request: web.Request) -> str | None:
    """Return the key under which a request happens once. Raises BadRequest."""
    keys = request.headers.getall("Idempotency-Key", [])
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        detail = "must be 1 to 255 visible ASCII characters"
        fault = _fault("/Idempotency-Key", detail, "header")
        raise BadRequest("The Idempotency-Key is not usable", errors=[fault])
    return keys[0]


@cache
def parameters(shape: type) -> Mapping[str, Mapping[str, Any]]:
    """Return the JSON Schema of each part of a query; none of them can be null."""
    return {
        name: _without_null(schema)
        for name, schema in adapter(shape).json_schema()["properties"].items()
    }


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "title")}
    if kept.get("default", 0) is None:
        del kept["default"]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            kept |= choice
    return kept


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _checked(shape: type, data: bytes, where: str) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    try:
        return adapter(shape).validate_json(data, strict=True)
    except ValidationError as error:
        raise BadRequest(
            f"The {where} is not understood", errors=[*_faults(error, where)]
        ) from None


def _faults(error: ValidationError, where: str) -> Iterable[dict[str, str]]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:20]:
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in fault["loc"])
        yield _fault("".join(f"/{part[:100]}" for part in parts), fault["msg"], where)


def _fault(pointer: str, detail: str, where: str) -> dict[str, str]:
    return {"pointer": pointer[:300], "detail": detail[:300], "where": where}


async def _read(request: web.Request, limit: int) -> bytes:
    too_large = Refusal(413, BadRequest(f"The body must not have more than {limit} bytes"))
    if (request.content_length or 0) > limit:
        raise too_large
    await _wanted(request)
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for block in request.content.iter_any():
                body += block
                if len(body) > limit:
                    raise too_large
    except TimeoutError as error:
        raise Refusal(408, BadRequest("The body did not come in time")) from error
    return bytes(body)


def _types(request: web.Request) -> list[str]:
    if request.headers.getall("Content-Encoding", []):
        raise UnsupportedType("A request's body must not be compressed")
    return request.headers.getall("Content-Type", [])


async def _wanted(request: web.Request) -> None:
    """Have the body sent by a client that waits to be told."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


def _plain(data: bytes) -> None:
    """Refuse what parsers read in more than one way. Raises Refusal, status 400."""
    try:
        _shallow(data)
        json.loads(
            data.decode(),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        detail = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise Refusal(400, BadRequest(f"The body is not JSON: {detail[:200]}")) from error


def _shallow(data: bytes) -> None:
    depth = 0
    for token in _TOKEN.finditer(data):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        if depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} deep")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in an object twice")
    return found
