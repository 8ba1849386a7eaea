"""NSS stores: a database for each profile of Firefox, and one for Chromium on Linux.

`certutil` of NSS (libnss3-tools, nss-tools, nss) writes them, also while a browser runs; it then
looks anew when it is started the next time.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from corsproxy.trust.authority import NAME, Authority
from corsproxy.trust.data_folder import home
from corsproxy.trust.stores import NotDone, Store, run

_TRUSTED = "C,,"  # for servers, and nothing else

_CHROMIUM = (
    *(".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb"),
    *(".var/app/org.chromium.Chromium/data/pki/nssdb", ".var/app/com.google.Chrome/data/pki/nssdb"),
)
_FIREFOX = (
    *(".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox"),
    *(".var/app/org.mozilla.firefox/.mozilla/firefox", ".librewolf"),
    *("Library/Application Support/Firefox/Profiles", "AppData/Roaming/Mozilla/Firefox/Profiles"),
)
_CHROMIUM_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = "install NSS's certutil (libnss3-tools, nss-tools or nss), then corsproxy trust"


def found() -> Iterator[Store]:
    """Those that are there, and Chromium's where Chromium is and will look for one."""
    for folder in _CHROMIUM:
        if (home() / folder / "cert9.db").exists():
            yield NssStore("Chromium", home() / folder)
    if sys.platform == "linux" and not any((home() / folder).exists() for folder in _CHROMIUM):
        if any(map(shutil.which, _CHROMIUM_PROGRAMS)):
            yield NssStore("Chromium", home() / _CHROMIUM[0])
    for folder in _FIREFOX:
        for database in sorted((home() / folder).glob("*/cert9.db")):
            yield NssStore("Firefox", database.parent)


class NssStore:
    """One database, in `folder`; made where there is none yet."""

    def __init__(self, browser: str, folder: Path) -> None:
        self.name = f"{browser} ({folder})"
        self._folder = folder

    def trusts(self, authority: Authority) -> bool:
        return (authority.nickname, _TRUSTED) in self._ours()

    def add(self, authority: Authority) -> None:
        if not (self._folder / "cert9.db").exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._certutil("-N", "--empty-password")
        elif self.trusts(authority):
            return
        self.remove()
        file = authority.certificate_file
        self._certutil("-A", "-n", authority.nickname, "-t", _TRUSTED, "-i", str(file))

    def remove(self) -> None:
        for nickname, _ in self._ours():
            self._certutil("-D", "-n", nickname)

    def _ours(self) -> list[tuple[str, str]]:
        """The local authorities in it, former ones too: what each is called, and what it may do."""
        if not (self._folder / "cert9.db").exists():
            return []
        listed = (line.rstrip().rpartition(" ") for line in self._certutil("-L").splitlines())
        return [(name.rstrip(), trust) for name, _, trust in listed if name.startswith(NAME)]

    def _certutil(self, *arguments: str) -> str:
        program = shutil.which("certutil")
        if program is None or sys.platform == "win32":  # Windows has one of its own, of that name
            raise NotDone(_INSTALL)
        return run(program, "-d", f"sql:{self._folder}", *arguments)
