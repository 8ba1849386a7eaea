"""Where this user's programs keep data: where the local authority is."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_DATA_HOME/corsproxy`, or what stands for it on this platform.

    Raises OSError where the user has no home and the variable is not set, as in many containers.
    """
    named = environ.get("XDG_DATA_HOME", "")
    if named and Path(named).is_absolute():  # XDG Base Directory: a relative one is ignored
        return Path(named, "corsproxy")
    if sys.platform == "win32" and (local := environ.get("LOCALAPPDATA")):
        return Path(local, "corsproxy")
    below = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return home() / below / "corsproxy"


def home() -> Path:
    """The user's home; raises OSError where there is none."""
    try:
        found = Path.home()
    except RuntimeError:
        found = Path("/")
    if found == Path("/") and not os.access(found, os.W_OK):
        message = "this user has no home to keep the local authority in"
        raise OSError(f"{message}\n  fix: XDG_DATA_HOME=FOLDER, or tls: {{certificate, key}}")
    return found
