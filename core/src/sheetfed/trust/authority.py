"""Makes the authority and its leaf, in a process of its own.

    python -m sheetfed.trust.authority make|renew FOLDER

Root and issuer are good for loopback names only, and say so where every verifier must look. The
root's key exists while `make` runs and is never written: all that can be stolen later is a key
that makes certificates for this computer's loopback.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sheetfed.api.errors import SheetfedError, TrustBroken, to_json
from sheetfed.trust import places

YEARS = timedelta(days=3652)
"""How long root and issuer are good."""

BEFORE = timedelta(days=3 * 365)
"""How far before it was made an authority is good: it outlives a clock that was years ahead."""

LEAF = timedelta(days=30)
SLACK = timedelta(hours=1)
"""What a leaf allows a browser's clock to be behind."""

Key = ec.EllipticCurvePrivateKey


def make(folder: Path, *, now: datetime | None = None) -> None:
    """Make an authority, unless there is one. Raises TrustBroken."""
    if places.made(folder):
        return
    now = now or datetime.now(UTC)
    new = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", suffix=".new", dir=folder.parent))
    try:
        _write_authority(new, now)
        renew(new, now=now)
        new.rename(folder)
    except OSError:
        shutil.rmtree(new)
        if not places.made(folder):  # else somebody was quicker
            raise
    except BaseException:
        shutil.rmtree(new)
        raise


def renew(folder: Path, *, now: datetime | None = None) -> None:
    """Sign a new leaf with a new key. Raises TrustBroken."""
    now = now or datetime.now(UTC)
    issuer, signer = _read_authority(folder, now)
    key = _new_key()
    alternatives = x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in places.NAMES),
            *(x509.IPAddress(ipaddress.ip_address(address)) for address in places.ADDRESSES),
        ]
    )
    leaf = (
        _started(key, "localhost", issuer, begins=now - SLACK, ends=now - SLACK + LEAF)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(alternatives, critical=False)
        .sign(signer, hashes.SHA256())
    )
    places.write(folder / places.LEAF, _pem(key) + _pem(leaf) + _pem(issuer))


def check_root(der: bytes) -> None:
    """Refuse to have anything trusted that could speak for more than loopback. Raises TrustBroken.

    An administrator lets everybody trust what lies in one person's folder.
    """
    try:
        root = x509.load_der_x509_certificate(der)
        root.verify_directly_issued_by(root)
        bound = root.extensions.get_extension_for_class(x509.NameConstraints)
        held = bound.critical and bound.value == _loopback()
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise TrustBroken("The root is no certificate", advice=places.REMAKE) from error
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        held = False
    if not held:
        raise TrustBroken(
            "The root is none of ours: it could speak for other computers", advice=places.REMAKE
        )


def _write_authority(folder: Path, now: datetime) -> None:
    begins, ends = now - BEFORE, now + YEARS
    mark = secrets.token_hex(4)  # no two roots share a name, or a verifier could mix them up
    root_key, key = _new_key(), _new_key()
    root = _authority(root_key, f"{places.TITLE} {mark}", begins, ends, length=1).sign(
        root_key, hashes.SHA256()
    )
    issuer = _authority(
        key, f"sheetfed loopback issuer {mark}", begins, ends, length=0, above=root
    ).sign(root_key, hashes.SHA256())
    places.write(folder / places.ROOT, _pem(root))
    places.write(folder / places.ISSUER, _pem(key) + _pem(issuer))


def _read_authority(folder: Path, now: datetime) -> tuple[x509.Certificate, Key]:
    """Return the issuer and its key, sure that they and the root belong together."""
    places.check(folder)
    try:
        text = (folder / places.ISSUER).read_bytes()
        root = x509.load_pem_x509_certificate((folder / places.ROOT).read_bytes())
        issuer = x509.load_pem_x509_certificate(text)
        key = serialization.load_pem_private_key(text, password=None)
        if key.public_key() != issuer.public_key():
            raise ValueError
        issuer.verify_directly_issued_by(root)
        root.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise TrustBroken(f"The authority in {folder} is damaged", advice=places.REMAKE) from error
    begins = max(root.not_valid_before_utc, issuer.not_valid_before_utc)
    ends = min(root.not_valid_after_utc, issuer.not_valid_after_utc)
    if not begins <= now < ends:
        raise TrustBroken(
            f"The authority is good from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}, and this "
            f"computer's clock says {now:%Y-%m-%d}",
            advice=f"Set the clock. If it is right: {places.REMAKE}",
        )
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return issuer, key


def _authority(
    key: Key,
    name: str,
    begins: datetime,
    ends: datetime,
    *,
    length: int,
    above: x509.Certificate | None = None,
) -> x509.CertificateBuilder:
    return (
        _started(key, name, above, begins=begins, ends=ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_loopback(), critical=True)
    )


def _loopback() -> x509.NameConstraints:
    """Return what holds a certificate to the names of this computer."""
    permitted = [
        *(x509.DNSName(name) for name in places.NAMES),
        *(x509.IPAddress(ipaddress.ip_network(address)) for address in places.ADDRESSES),
    ]
    return x509.NameConstraints(permitted, excluded_subtrees=None)


def _started(
    key: Key, name: str, above: x509.Certificate | None, *, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    """Return what a certificate of any kind begins with; without one above it signs itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = above.public_key() if above else key.public_key()
    assert isinstance(signer, ec.EllipticCurvePublicKey)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends - timedelta(seconds=1))  # both ends count
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(part: Key | x509.Certificate) -> bytes:
    if isinstance(part, x509.Certificate):
        return part.public_bytes(serialization.Encoding.PEM)
    return part.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def main(work: str, folder: str) -> int:
    """Do one piece of work and say on standard output what kept it from being done."""
    os.umask(0o077)
    try:
        {"make": make, "renew": renew}[work](Path(folder))
    except SheetfedError as error:
        print(json.dumps(to_json(error)))  # noqa: T201 - this is how the parent hears of it
        return 1
    except OSError as error:
        told = TrustBroken(f"{error.filename or folder}: {error.strerror}")
        print(json.dumps(to_json(told)))  # noqa: T201 - as above
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
