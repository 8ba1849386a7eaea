"""The judges: real gateways and the tools of AWS; their packages have a lock of their own."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.node_packages import CACHE, node_modules

LOCK = Path(__file__).parent / "requirements.lock"


@pytest.fixture(scope="session")
def judges() -> Path:
    """The folder of the judges' programs, its Python among them; made once for each lock."""
    place = CACHE / f"gateways-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    python = place / "bin" / "python"
    if not (place / "done").exists():
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
            subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            missing(f"the judges cannot be installed: {error}")
        (place / "done").touch()
    return python.parent


def missing(message: str) -> NoReturn:
    """Skip, loudly; in CI, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The judges from npm: where Node finds them."""
    try:
        return node_modules(Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"the judges of npm cannot be installed: {error}")
