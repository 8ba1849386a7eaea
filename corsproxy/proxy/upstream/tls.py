"""How an https upstream is verified, and what we show it."""

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corsproxy.config.settings import UpstreamTls


def context(settings: UpstreamTls) -> ssl.SSLContext:
    """The context for connections to https upstreams; raises OSError for an unusable file."""
    with _named(settings.ca):
        made = ssl.create_default_context(cafile=settings.ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if settings.certificate is not None:
        with _named(settings.certificate, settings.key):
            made.load_cert_chain(settings.certificate, settings.key)
    return made


def read(settings: UpstreamTls) -> bytes:
    """A digest of the files that `context` reads: another where a reload finds other content."""
    digest = hashlib.sha256()
    for file in (settings.ca, settings.certificate, settings.key):
        if file is not None:
            with _named(file):
                digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.digest()


@contextmanager
def _named(*files: Path | None) -> Iterator[None]:
    """Errors name the files: OpenSSL's do not."""
    try:
        yield
    except OSError as error:
        names = " and ".join(str(file) for file in files if file)
        raise OSError(f"upstream_tls: {names}: {error.strerror or error}") from error
