"""A message of a browser's console in our words: what it means, and what helps."""

from collections.abc import Iterator
from typing import Any

from corsproxy.cors.escape import printable
from corsproxy.cors.explain.scene_text import reason_json
from corsproxy.cors.reasons.pasted import Pasted


def pasted_text(found: Pasted) -> str:
    """The likeliest reason first; others that show the same message after it."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Pasted) -> Iterator[str]:
    asked = "the preflight of " if found.preflight else ""
    url, origin = (printable(found.values.get(name, "")) for name in ("url", "origin"))
    about = f" about {asked}{url}" if url else ""
    page = f", called by a page of {origin}" if origin else ""
    yield f"{found.browser} says {found.key}{about}{page}"
    for number, reason in enumerate(found.reasons):
        yield ""
        yield f"{'or: ' if number else ''}{reason.text} [{reason.id}]"
        yield f"  fix: {reason.fix}"
        yield f"  see: {reason.step}"


def pasted_json(found: Pasted) -> dict[str, Any]:
    """The same as one object."""
    return {
        "browser": found.browser,
        "key": found.key,
        "preflight": found.preflight,
        "quoted": {name: printable(value) for name, value in found.values.items()},
        "reasons": [reason_json(reason) for reason in found.reasons],
    }
