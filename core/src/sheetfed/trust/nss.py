"""Certificates in one NSS database, in a process of its own.

    python -m sheetfed.trust.nss list|add|remove FOLDER < DER

Chromium and Firefox on Linux keep what they trust in such databases. The library is their own,
libnss3; nothing has to be installed for it, and none of it is loaded into the service.
"""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_ubyte, c_uint, c_ulong, c_void_p
from glob import glob
from pathlib import Path
from typing import Any

from sheetfed.ownership import strangers
from sheetfed.trust.places import TITLE

LIBRARIES = (
    "libnss3.so",
    "/usr/lib/firefox*/libnss3.so",
    "/opt/firefox*/libnss3.so",
    "/snap/firefox/current/usr/lib/firefox/libnss3.so",
)
"""Where the library may be: the system's own first, then the one that Firefox brings."""

NEEDED = ("libnspr4.so", "libmozsqlite3.so", "libnssutil3.so")
"""What Firefox's own library needs from beside it, and the system's own would not do."""

READ_ONLY, NO_MODULES, NO_ROOT_MODULE = 0x1, 0x4, 0x10
"""Of NSS_Initialize: a database's list of other modules is neither loaded nor made."""

TRUSTED = 0x10
"""Of a certificate's trust for TLS: it may sign servers."""


class Item(ctypes.Structure):
    """SECItem: bytes and their number."""

    _fields_ = (("kind", c_int), ("data", POINTER(c_ubyte)), ("size", c_uint))

    def __bytes__(self) -> bytes:
        """Return a copy."""
        return ctypes.string_at(self.data, self.size)


class Signed(ctypes.Structure):
    """CERTSignedData."""

    _fields_ = (("data", Item), ("algorithm", Item), ("parameters", Item), ("signature", Item))


class Certificate(ctypes.Structure):
    """The beginning of CERTCertificate."""

    _fields_ = (
        ("arena", c_void_p),
        ("subject", c_char_p),
        ("issuer", c_char_p),
        ("signed", Signed),
        ("der", Item),
    )


class Trust(ctypes.Structure):
    """CERTCertTrust."""

    _fields_ = (("tls", c_uint), ("email", c_uint), ("code", c_uint))


class Link(ctypes.Structure):
    """PRCList, and in a CERTCertListNode the certificate after it."""


Link._fields_ = (
    ("next", POINTER(Link)),
    ("previous", POINTER(Link)),
    ("certificate", POINTER(Certificate)),
)

SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "NSS_Initialize": (c_int, (c_char_p, c_char_p, c_char_p, c_char_p, c_uint)),
    "NSS_Shutdown": (c_int, ()),
    "PK11_GetInternalKeySlot": (c_void_p, ()),
    "PK11_FreeSlot": (None, (c_void_p,)),
    "PK11_NeedUserInit": (c_int, (c_void_p,)),
    "PK11_InitPin": (c_int, (c_void_p, c_char_p, c_char_p)),
    "PK11_NeedLogin": (c_int, (c_void_p,)),
    "PK11_ImportCert": (c_int, (c_void_p, POINTER(Certificate), c_ulong, c_char_p, c_int)),
    "PK11_ListCertsInSlot": (c_void_p, (c_void_p,)),
    "CERT_GetDefaultCertDB": (c_void_p, ()),
    "CERT_NewTempCertificate": (
        POINTER(Certificate),
        (c_void_p, POINTER(Item), c_char_p, c_int, c_int),
    ),
    "CERT_DestroyCertificate": (None, (POINTER(Certificate),)),
    "CERT_DestroyCertList": (None, (c_void_p,)),
    "CERT_GetCertTrust": (c_int, (POINTER(Certificate), POINTER(Trust))),
    "CERT_DecodeTrustString": (c_int, (POINTER(Trust), c_char_p)),
    "CERT_ChangeCertTrust": (c_int, (c_void_p, POINTER(Certificate), POINTER(Trust))),
    "SEC_DeletePermCertificate": (c_int, (POINTER(Certificate),)),
    "PR_GetError": (c_int, ()),
    "PR_ErrorToName": (c_char_p, (c_int,)),
}


class NssFailed(Exception):
    """The library refused; the message is its own name for the reason."""


