"""What a rule of lint says."""

from typing import NamedTuple

from corsproxy.cors.span import Span


class LintWarning(NamedTuple):
    """One thing that is legal but unwise, its place and what to put there."""

    place: Span | None
    message: str
    fix: str | None = None
