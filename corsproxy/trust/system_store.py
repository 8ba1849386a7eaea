"""The system's store: what curl, Python's own clients and, but on Linux, browsers look into."""

import contextlib
import os
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from corsproxy.trust.authority import NAME, Authority
from corsproxy.trust.stores import NotDone, Store, run

_FILE = "corsproxy-local-authority"


class _Anchors(NamedTuple):
    """Where a distribution keeps authorities that its owner has added, and what takes them in."""

    folder: str
    suffix: str
    update: tuple[str, ...]


_DISTRIBUTIONS = (
    _Anchors("/usr/local/share/ca-certificates", ".crt", ("update-ca-certificates",)),  # Debian
    _Anchors("/etc/pki/ca-trust/source/anchors", ".pem", ("update-ca-trust", "extract")),  # Fedora
    _Anchors("/etc/ca-certificates/trust-source/anchors", ".crt", ("update-ca-trust",)),  # Arch
    _Anchors("/usr/share/pki/trust/anchors", ".pem", ("update-ca-certificates",)),  # SUSE
)


def found(platform: str) -> Iterator[Store]:
    """The one of this machine, if it is of a kind that we know."""
    if platform == "darwin":
        yield MacStore()
    elif platform == "win32":
        yield WindowsStore()
    else:
        for anchors in _DISTRIBUTIONS:
            if Path(anchors.folder).is_dir() and _program(anchors.update[0]):
                yield LinuxStore(anchors)
                return


def _program(name: str) -> str | None:
    """Where it is: programs for root are often not in a user's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


class LinuxStore:
    """A folder of certificates, and a command that takes them in; root's."""

    name = "the system (curl, Python, Go)"

    def __init__(self, anchors: _Anchors) -> None:
        self._file = Path(anchors.folder, _FILE + anchors.suffix)
        program, *arguments = anchors.update
        self._update = (_program(program) or program, *arguments)

    def trusts(self, authority: Authority) -> bool:
        return _known_to_openssl(authority)

    def add(self, authority: Authority) -> None:
        source = authority.certificate_file
        if not os.access(self._file.parent, os.W_OK):
            update = " ".join(self._update)
            raise NotDone(f"sudo sh -c 'cp \"{source}\" {self._file} && {update}'")
        shutil.copyfile(source, self._file)
        self._file.chmod(0o644)
        run(*self._update)

    def remove(self) -> None:
        if not self._file.exists():
            return
        if not os.access(self._file.parent, os.W_OK):
            raise NotDone(f"sudo sh -c 'rm {self._file} && {' '.join(self._update)}'")
        self._file.unlink()
        run(*self._update)


def _known_to_openssl(authority: Authority) -> bool:
    """Whether a client with the system's defaults trusts it."""
    wanted = ssl.PEM_cert_to_DER_cert(authority.pem.decode())
    context = ssl.create_default_context()
    return wanted in context.get_ca_certs(binary_form=True)


class MacStore:
    """The user's keychain: Safari, Chromium and curl. macOS asks for a password."""

    name = "the login keychain (Safari, Chrome, curl)"

    def trusts(self, authority: Authority) -> bool:
        with contextlib.suppress(NotDone):
            run("security", "verify-cert", "-c", authority.certificate_file)
            return True
        return False

    def add(self, authority: Authority) -> None:
        raise NotDone(
            "security add-trusted-cert -r trustRoot -p ssl "
            f'-k ~/Library/Keychains/login.keychain-db "{authority.certificate_file}"'
        )

    def remove(self) -> None:
        with contextlib.suppress(NotDone):
            run("security", "find-certificate", "-c", NAME)
            raise NotDone(f'security delete-certificate -t -c "{NAME}"')


class WindowsStore:
    """The user's root store: Edge, Chrome, curl. Windows asks whether it is meant."""

    name = "the user's root store (Edge, Chrome, curl)"

    def trusts(self, authority: Authority) -> bool:
        return _known_to_openssl(authority)

    def add(self, authority: Authority) -> None:
        raise NotDone(f'certutil -user -addstore Root "{authority.certificate_file}"')

    def remove(self) -> None:
        raise NotDone(f'certutil -user -delstore Root "{NAME}"')
