"""The local authority: whom it may speak for, who may read its key, and that there is one only."""

import os
import ssl
import stat
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from corsproxy.trust import authority as a
from corsproxy.trust.authority import Authority

KEY = "authority-key.pem"


@pytest.fixture
def made(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "data", ["api.example.com", "*.preview.test", "*", "[::5]"])


def verified(authority: Authority, pem: bytes, name: str) -> bool:
    """Whether a client that trusts the authority takes that certificate for `name` (OpenSSL)."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = authority.folder / "leaf.pem"
    file.write_bytes(pem)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=authority.pem.decode())
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(down, up, server_hostname=name)
    answering = server.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return True


@pytest.mark.parametrize(
    "name",
    [
        *("localhost", "app.localhost", "api.test", "nas.local", "db.internal", "a.localtest.me"),
        *("127.0.0.1", "127.1.2.3", "::1", "192.168.1.5", "10.0.0.1", "fd00::1"),
        *("api.example.com", "v2.api.example.com", "x.preview.test", "::5"),
    ],
)
def test_it_speaks_for_local_names_and_those_it_was_made_for(made: Authority, name: str) -> None:
    assert made.speaks_for(name)
    assert verified(made, made.issue([name]).pem, name)


def unconstrained(authority: Authority, names: Iterable[str]) -> bytes:
    """What a thief of the key would make."""

    class Thief(Authority):
        def speaks_for(self, name: str) -> bool:
            return True

    thief = Thief(authority.folder, authority.certificate, authority._key)
    return thief.issue(names).pem


@pytest.mark.parametrize(
    "name",
    [
        *("example.com", "bank.example", "notlocalhost", "mylocal", "preview.example.com"),
        *("8.8.8.8", "172.32.0.1", "2001:db8::1"),
    ],
)
def test_a_thief_of_its_key_speaks_for_no_other_name(made: Authority, name: str) -> None:
    assert not made.speaks_for(name)
    assert made.issue([name, "localhost"]).names == {"localhost"}
    assert not verified(made, unconstrained(made, [name]), name)
    assert verified(made, unconstrained(made, ["localhost"]), "localhost")


def test_a_thief_makes_no_authority_with_it(made: Authority) -> None:
    constraints = made.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (
        True,
        0,
        True,
    )


@pytest.mark.skipif(os.name != "posix", reason="SKIPPED: no modes here")
def test_nobody_else_may_read_its_key(made: Authority) -> None:
    assert stat.S_IMODE((made.folder / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert b"PRIVATE" not in made.certificate_file.read_bytes()
    (made.folder / KEY).chmod(0o640)
    with pytest.raises(OSError, match="others may read the key"):
        Authority.load(made.folder)


def test_it_is_the_same_the_next_time(made: Authority) -> None:
    loaded = Authority.load(made.folder)
    assert loaded is not None
    assert loaded.pem == made.pem
    assert loaded.certificate_file.read_bytes() == made.pem
    assert verified(made, loaded.issue(["localhost"]).pem, "localhost")


def test_of_many_that_begin_at_once_one_is_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: Authority.make(tmp_path), range(8)))
    assert len({one.pem for one in made}) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_there_is_none_before_and_none_after(tmp_path: Path) -> None:
    assert Authority.load(tmp_path / "data") is None
    made = Authority.make(tmp_path / "data")
    assert made.certificate_file.exists()
    assert Authority.remove(made.folder)
    assert not Authority.remove(made.folder)
    assert list(made.folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not PEM", b"cut"])
def test_a_file_that_is_no_authority_is_an_error_with_its_fix(
    made: Authority, content: bytes
) -> None:
    path = made.folder / KEY
    path.write_bytes(path.read_bytes()[:200] if content == b"cut" else content)
    with pytest.raises(OSError, match=r"is not the key of a local authority\n  fix: corsproxy"):
        Authority.load(made.folder)


def test_made_anew_it_keeps_the_names_of_before(made: Authority) -> None:
    assert made.unspoken(["other.example", "x.api.example.com", "*"]) == ["other.example"]
    new = made.extended(["other.example"])
    assert new.pem != made.pem
    assert new.nickname != made.nickname
    assert new.unspoken(["other.example", "api.example.com", "a.preview.test", "[::5]"]) == []
    assert new.speaks_for("127.0.0.1")
    loaded = Authority.load(made.folder)
    assert loaded is not None
    assert loaded.pem == new.pem


def test_an_old_one_says_so(made: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not made.expired
    monkeypatch.setattr(a, "_YEARS_OF_AUTHORITY", 0)
    assert Authority.make(made.folder / "old").expired


def test_two_certificates_have_keys_of_their_own(made: Authority) -> None:
    assert made.issue(["localhost"]).pem != made.issue(["localhost"]).pem
    assert replace(made) == made


@pytest.mark.skipif(not Path("/usr/bin/openssl").exists(), reason="SKIPPED: no openssl here")
def test_openssl_reads_it_as_meant(made: Authority) -> None:
    command = ("openssl", "x509", "-noout", "-text", "-in", str(made.certificate_file))
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Name Constraints: critical" in text
    assert "DNS:localhost" in text
    assert "TLS Web Server Authentication" in text