class Database:
    """One open database."""

    def __init__(self, library: dict[str, Any], slot: int) -> None:
        self._call = library
        self._slot = slot

    def roots(self) -> list[dict[str, Any]]:
        """Return our roots: name, certificate as hexadecimal digits, whether it is trusted."""
        with self._certificates() as found:
            return [
                {
                    "name": _name(each),
                    "der": bytes(each.contents.der).hex(),
                    "trusted": self._is_trusted(each),
                }
                for each in found
                if _name(each).startswith(TITLE)
            ]

    def add(self, der: bytes) -> None:
        """Keep a root and trust it for TLS servers, for nothing else. Raises NssFailed."""
        data = ctypes.create_string_buffer(der, len(der))
        item = Item(0, ctypes.cast(data, POINTER(c_ubyte)), len(der))
        store = self._call["CERT_GetDefaultCertDB"]()
        if self._call["PK11_NeedUserInit"](self._slot):
            self._demand(self._call["PK11_InitPin"](self._slot, None, b"") == 0)
        certificate = self._call["CERT_NewTempCertificate"](store, byref(item), None, 0, 1)
        self._demand(bool(certificate))
        trust = Trust()
        try:
            name = _name(certificate).encode()
            done = self._call["PK11_ImportCert"](self._slot, certificate, 0, name, 0)
            self._demand(done == 0)
            self._demand(self._call["CERT_DecodeTrustString"](byref(trust), b"C,,") == 0)
            done = self._call["CERT_ChangeCertTrust"](store, certificate, byref(trust))
            if done != 0:  # a certificate that is there and not trusted helps nobody
                code = self._call["PR_GetError"]()
                self._call["SEC_DeletePermCertificate"](certificate)
                raise NssFailed(self._error(code))
        finally:
            self._call["CERT_DestroyCertificate"](certificate)

    def remove(self, *, but: bytes = b"") -> int:
        """Delete our roots and return how many there were, but for one. Raises NssFailed."""
        gone = 0
        with self._certificates() as found:
            for each in found:
                if _name(each).startswith(TITLE) and bytes(each.contents.der) != but:
                    self._demand(self._call["SEC_DeletePermCertificate"](each) == 0)
                    gone += 1
        return gone

    def count(self) -> int:
        """Return how many certificates there are, whoever brought them."""
        with self._certificates() as found:
            return len(found)

    @contextmanager
    def _certificates(self) -> Iterator[list[Any]]:
        heads = self._call["PK11_ListCertsInSlot"](self._slot)
        self._demand(bool(heads))
        try:
            found, link = [], ctypes.cast(heads, POINTER(Link)).contents.next
            while ctypes.addressof(link.contents) != heads:
                found.append(link.contents.certificate)
                link = link.contents.next
            yield found
        finally:
            self._call["CERT_DestroyCertList"](heads)

    def _is_trusted(self, certificate: Any) -> bool:
        trust = Trust()
        known = self._call["CERT_GetCertTrust"](certificate, byref(trust)) == 0
        return known and bool(trust.tls & TRUSTED)

    def _demand(self, holds: bool) -> None:  # noqa: FBT001 - what was demanded reads best in place
        if not holds:
            raise NssFailed(self._error(self._call["PR_GetError"]()))

    def _error(self, code: int) -> str:
        return (self._call["PR_ErrorToName"](code) or b"").decode() or f"error {code}"


@contextmanager
def opened(folder: Path, *, writes: bool) -> Iterator[Database]:
    """Open the database in a folder. Raises NssFailed."""
    call = _library()
    flags = NO_MODULES | NO_ROOT_MODULE | (0 if writes else READ_ONLY)
    done = call["NSS_Initialize"](f"sql:{folder}".encode(), b"", b"", b"secmod.db", flags)
    if done != 0:
        code = call["PR_GetError"]()
        raise NssFailed((call["PR_ErrorToName"](code) or b"").decode() or f"error {code}")
    slot = call["PK11_GetInternalKeySlot"]()
    try:
        yield Database(call, slot)
    finally:
        call["PK11_FreeSlot"](slot)
        call["NSS_Shutdown"]()


def _name(certificate: Any) -> str:
    subject: bytes = certificate.contents.subject or b""
    return subject.decode("utf-8", "replace").removeprefix("CN=")


def _library() -> dict[str, Any]:
    for place in LIBRARIES:
        for path in [place] if "/" not in place else _borrowed(place):
            try:
                for name in NEEDED if "/" in path else ():
                    sibling = Path(path).with_name(name)
                    if sibling.exists():
                        ctypes.CDLL(str(sibling), ctypes.RTLD_GLOBAL)
                found = ctypes.CDLL(path)
                return {name: _typed(found[name], *types) for name, types in SIGNATURES.items()}
            except (OSError, AttributeError):
                continue
    raise NssFailed("no-library")


def _borrowed(pattern: str) -> Iterator[str]:
    """Yield libraries that nobody else could have put there: they run with all our rights."""
    for path in sorted(glob(pattern)):  # noqa: PTH207 - it is absolute
        if not strangers(Path(path)) and not strangers(Path(path).parent):
            yield path


def _typed(function: Any, result: Any, arguments: tuple[Any, ...]) -> Any:
    function.restype = result
    function.argtypes = arguments
    return function


def main(action: str, folder: str) -> int:
    """Do one thing to one database and say on standard output what came of it."""
    der = sys.stdin.buffer.read()
    try:
        with opened(Path(folder), writes=action != "list") as database:
            answer: dict[str, Any] = {"gone": 0}
            if action == "add":
                database.add(der)
            if action != "list":
                answer["gone"] = database.remove(but=der)
            answer |= {"roots": database.roots(), "count": database.count()}
    except NssFailed as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))  # noqa: T201 - this is how the parent hears of it
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
