"""Where the local authority is kept."""

import os
from pathlib import Path

import pytest

from corsproxy.trust.data_folder import data_folder, home

HOME = Path("/my/home")


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        pytest.param("linux", {}, HOME / ".local/share/corsproxy", id="Linux"),
        pytest.param("linux", {"XDG_DATA_HOME": "/d"}, Path("/d/corsproxy"), id="named"),
        pytest.param("linux", {"XDG_DATA_HOME": "d"}, HOME / ".local/share/corsproxy", id="half"),
        pytest.param("darwin", {}, HOME / "Library/Application Support/corsproxy", id="macOS"),
        pytest.param("win32", {"LOCALAPPDATA": "/l"}, Path("/l/corsproxy"), id="Windows"),
    ],
)
def test_each_platform_has_its_place(
    platform: str, environ: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("HOME", str(HOME))
    assert data_folder(environ) == folder


@pytest.mark.skipif(os.name != "posix", reason="SKIPPED: no HOME here")
def test_who_has_no_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(OSError, match="fix: XDG_DATA_HOME=FOLDER"):
        home()
