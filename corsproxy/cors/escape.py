"""Text from the network, made fit to be shown: no control bytes, no end of it out of sight."""

from corsproxy.cors.secret_text import masked_text

MAX_SHOWN_LENGTH = 200


def escaped(text: str) -> str:
    r"""`text` with everything but printable ASCII as `\xNN`, cut after 200 characters.

    Nothing in it can move a cursor, end a line, or pass for a sentence of ours.
    """
    start = text[:MAX_SHOWN_LENGTH]
    shown = start.encode("unicode_escape").decode("ascii").replace("\x7f", "\\x7f")
    return shown + ("..." if len(text) > MAX_SHOWN_LENGTH else "")


def printable(text: str) -> str:
    """`text` as every reader may see it: cut, its secrets masked, the rest escaped."""
    return escaped(masked_text(text, MAX_SHOWN_LENGTH))
