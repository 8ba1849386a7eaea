"""What a process has taken of its machine; Linux only."""

from pathlib import Path

import pytest


def resident(pid: int) -> int:
    """Bytes of memory that it has in use."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    pytest.fail(f"process {pid} is gone")


def descriptors(pid: int) -> int:
    """How many files and sockets it has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
