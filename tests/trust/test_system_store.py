"""The system's store: on Linux by a real folder and a real command, elsewhere by what to do."""

import os
from pathlib import Path

import pytest

from corsproxy.trust import system_store
from corsproxy.trust.authority import Authority
from corsproxy.trust.stores import NotDone
from corsproxy.trust.system_store import LinuxStore, MacStore, WindowsStore, _Anchors


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "data")


@pytest.fixture
def anchors(tmp_path: Path) -> _Anchors:
    """A folder and a command like a distribution's: it joins what is there to one file."""
    folder, bundle = tmp_path / "anchors", tmp_path / "bundle.crt"
    folder.mkdir()
    update = tmp_path / "update"
    update.write_text(f"#!/bin/sh\ncat /dev/null '{folder}'/*.crt > '{bundle}' 2>/dev/null; true\n")
    update.chmod(0o755)
    return _Anchors(str(folder), ".crt", (str(update),))


@pytest.mark.skipif(os.name != "posix", reason="SKIPPED: a shell's command")
def test_on_linux_it_is_trusted_by_what_reads_the_bundle_until_it_is_taken_out(
    tmp_path: Path, authority: Authority, anchors: _Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "bundle.crt"))
    (tmp_path / "bundle.crt").touch()
    store = LinuxStore(anchors)
    assert not store.trusts(authority)
    store.add(authority)
    assert store.trusts(authority)
    new = authority.extended(["api.example.com"])
    assert not store.trusts(new)
    store.add(new)
    assert (store.trusts(new), store.trusts(authority)) == (True, False)
    store.remove()
    assert not store.trusts(new)
    assert list(Path(anchors.folder).iterdir()) == []
    store.remove()


def test_who_is_not_root_gets_the_commands(
    authority: Authority, anchors: _Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LinuxStore(anchors)
    store.add(authority)
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for who is not root
    with pytest.raises(NotDone) as added:
        store.add(authority)
    with pytest.raises(NotDone) as removed:
        store.remove()
    for caught, word in ((added, "cp "), (removed, "rm ")):
        assert caught.value.command.startswith("sudo sh -c '")
        assert word in caught.value.command
        assert anchors.update[0] in caught.value.command


def test_a_command_that_fails_is_given_to_the_user(authority: Authority, tmp_path: Path) -> None:
    store = LinuxStore(_Anchors(str(tmp_path), ".crt", ("false",)))
    with pytest.raises(NotDone, match="false"):
        store.add(authority)


def test_elsewhere_the_command_is_given(authority: Authority) -> None:
    for store in (MacStore(), WindowsStore()):
        with pytest.raises(NotDone) as caught:
            store.add(authority)
        assert str(authority.certificate_file) in caught.value.command


@pytest.mark.parametrize(("platform", "kind"), [("darwin", MacStore), ("win32", WindowsStore)])
def test_each_platform_has_its_store(platform: str, kind: type) -> None:
    assert [type(store) for store in system_store.found(platform)] == [kind]
