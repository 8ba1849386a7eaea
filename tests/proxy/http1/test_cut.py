"""The compiled cut gives what the regular expressions give, of every head and of all else."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from corsproxy.proxy.http1 import plain_request_head
from corsproxy.proxy.http1.forwarding import LOOK_ALIKES
from tests.proxy.heads import request_heads

NAMES = sorted(plain_request_head.SIGNIFICANT_HEADERS | LOOK_ALIKES)
MARKS = "!#$%&'*+-.^_`|~"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    if os.environ.get("CI") != "true":
        pytest.importorskip("corsproxy.proxy.http1._cut", reason="SKIPPED: _cut is not compiled")


@st.composite
def names(draw: st.DrawFn) -> bytes:
    """A special name, or nearly one: other letters, other marks, a letter more or less."""
    letters = [
        draw(st.sampled_from(MARKS)) if letter == "-" and draw(st.booleans()) else letter
        for letter in draw(st.sampled_from(NAMES))
    ]
    spelled = draw(st.sampled_from([str.lower, str.title, str.upper]))("".join(letters))
    return draw(st.sampled_from([spelled, spelled[1:], spelled + "s", "x-" * 30])).encode()


VALUES = st.one_of(
    st.sampled_from([b"", b" 5", b"\t007 \t", b" 5, 5", b"5 5", b" +5", b"0" * 18, b"0" * 19]),
    st.binary(max_size=6),
)
LINES = st.lists(
    st.builds(lambda name, value: b"%b:%b\r\n" % (name, value), names(), VALUES), max_size=5
)
HEADS = st.one_of(
    request_heads(),
    st.builds(
        lambda method, target, lines: (
            b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, b"".join(lines))
        ),
        st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"GE"]),
        st.one_of(st.just(b"/"), st.binary(max_size=4).map(lambda path: b"/" + path)),
        LINES,
    ),
)


def _spoiled(head: bytes, at: int, byte: bytes, beyond: bytes) -> bytes:
    """`head` with one of its bytes replaced, and something after it."""
    at %= len(head) + 1
    return head[:at] + byte + head[at + len(byte) :] + beyond


@given(
    raw=st.builds(
        _spoiled,
        HEADS,
        st.integers(min_value=0, max_value=999),
        st.one_of(st.just(b""), st.binary(min_size=1, max_size=1)),
        st.sampled_from([b"", b"x", b"GET / HTTP/1.1\r\n\r\n", b"\r\n"]),
    )
)
@example(raw=b"")
@example(raw=b"GET /")
@example(raw=b"GET / HTTP/1.1\r\n\r")
@example(raw=b"GET / HTTP/1.1\r\nHost: a\r")
@example(raw=b"GET / HTTP/1.1\r\nHost: a\r\n")
@example(raw=b"GET / HTTP/1.1\r\nContent_Length: 5\r\nContent-Length: 5\r\n\r\n")
def test_both_cut_alike(raw: bytes) -> None:
    wanted = plain_request_head.cut_by_regex(raw)
    event("cut" if wanted else "left alone")
    assert plain_request_head.cut(raw) == wanted


@given(head=HEADS)
def test_every_beginning_of_a_head_is_left_alone(head: bytes) -> None:
    whole = plain_request_head.cut_by_regex(head)
    for end in range(whole[3] if whole else len(head)):
        assert plain_request_head.cut(head[:end]) is None


def test_the_compiled_one_is_used() -> None:
    assert plain_request_head.cut is not plain_request_head.cut_by_regex


@pytest.mark.parametrize("wrong", [None, "GET / HTTP/1.1\r\n\r\n", bytearray(b"GET")])
def test_what_are_no_bytes_is_an_error(wrong: Any) -> None:
    cut: Callable[[Any], object] = plain_request_head.cut
    with pytest.raises(TypeError):
        cut(wrong)
