"""Chunked content is followed in whatever pieces it comes, and checked before it is handed on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.http1.chunked import ChunkScanner
from corsproxy.proxy.http1.response_head import Malformed


def scan(*pieces: bytes, verbatim: bool = False) -> tuple[bytes, bytes, bool]:
    """What was handed on, what came after the end, and whether there was one."""
    scanner = ChunkScanner(verbatim=verbatim)
    passed, beyond = b"", b""
    for piece in pieces:
        if scanner.done:
            beyond += piece
            continue
        part, beyond = scanner.feed(piece)
        passed += part
    return passed, beyond, scanner.done


@pytest.mark.parametrize(
    ("wire", "data"),
    [
        pytest.param(b"0\r\n\r\n", b"", id="nothing"),
        pytest.param(b"5\r\nhello\r\n0\r\n\r\n", b"hello", id="one chunk"),
        pytest.param(b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"abc", id="two chunks"),
        pytest.param(b"0000A\r\n0123456789\r\n000\r\n\r\n", b"0123456789", id="leading zeros"),
        pytest.param(b'5;a=b;c="d;e"\r\nhello\r\n0;last\r\n\r\n', b"hello", id="extensions"),
        pytest.param(b"5 ;x\r\nhello\r\n0\r\n\r\n", b"hello", id="a blank before an extension"),
        pytest.param(b"5\r\nhello\r\n0\r\nX-T: v\r\nY:\r\n\r\n", b"hello", id="trailers"),
        pytest.param(b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n", id="a line end as data"),
    ],
)
def test_content_is_found_and_the_wire_is_kept(wire: bytes, data: bytes) -> None:
    assert scan(wire) == (data, b"", True)
    assert scan(wire, verbatim=True) == (wire, b"", True)
    assert scan(*(bytes([byte]) for byte in wire)) == (data, b"", True)
    assert scan(*(bytes([byte]) for byte in wire), verbatim=True) == (wire, b"", True)


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"\r\n", id="no size"),
        pytest.param(b"g\r\n", id="no digit"),
        pytest.param(b"-1\r\n", id="negative"),
        pytest.param(b"+5\r\nhello\r\n", id="a sign"),
        pytest.param(b"0x5\r\nhello\r\n", id="0x"),
        pytest.param(b"5_0\r\n", id="an underscore"),
        pytest.param(b" 5\r\nhello\r\n", id="a blank first"),
        pytest.param(b"5 \r\nhello\r\n", id="a blank after"),
        pytest.param(b"5\nhello\r\n", id="LF alone"),
        pytest.param(b"5;a\nb\r\nhello\r\n", id="LF in an extension"),
        pytest.param(b"5;\x00\r\nhello\r\n", id="a control byte in an extension"),
        pytest.param(b"5\r\nhelloX\n0\r\n\r\n", id="too much data"),
        pytest.param(b"5\r\nhello\n0\r\n\r\n", id="data ended by LF"),
        pytest.param(b"5\r\nhello\r0\r\n\r\n", id="data ended by CR"),
        pytest.param(b"f" * 16 + b"\r\n", id="more than any disk holds"),
        pytest.param(b"0\r\nno colon\r\n\r\n", id="a trailer that is no field"),
        pytest.param(b"0\r\nX : y\r\n\r\n", id="a blank in a trailer's name"),
        pytest.param(b"0\r\n folded\r\n\r\n", id="a folded trailer"),
        pytest.param(b"5;" + b"x" * 9000 + b"\r\n", id="an endless extension"),
        pytest.param(b"0\r\n" + b"A: b\r\n" * 20000, id="endless trailers"),
    ],
)
@pytest.mark.parametrize("verbatim", [True, False], ids=["verbatim", "decoded"])
def test_what_is_no_chunk_is_malformed_and_goes_nowhere(wire: bytes, verbatim: bool) -> None:
    with pytest.raises(Malformed):
        scan(wire, verbatim=verbatim)
    with pytest.raises(Malformed):
        scan(
            *(wire[i : i + 1] for i in range(min(len(wire), 20000))),
            wire[20000:],
            verbatim=verbatim,
        )


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.lists(st.integers(1, 50)),
    st.binary(),
)
def test_pieces_do_not_matter(chunks: list[bytes], cuts: list[int], beyond: bytes) -> None:
    wire = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(wire[at : at + cut])
        at += cut
    pieces.append(wire[at:] + beyond)
    pieces = [piece for piece in pieces if piece]
    assert scan(*pieces) == (b"".join(chunks), beyond, True)
    assert scan(*pieces, verbatim=True) == (wire, beyond, True)


@given(st.integers(0, 30))
def test_what_is_cut_is_never_done(cut: int) -> None:
    wire = b"5\r\nhello\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"
    assert not scan(wire[: min(cut, len(wire) - 1)])[2]
