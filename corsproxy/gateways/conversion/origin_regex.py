"""Origin patterns as regular expressions that RE2 and PCRE read alike.

Each is to match an origin as a whole: whoever writes one anchors it where its reader does not.
"""

import re

from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern

SHAPE = (
    r"[a-z][a-z0-9+.-]*://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])"
    r"(?::[1-9][0-9]{0,4})?"
)
"""What `RegexPattern` wants of every origin, whatever its expression says."""

ANYTHING = r"[!-~]{1,512}"
"""What `dangerously_reflect_any_origin` sends back: the opaque origin is among it."""

_SPECIAL = re.compile(r"[\\.+*?()\[\]{}|^$]")


def regex(pattern: OriginPattern | RegexPattern) -> str:
    """The expression of `pattern`; a user's own is put in a group."""
    if isinstance(pattern, RegexPattern):
        return f"(?:{pattern.text})"
    if str(pattern) == OPAQUE:
        return OPAQUE
    subdomains = r"(?:[a-z0-9_-]+\.)+" if pattern.subdomains else ""
    port = r"(?::[1-9][0-9]{0,4})?" if pattern.port == "*" else pattern.port and f":{pattern.port}"
    return f"{literal(pattern.scheme)}://{subdomains}{literal(pattern.host)}{port}"


def anchored(pattern: OriginPattern | RegexPattern) -> str:
    """The expression of `pattern` for PCRE that searches, in one line with what it implies.

    A user's own has the shape of an origin looked at first: `.*` never matches the opaque origin.
    """
    shape = f"(?={SHAPE}$)" if isinstance(pattern, RegexPattern) else ""
    return f"^{shape}{regex(pattern)}$"


def one_line(pattern: OriginPattern | RegexPattern) -> bool:
    """Whether the expression of `pattern` can stand in a configuration made of lines."""
    return str(pattern).isprintable()


def literal(text: str) -> str:
    """The expression that matches `text` and nothing else."""
    return _SPECIAL.sub(r"\\\g<0>", text)
