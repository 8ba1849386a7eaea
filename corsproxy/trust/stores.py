"""The stores of trusted authorities on this machine: the system's, and those of browsers.

Each can be asked whether it trusts the local authority, and told to or not to any more; where that
takes rights that we have not (root, or a password that macOS asks for), it gives the command.
"""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from corsproxy.trust.authority import Authority

COMMAND_SECONDS = 60.0


class NotDone(Exception):
    """The user has to do it: `command` is what to run."""

    def __init__(self, command: str) -> None:
        super().__init__(command)
        self.command = command


class Store(Protocol):
    """One store. `add` and `remove` raise NotDone where the user has to do it."""

    name: str

    def trusts(self, authority: Authority) -> bool:
        """Whether it does; raises NotDone where that cannot be found out."""

    def add(self, authority: Authority) -> None:
        """Trust it, and no former one."""

    def remove(self) -> None:
        """Trust no local authority of ours any more."""


def run(*command: str | Path) -> str:
    """What a command prints; raises NotDone with the command if it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(  # noqa: S603 - commands of ours
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        raise NotDone(shlex.join(words)) from None
    return done.stdout


def found(*, system: bool = True) -> list[Store]:
    """Those of this machine, unless `system` is false, and of this user's browsers."""
    from corsproxy.trust import nss, system_store

    return [*(system_store.found(sys.platform) if system else ()), *nss.found()]
