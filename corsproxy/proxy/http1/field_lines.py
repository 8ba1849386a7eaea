"""The grammar that requests, responses and trailers share: field lines (RFC 9112, 5)."""

import re

from corsproxy.cors.fetch_standard import TCHAR

TOKEN_BYTE = TCHAR.encode("ascii")
"""A byte of a method or of a field's name (RFC 9110, 5.6.2)."""

_FIELD_LINE = TOKEN_BYTE + rb"++:[\t -~\x80-\xff]*+"

FIELD_LINES = rb"(?:" + _FIELD_LINE + rb"\r\n)*+\r\n"
"""All that follows the first line of a head, the empty line included."""

_fullmatch = re.compile(_FIELD_LINE).fullmatch


def is_field_line(line: bytes) -> bool:
    """Whether `line`, without its CRLF, is a field line."""
    return _fullmatch(line) is not None
