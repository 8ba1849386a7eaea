"""The program as a user starts it."""

import os
import subprocess
import sys
from collections.abc import Mapping


def corsproxy(
    *arguments: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What `corsproxy ARGUMENTS` prints and exits with."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CORSPROXY_")}
    done = subprocess.run(
        [sys.executable, "-m", "corsproxy", *arguments],
        input=stdin,
        capture_output=True,
        env={**clean, "COLUMNS": "100", **(environ or {})},
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
