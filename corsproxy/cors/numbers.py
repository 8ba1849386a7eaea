"""Numbers that come as text, from anybody: read only as far as they can matter.

int() raises ValueError beyond 4300 digits (Python's guard against its quadratic cost), takes signs,
blanks, underscores and the digits of every script. No length that arrives may decide whether a
number can be read; so whoever reads one says how large it may be.
"""


def number(text: str, maximum: int) -> int | None:
    """The number that `text` spells in ASCII digits, leading zeros allowed.

    None for one above `maximum`, and for any text that is not digits from end to end; a caller that
    has checked the digits can therefore take None for "too large".
    """
    if not (text.isascii() and text.isdigit()):
        return None
    significant = text.lstrip("0") or "0"
    if len(significant) > len(str(maximum)) or (value := int(significant)) > maximum:
        return None
    return value
