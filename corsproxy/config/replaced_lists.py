"""Lists of the file that a flag or a variable replaces: legal, and often not what was meant."""

import shlex
from collections.abc import Mapping

from corsproxy.config.schema import SETTINGS
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar
from corsproxy.cors.span import Span

_MAX_VALUES = 8
"""Values that a fix repeats a flag for."""


def note(old: Mapping[str, Node], new: Mapping[str, Node], notes: Notes) -> None:
    """Tell of lists of the file that count no more: who gives one more origin may expect both."""
    for setting in SETTINGS:
        before, after = old.get(setting.key), new.get(setting.key)
        if before is None or after is None or not (setting.kind.many and before.span.line):
            continue
        kept = _texts(after)
        if lost := [text for text in _texts(before) if text not in kept]:
            name = setting.key.removeprefix("cors.")
            message = f"{after.span} replaces {name} at {before.span}, with {_some(lost)} in it"
            notes.warning("list-replaced", after.span, message, _all(after.span, before, kept))


def _all(place: Span, before: Node, kept: list[str]) -> str | None:
    """What gives both; None where these are too many, or more than text."""
    texts = _texts(before)
    texts += [text for text in kept if text not in texts]
    simple = not isinstance(before, Listing) or len(before.items) == len(_texts(before))
    return repeated(place, texts) if simple and len(texts) <= _MAX_VALUES else None


def _texts(node: Node) -> list[str]:
    """The values of a list as text, its short form by commas too; what is no text is left out."""
    items = node.items if isinstance(node, Listing) else (node,)
    texts = [item.text for item in items if isinstance(item, Scalar)]
    apart = texts[0].split(",") if isinstance(node, Scalar) else texts
    return [text.strip() for text in apart]


def _some(texts: list[str]) -> str:
    more = len(texts) - 1
    return f"{texts[0]!r}{f' and {more} more' if more else ''}"


def repeated(place: Span, texts: list[str]) -> str:
    """How the command line, or the environment, says all of these where it says one."""
    name = str(place)
    if not name.startswith("--"):
        return f"{name}={shlex.quote(','.join(texts))}"
    return " ".join(f"{name} {shlex.quote(text)}" for text in texts)
