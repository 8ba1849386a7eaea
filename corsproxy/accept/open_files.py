"""Descriptors: how many files and sockets the system lets this process have open at once."""

import sys

UNLIMITED = sys.maxsize


def granted(wanted: int) -> int:
    """How many there may be, once the limit was raised towards `wanted` as far as it goes.

    A process may raise its own soft limit up to the hard one (setrlimit(2)). Shells start programs
    with 256 on macOS and 1024 on most of Linux, and with a hard limit far above.
    """
    try:
        import resource
    except ImportError:  # Windows: handles are not limited by number
        return UNLIMITED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return UNLIMITED
    if soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        except (OSError, ValueError):  # macOS allows no more than kern.maxfilesperproc
            return soft
        return allowed
    return soft
