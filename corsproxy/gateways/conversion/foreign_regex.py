"""A gateway's own regexes, read as patterns of origins: never as more than they match there."""

import re

from corsproxy.cors.origin import OPAQUE, OriginPattern, PatternError, RegexPattern
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.reading import Entry, Reading

_ESCAPED = re.compile(r"\\(.)")
_SKIPPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+(?:\]|\\?\Z)", re.DOTALL)
"""What holds no alternative of its own: an escape, a class, and one that is never closed."""


def pattern(reading: Reading, key: str, entry: Entry) -> OriginPattern | RegexPattern | None:
    """The pattern of an expression that is matched as a whole; None where RE2 does not read it."""
    text, span = entry
    try:
        found = as_exported(text, span) or RegexPattern(text, span)
    except PatternError as error:
        reading.lose(key, error.message, "leave it out", span)
        return None
    if isinstance(found, RegexPattern) and found.compiled.fullmatch(OPAQUE) is not None:
        effect = "it matches 'null' as well, which a policy allows by name alone"
        reading.lose(key, effect, 'list "null", if that is meant', span)
    return found


def as_exported(text: str, span: Span) -> OriginPattern | RegexPattern | None:
    """The pattern that `regex` has made this of, if it has."""
    for read in (_origin, _group):
        found = read(text, span)
        if found is not None and regex(found) == text:
            return found
    return None


def unanchored(reading: Reading, key: str, entry: Entry) -> Entry:
    """An expression that is searched for, without its anchors; told where it has not both."""
    text, span = entry
    whole = text.startswith("^") and text.endswith("$") and not text.endswith("\\$")
    inner = text[1:-1] if whole else text
    if not whole or _splits(inner):
        effect = f"{text} also matches a part of other origins; here it has to match the whole"
        reading.lose(key, effect, f"^(?:{inner})$", span)
    return inner, span


def _origin(text: str, span: Span) -> OriginPattern | None:
    for subdomains in ("*.", ""):
        for port in (":*", ""):
            some = regex(OriginPattern.parse(f"https://{subdomains}x{port}"))
            before, after = some.removeprefix("https://").split("x")
            rest = text.replace(before, subdomains, 1).removesuffix(after) + port
            try:
                found = OriginPattern.parse(_ESCAPED.sub(r"\1", rest), span)
            except PatternError:
                continue
            if regex(found) == text:
                return found
    return None


def _group(text: str, span: Span) -> RegexPattern | None:
    if not (text.startswith("(?:") and text.endswith(")")):
        return None
    try:
        return RegexPattern(text[3:-1], span)
    except PatternError:
        return None


def _splits(text: str) -> bool:
    """Whether an alternative stands outside of every group, where anchors hold for a part."""
    depth = 0
    for char in _SKIPPED.sub("", text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "|" and depth == 0:
            return True
    return False
