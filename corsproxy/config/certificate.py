"""The certificate and the key that an https address shows: what is wrong with them, and where.

Whether a client will trust the certificate is not asked here: that is the client's to say.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corsproxy.config import atomic_save
from corsproxy.config.diagnostics import Advice
from corsproxy.config.settings import Config
from corsproxy.config.yaml_text.tree import NodeError, Notes
from corsproxy.cors.span import Span

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.x509 import Certificate

_MAX_BYTES = 1 << 20
_OURS = Advice("tls: auto")
"""The fix that always works: a certificate made here."""

T = TypeVar("T")


def check(config: Config, notes: Notes) -> None:
    """Note what keeps `tls.certificate` and `tls.key` from being used, each at its place."""
    if config.tls.certificate is None or config.tls.key is None:
        return
    certificate = _read(config, "certificate", config.tls.certificate, _certificate, notes)
    key = _read(config, "key", config.tls.key, _key, notes)
    if certificate is None:
        return
    place = config.spans["tls.certificate"]
    with notes.at(place):
        _check_dates(certificate, config.tls.certificate)
    if key is not None and key.public_key() != certificate.public_key():
        message = f"{config.tls.key} is not the key of the certificate in {config.tls.certificate}"
        fix = Advice(f"the key that it was made with, or {_OURS}")
        notes.error("key-does-not-match", config.spans["tls.key"], message, fix)


def _read(
    config: Config, name: str, path: Path, read: Callable[[bytes, Path], T], notes: Notes
) -> T | None:
    place = config.spans.get(f"tls.{name}") or Span(f"--tls-{name}")
    with notes.at(place):
        return read(_content(path), path)
    return None


def _content(path: Path) -> bytes:
    try:
        return atomic_save.content(path, _MAX_BYTES)
    except atomic_save.NoRegularFile as error:
        raise NodeError("unreadable-file", str(error), _OURS) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise NodeError("unreadable-file", message, _OURS) from None


def _certificate(content: bytes, path: Path) -> "Certificate":
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(content)[0]
    except ValueError:
        message = f"{path} has no certificate in PEM (-----BEGIN CERTIFICATE-----)"
        raise NodeError("not-a-certificate", message, _from_der(content, path)) from None


def _from_der(content: bytes, path: Path) -> str:
    from cryptography import x509

    try:
        x509.load_der_x509_certificate(content)
    except ValueError:
        return _OURS
    return Advice(f"openssl x509 -inform der -in {path} -out {path.with_suffix('.pem')}")


def _key(content: bytes, path: Path) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(content, None)
    except TypeError:
        message = f"{path} is encrypted, and there is nobody to ask for its password"
        fix = Advice(f"openssl pkey -in {path} -out {path.with_suffix('.plain.pem')}")
        raise NodeError("not-a-key", message, fix) from None
    except (ValueError, UnsupportedAlgorithm):
        message = f"{path} has no private key in PEM (-----BEGIN PRIVATE KEY-----)"
        raise NodeError("not-a-key", message, _OURS) from None


def _check_dates(certificate: "Certificate", path: Path) -> None:
    now = datetime.now(UTC)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin <= now <= end:
        when = (
            f"expired on {end:%Y-%m-%d}" if now > end else f"is not valid before {begin:%Y-%m-%d}"
        )
        message = f"the certificate in {path} {when}: every browser refuses it"
        raise NodeError("certificate-expired", message, f"renew it, or {_OURS}")
