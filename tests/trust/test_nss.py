"""NSS stores, by the real certutil on throw-away profiles."""

import subprocess
from pathlib import Path

import pytest

from corsproxy.trust import nss
from corsproxy.trust.authority import Authority
from corsproxy.trust.nss import NssStore
from corsproxy.trust.stores import NotDone
from tests.certutil import needs_certutil


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "data")


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path


def profile(folder: Path) -> Path:
    folder.mkdir(parents=True)
    _certutil(folder, "-N", "--empty-password")
    return folder


def _certutil(folder: Path, *arguments: str) -> str:
    command = ("certutil", "-d", f"sql:{folder}", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@needs_certutil
def test_a_store_trusts_it_until_it_is_taken_out(tmp_path: Path, authority: Authority) -> None:
    store = NssStore("Firefox", profile(tmp_path / "profile"))
    assert not store.trusts(authority)
    store.add(authority)
    store.add(authority)  # again: nothing more
    assert store.trusts(authority)
    assert _certutil(tmp_path / "profile", "-L").count(authority.nickname) == 1
    store.remove()
    store.remove()
    assert not store.trusts(authority)


@needs_certutil
def test_a_new_authority_takes_the_place_of_the_old(tmp_path: Path, authority: Authority) -> None:
    store = NssStore("Firefox", profile(tmp_path / "profile"))
    store.add(authority)
    new = authority.extended(["api.example.com"])
    assert not store.trusts(new)
    store.add(new)
    assert store.trusts(new)
    assert authority.nickname not in _certutil(tmp_path / "profile", "-L")


@needs_certutil
def test_what_others_have_put_there_stays(tmp_path: Path, authority: Authority) -> None:
    folder = profile(tmp_path / "profile")
    other = Authority.make(tmp_path / "other").certificate_file
    _certutil(folder, "-A", "-n", "another authority", "-t", "C,,", "-i", str(other))
    store = NssStore("Firefox", folder)
    store.add(authority)
    store.remove()
    assert "another authority" in _certutil(folder, "-L")


@needs_certutil
def test_one_that_is_trusted_for_nothing_is_not_trusted(
    tmp_path: Path, authority: Authority
) -> None:
    folder = profile(tmp_path / "profile")
    file = str(authority.certificate_file)
    _certutil(folder, "-A", "-n", authority.nickname, "-t", ",,", "-i", file)
    store = NssStore("Firefox", folder)
    assert not store.trusts(authority)
    store.add(authority)
    assert store.trusts(authority)


@needs_certutil
def test_chromium_gets_a_store_where_it_has_none(tmp_path: Path, authority: Authority) -> None:
    store = NssStore("Chromium", tmp_path / ".pki/nssdb")
    assert not store.trusts(authority)
    store.remove()
    assert not (tmp_path / ".pki").exists()
    store.add(authority)
    assert store.trusts(authority)


@needs_certutil
def test_every_profile_of_the_user_is_found(at_home: Path) -> None:
    folders = [
        at_home / ".mozilla/firefox/a.default",
        at_home / ".mozilla/firefox/b.other",
        at_home / "snap/firefox/common/.mozilla/firefox/c",
        at_home / ".pki/nssdb",
    ]
    for folder in folders:
        profile(folder)
    (at_home / ".mozilla/firefox/Crash Reports").mkdir()  # no profile
    assert {store.name.partition("(")[2].rstrip(")") for store in nss.found()} == {
        str(folder) for folder in folders
    }


def test_without_certutil_the_way_to_it_is_told(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotDone, match="libnss3-tools"):
        NssStore("Firefox", tmp_path / "profile").add(authority)


@needs_certutil
def test_a_store_that_is_damaged_gives_the_command_to_look(
    tmp_path: Path, authority: Authority
) -> None:
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "cert9.db").write_text("no database")
    with pytest.raises(NotDone, match="certutil -d sql:"):
        NssStore("Firefox", folder).add(authority)
