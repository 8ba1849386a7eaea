"""Packages of npm for a folder of tests: those of the lock in it, installed once."""

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "corsproxy-tests"
"""What is fetched or built for tests, and kept from one run to the next."""


@functools.cache
def node_modules(folder: Path) -> Path:
    """Where the packages of `folder`'s package-lock.json are; raises OSError without npm."""
    files = [folder / "package.json", folder / "package-lock.json"]
    content = b"".join(file.read_bytes() for file in files)
    place = CACHE / f"node-{hashlib.sha256(content).hexdigest()[:16]}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE / "node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "done").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            for file in files:
                shutil.copy(file, place)
            options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
            subprocess.run(["npm", "ci", *options], cwd=place, check=True, stdout=sys.stderr)
            (place / "done").touch()
    return place / "node_modules"
