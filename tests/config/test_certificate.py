"""What keeps a certificate and its key from being used is said at its place."""

import os
import shutil
from pathlib import Path

import pytest

from corsproxy.config import ConfigError, load_text

PEM = Path(__file__).parents[1] / "cases" / "lint" / "pem"


def ids(certificate: Path, key: Path) -> list[tuple[str, str]]:
    """The errors that these two make, each with the setting that it stands at."""
    flags = {
        "upstream": "http://127.0.0.1:9",
        "tls.certificate": str(certificate),
        "tls.key": str(key),
    }
    try:
        load_text(None, "", {}, flags)
    except ConfigError as error:
        return [(found.id, found.span.source) for found in error.diagnostics]
    return []


def test_a_pair_that_fits_is_sound() -> None:
    assert ids(PEM / "certificate.pem", PEM / "key.pem") == []


def test_a_chain_and_its_key_in_one_file_are_sound(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    names = ("key.pem", "certificate.pem", "expired.pem")  # what follows the first is its chain
    both.write_bytes(b"".join((PEM / name).read_bytes() for name in names))
    assert ids(both, both) == []


@pytest.mark.parametrize(
    ("certificate", "key", "found"),
    [
        pytest.param("missing.pem", "key.pem", "unreadable-file", id="a missing file"),
        pytest.param("", "key.pem", "unreadable-file", id="a folder"),
        pytest.param("key.pem", "key.pem", "not-a-certificate", id="a key for a certificate"),
        pytest.param("expired.pem", "key.pem", "certificate-expired", id="an expired one"),
    ],
)
def test_a_certificate_is_refused(certificate: str, key: str, found: str) -> None:
    assert ids(PEM / certificate, PEM / key) == [(found, "--tls-certificate")]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        pytest.param("missing.pem", "unreadable-file", id="a missing file"),
        pytest.param("certificate.pem", "not-a-key", id="a certificate for a key"),
        pytest.param("encrypted-key.pem", "not-a-key", id="an encrypted one"),
        pytest.param("other-key.pem", "key-does-not-match", id="another's"),
    ],
)
def test_a_key_is_refused(key: str, found: str) -> None:
    assert ids(PEM / "certificate.pem", PEM / key) == [(found, "--tls-key")]


def test_both_are_told_at_once() -> None:
    assert [id_ for id_, _ in ids(PEM / "key.pem", PEM / "certificate.pem")] == [
        "not-a-certificate",
        "not-a-key",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="SKIPPED: no FIFO here")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert ids(PEM / "certificate.pem", fifo) == [("unreadable-file", "--tls-key")]


def test_a_changed_file_counts_the_next_time(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    shutil.copy(PEM / "expired.pem", certificate)
    assert ids(certificate, PEM / "key.pem")
    shutil.copy(PEM / "certificate.pem", certificate)
    assert ids(certificate, PEM / "key.pem") == []
