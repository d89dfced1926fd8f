"""Signs requests as Amazon's services want them.

This is AWS Signature Version 4. Source: Amazon S3 API Reference, "Authenticating Requests: Using
the Authorization Header".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from yarl import URL

from sheetfed.api.errors import TargetRefused
from sheetfed.api.model import Settings
from sheetfed_uploader.web import named_headers

EMPTY = hashlib.sha256().hexdigest()
"""The checksum of no bytes."""


class Signer:
    """Signs with one pair of keys; follows the server's clock where ours is wrong."""

    def __init__(self, settings: Settings) -> None:
        self._key = str(settings["access-key"] or "")
        self._secret = str(settings.get("secret-key") or "")
        self._token = str(settings.get("session-token") or "")
        self._region = str(settings["region"])
        self._own = named_headers(settings)
        self._ahead = timedelta()
        if not (self._key and self._secret):
            raise TargetRefused("The target needs `access-key` and `secret-key`")

    def follow(self, headers: Mapping[str, str]) -> bool:
        """Take the server's clock from an answer; tell whether it says one."""
        try:
            self._ahead = parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)
        except (KeyError, ValueError, TypeError):
            return False
        return True

    def sign(
        self, method: str, url: URL, headers: Mapping[str, str], digest: str
    ) -> dict[str, str]:
        """Return the headers of a request whose body has this SHA-256."""
        stamp = f"{datetime.now(UTC) + self._ahead:%Y%m%dT%H%M%SZ}"
        default = {"http": 80, "https": 443}.get(url.scheme)
        host = url.raw_host or ""
        host = f"[{host}]" if ":" in host else host
        sent = {
            **self._own,
            **headers,
            "Host": host if url.port == default else f"{host}:{url.port}",
            "x-amz-date": stamp,
            "x-amz-content-sha256": digest,
        }
        if self._token:
            sent["x-amz-security-token"] = self._token
        lowered = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
        kept = sorted(
            name for name in lowered if name in ("host", "content-type") or name[:6] == "x-amz-"
        )
        names = ";".join(kept)
        asked = "\n".join(
            (
                method,
                url.raw_path,
                url.raw_query_string,
                *(f"{name}:{lowered[name]}" for name in kept),
                "",
                names,
                digest,
            )
        )
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        hashed = hashlib.sha256(asked.encode()).hexdigest()
        key = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
        signature = hmac.new(key, text.encode(), "sha256").hexdigest()
        sent["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._key}/{scope},"
            f"SignedHeaders={names},Signature={signature}"
        )
        return sent
