"""What the system itself keeps of a connection: as much as it is set to, where it thinks fit."""

from pathlib import Path

USUAL = 6 << 20


def held(connections: int) -> int:
    """The most bytes that wait in the buffers of so many TCP connections of this machine."""
    return connections * (_most("tcp_rmem") + _most("tcp_wmem") + (1 << 20))


def _most(name: str) -> int:
    """The largest that Linux makes such a buffer: the last of three numbers."""
    setting = Path("/proc/sys/net/ipv4", name)
    return int(setting.read_text().split()[2]) if setting.exists() else USUAL
