"""How a response is framed towards the client: by its length, in chunks, or by the end."""

import pytest

from corsproxy.proxy.http1.framing import client_framing
from corsproxy.proxy.http1.response_head import Framing

CHUNKED = ("Transfer-Encoding", "chunked")
CLOSE = ("Connection", "close")


@pytest.mark.parametrize("framing", [Framing.NONE, Framing.LENGTH])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_what_has_a_length_needs_no_framing_of_ours(framing: Framing, version: str) -> None:
    assert client_framing(framing, closes=False, version=version) == ([], False, False)
    assert client_framing(framing, closes=True, version=version) == ([CLOSE], False, False)


@pytest.mark.parametrize("closes", [True, False])
def test_what_only_the_upstreams_end_ends_leaves_in_chunks_of_ours(closes: bool) -> None:
    headers = [CHUNKED, CLOSE] if closes else [CHUNKED]
    assert client_framing(Framing.CLOSE, closes=closes) == (headers, True, False)
    assert client_framing(Framing.CHUNKED, closes=closes) == (headers, False, False)


@pytest.mark.parametrize("framing", [Framing.CLOSE, Framing.CHUNKED])
def test_an_old_client_gets_no_chunks_but_the_end_of_its_connection(framing: Framing) -> None:
    assert client_framing(framing, closes=True, version="1.0") == ([CLOSE], False, True)
