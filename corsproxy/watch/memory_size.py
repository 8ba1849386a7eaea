"""Weight: how much memory an exchange holds, nearly enough to bound whatever keeps some."""

from corsproxy.cors.exchange import Exchange

FIXED_BYTES = 1_500
"""What an exchange costs beside its heads, measured: the tuple, its texts, the Decision."""
LARGE = 2_000
"""Bytes of a request's head beyond what its texts come to in `FIXED_BYTES`."""


def weight(exchange: Exchange) -> int:
    """Bytes. A large request counts twice: its target, origin and names are kept as texts, too."""
    request = len(exchange.request_head)
    if request > LARGE:
        request *= 2
    response = len(exchange.response_head) + len(exchange.upstream_head)
    return FIXED_BYTES + request + len(exchange.forwarded_head) + response
