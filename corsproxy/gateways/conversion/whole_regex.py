"""Which of a policy's origins go to a gateway that asks a regex and nothing beside it."""

from collections.abc import Iterator

from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.sayable import with_origins

_BEYOND = (OPAQUE, "*", "")
"""What a careless expression matches, and `RegexPattern` never does: the opaque origin; the text by
which Envoy lets everybody in; a request without Origin."""


def kept(export: Export) -> Iterator[OriginPattern | RegexPattern]:
    """The patterns that mean the same there; the others are lost."""
    patterns = export.policy.allow_origins.patterns
    allowed = {str(pattern) for pattern in patterns}
    for i, pattern in enumerate(patterns):
        beyond = _beyond(pattern) - allowed
        if beyond:
            matched = ", ".join(f"{text!r}" for text in sorted(beyond))
            effect = f"the expression matches {matched} as well, which it does not mean here"
            export.lose("allow_origins", effect, "write it so that it begins with https://", i)
        else:
            yield pattern


def said(policy: Policy) -> Policy:
    """`policy` with the patterns alone that `kept` yields."""
    allowed = {str(pattern) for pattern in policy.allow_origins.patterns}
    return with_origins(policy, lambda pattern: not _beyond(pattern) - allowed)


def _beyond(pattern: OriginPattern | RegexPattern) -> set[str]:
    if isinstance(pattern, OriginPattern):
        return set()
    return {text for text in _BEYOND if pattern.compiled.fullmatch(text) is not None}
