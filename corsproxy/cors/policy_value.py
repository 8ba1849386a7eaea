"""What a request said, as a value of a policy: itself, or nothing.

A policy spells patterns in the alphabet of its values: `*` is a token (RFC 9110, 5.6.2), so a page
can use it as a method or a header name, and any program can send `Origin: http://*.evil.test`.
Written into a policy, each would open more than what was asked for. So whatever offers to add a
value from the network (a fix, "allow this", learn) asks here first.
"""

from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OriginPattern, PatternError


def is_origin(text: str) -> bool:
    """Whether a policy that lists `text` allows one origin, spelled as a browser sends it.

    The opaque origin counts: it is spelled as it is sent, though many pages share it.
    """
    if len(text) > MAX_ORIGIN_LENGTH:
        return False
    try:
        return OriginPattern.parse(text).exact
    except PatternError:
        return False


def is_name(text: str) -> bool:
    """Whether a policy that lists `text` allows one method, or one header, of that name."""
    return text != WILDCARD and TOKEN.fullmatch(text) is not None
