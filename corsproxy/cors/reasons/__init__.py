"""The catalogue: every distinct way in which CORS fails, one entry each, found by a stable id.

One wording for the log, the inspector, the command line and refused responses: it stands here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from corsproxy.cors.reasons.blocked import BLOCKED
from corsproxy.cors.reasons.differs import DIFFERS
from corsproxy.cors.reasons.entry import Entry, ExplainedReason
from corsproxy.cors.reasons.noticed import NOTICED
from corsproxy.cors.reasons.recorded import RECORDED
from corsproxy.cors.reasons.refused import REFUSED

__all__ = [
    "BLOCKED",
    "CATALOGUE",
    "DIFFERS",
    "NOTICED",
    "RECORDED",
    "REFUSED",
    "Entry",
    "ExplainedReason",
    "explained",
]

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {entry.id: entry for entry in (*REFUSED, *BLOCKED, *NOTICED, *DIFFERS, *RECORDED)}
)


def explained(
    reason: str, values: Mapping[str, str], *, preflight: bool = False
) -> ExplainedReason:
    """The entry called `reason` in words, with these values."""
    return CATALOGUE[reason].explained(values, preflight=preflight)
