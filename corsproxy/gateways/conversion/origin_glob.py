"""Origins as buckets have them: text with at most one `*`, which stands for one character or more.

A browser's origin holds no `/` behind its scheme, so `https://*.a.test` matches the subdomains of
a.test at any depth, and `http://a.test:*` each port that is written out.
"""

import re

from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OPAQUE, OriginPattern, PatternError, RegexPattern
from corsproxy.cors.public_suffix import registrable_domain
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.origin_regex import literal

_ANYTHING = ".+"
_ESCAPED = re.compile(r"\\(.)")
_PORT = re.compile(r":[0-9]*\Z")
_SCHEMES = {f"regex {scheme}://.*": f"{scheme}://*" for scheme in ("https", "http")}


def globs(pattern: OriginPattern | RegexPattern) -> list[str]:
    """The texts that together match what `pattern` matches; none where none do."""
    if isinstance(pattern, RegexPattern):
        found = _SCHEMES.get(str(pattern)) or _glob_of(pattern.text)
        return [found] if found else []
    if str(pattern) == OPAQUE or (pattern.subdomains and pattern.port == "*"):
        return []
    if pattern.port == "*":
        return [str(pattern).removesuffix(":*"), str(pattern)]
    return [str(pattern)]


def _glob_of(text: str) -> str | None:
    before, _, after = (_ESCAPED.sub(r"\1", part) for part in text.partition(_ANYTHING))
    plain = f"{before}{WILDCARD}{after}"
    return plain if plain.count(WILDCARD) == 1 and _regex(plain) == text else None


def _regex(text: str) -> str:
    before, _, after = text.partition(WILDCARD)
    return f"{literal(before)}{_ANYTHING}{literal(after)}"


def pattern(text: str, span: Span) -> OriginPattern | RegexPattern:
    """The pattern that matches what `text` does; raises PatternError where none may.

    Its `fix` is then what was meant in all likelihood.
    """
    if text.count(WILDCARD) != 1:
        raise PatternError("one `*` is the most in an origin", _LIST)
    if meant := _open_ended(text):
        raise PatternError("it lets in hosts that anybody can register", meant)
    try:
        found = OriginPattern.parse(text, span)
    except PatternError:
        return RegexPattern(_regex(text), span)
    return RegexPattern(_regex(text), span) if found.port == "*" else found


_LIST = "list the origins"


def _open_ended(text: str) -> str:
    """What helps where the end of the host, or where its domain begins, is not told."""
    before, _, after = text.partition(WILDCARD)
    host = _PORT.sub("", after)
    if not host:
        closed = "://" not in before or before.endswith((":", "://"))
        return "" if closed else _LIST
    rest = host.partition(".")[2]
    if host.startswith((".", ":")) or registrable_domain(rest) is not None:
        return ""
    return f"{before}*.{after}" if host[0].isalnum() else _LIST
