"""How a response is framed towards the client, whatever the upstream's framing was.

Both lanes ask here. An HTTP/1.0 client knows no chunks (RFC 9112, 7.1): the end of its connection
is the end of the content.
"""

from typing import NamedTuple

from corsproxy.proxy.http1.response_head import Framing

CHUNKED_FRAMINGS = (Framing.CHUNKED, Framing.CLOSE)
"""What leaves in chunks: content without a length that is announced."""


class ClientFraming(NamedTuple):
    """One response's framing on the client's connection."""

    headers: list[tuple[str, str]]
    """Transfer-Encoding and Connection, where they are needed."""
    rechunks: bool
    """Whether the upstream's content, which has no chunks, is to be put into some."""
    ends_by_close: bool
    """Whether only the end of the connection tells the client where the content ends."""


def client_framing(framing: Framing, *, closes: bool, version: str = "1.1") -> ClientFraming:
    """The framing of a response that came framed so; `closes` is whether the connection ends."""
    no_length, old = framing in CHUNKED_FRAMINGS, version == "1.0"
    headers = [("Transfer-Encoding", "chunked")] if no_length and not old else []
    if closes:
        headers.append(("Connection", "close"))
    return ClientFraming(headers, framing is Framing.CLOSE and not old, no_length and old)
