"""The compiled module gives what the Python gives, of every head and of all else."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from corsproxy.proxy.http1 import head_pieces, plain_request_head, response_head
from corsproxy.proxy.http1.forwarding import LOOK_ALIKES
from tests.proxy.heads import request_heads, response_heads

REQUEST_NAMES = sorted(plain_request_head.SIGNIFICANT_HEADERS | LOOK_ALIKES)
RESPONSE_NAMES = sorted(response_head.SIGNIFICANT_HEADERS)
MARKS = "!#$%&'*+-.^_`|~"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    if os.environ.get("CI") != "true":
        pytest.importorskip("corsproxy.proxy.http1._heads", reason="SKIPPED: it is not compiled")


@st.composite
def names(draw: st.DrawFn, special: list[str]) -> bytes:
    """A special name, or nearly one: other letters, other marks, a letter more or less."""
    letters = [
        draw(st.sampled_from(MARKS)) if letter == "-" and draw(st.booleans()) else letter
        for letter in draw(st.sampled_from(special))
    ]
    spelled = draw(st.sampled_from([str.lower, str.title, str.upper]))("".join(letters))
    return draw(st.sampled_from([spelled, spelled[1:], spelled + "s", "x-" * 30])).encode()


VALUES = st.one_of(
    st.sampled_from([b"", b" 5", b"\t007 \t", b" 5, 5", b"5 5", b" +5", b"0" * 18, b"0" * 19]),
    st.binary(max_size=6),
)


def lines(special: list[str]) -> st.SearchStrategy[bytes]:
    """Any lines of a head, each with its end."""
    line = st.builds(lambda name, value: b"%b:%b\r\n" % (name, value), names(special), VALUES)
    return st.lists(line, max_size=5).map(b"".join)


REQUESTS = st.one_of(
    request_heads(),
    st.builds(
        lambda method, target, lines: b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, lines),
        st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"GE"]),
        st.one_of(st.just(b"/"), st.binary(max_size=4).map(lambda path: b"/" + path)),
        lines(REQUEST_NAMES),
    ),
)
STATUS_LINES = [
    *(b"HTTP/1.1 200 OK", b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.0 404 Not\tFound"),
    *(b"HTTP/1.9 999 \xff", b"HTTP/1.1 099 No", b"HTTP/1.1 20", b"HTTP/1.1 2000", b"HTTP/1. 200"),
]
RESPONSES = st.one_of(
    response_heads(),
    st.builds(
        lambda first, lines: b"%b\r\n%b\r\n" % (first, lines),
        st.one_of(st.sampled_from(STATUS_LINES), st.just(b"HTTP/1.1 200 OK")),
        lines(RESPONSE_NAMES),
    ),
)


def _spoiled(head: bytes, at: int, byte: bytes, beyond: bytes) -> bytes:
    """`head` with one of its bytes replaced, and something after it."""
    at %= len(head) + 1
    return head[:at] + byte + head[at + len(byte) :] + beyond


def nearly(heads: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Such heads, spoiled or not."""
    return st.builds(
        _spoiled,
        heads,
        st.integers(min_value=0, max_value=999),
        st.one_of(st.just(b""), st.binary(min_size=1, max_size=1)),
        st.sampled_from([b"", b"x", b"GET / HTTP/1.1\r\n\r\n", b"\r\n"]),
    )


@given(raw=nearly(REQUESTS))
@example(raw=b"")
@example(raw=b"GET /")
@example(raw=b"GET / HTTP/1.1\r\n\r")
@example(raw=b"GET / HTTP/1.1\r\nHost: a\r")
@example(raw=b"GET / HTTP/1.1\r\nHost: a\r\n")
@example(raw=b"GET / HTTP/1.1\r\nContent_Length: 5\r\nContent-Length: 5\r\n\r\n")
def test_both_cut_a_request_alike(raw: bytes) -> None:
    wanted = plain_request_head.cut_by_regex(raw)
    event("cut" if wanted else "left alone")
    assert plain_request_head.cut(raw) == wanted


@given(raw=nearly(RESPONSES))
@example(raw=b"")
@example(raw=b"HTTP/1.1 200 OK\r\n\r")
@example(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\ncontent-length:\t8 \r\n\r\n")
def test_both_cut_a_response_alike(raw: bytes) -> None:
    wanted = response_head.cut_by_regex(raw)
    event("cut" if wanted else "left alone")
    assert response_head.cut(raw) == wanted


@given(raw=RESPONSES, data=st.data())
def test_both_join_alike(raw: bytes, data: st.DataObject) -> None:
    found = response_head.cut_by_regex(raw)
    assume(found is not None)
    assert found is not None
    pieces = found[1]
    specials = pieces[2::3]
    line = st.sampled_from([b"", b"\r\nVary: Origin"])
    new = data.draw(st.lists(line, min_size=len(specials), max_size=len(specials)))
    kept = [index for index, special in enumerate(specials) if special is None]
    index = data.draw(st.sampled_from([-1, *kept]))
    wanted = head_pieces.joined_by_slices(pieces, new, index, b"\r\nA: b\r\n\r\n")
    assert head_pieces.joined(pieces, new, index, b"\r\nA: b\r\n\r\n") == wanted
    assert pieces == found[1]


@given(head=REQUESTS)
def test_every_beginning_of_a_request_is_left_alone(head: bytes) -> None:
    whole = plain_request_head.cut_by_regex(head)
    for end in range(whole[3] if whole else len(head)):
        assert plain_request_head.cut(head[:end]) is None


def test_the_compiled_one_is_used() -> None:
    assert plain_request_head.cut is not plain_request_head.cut_by_regex
    assert response_head.cut is not response_head.cut_by_regex
    assert head_pieces.joined is not head_pieces.joined_by_slices


@pytest.mark.parametrize("wrong", [None, "GET / HTTP/1.1\r\n\r\n", bytearray(b"GET")])
def test_what_are_no_bytes_is_an_error(wrong: Any) -> None:
    cuts: list[Callable[[Any], object]] = [plain_request_head.cut, response_head.cut]
    for cut in cuts:
        with pytest.raises(TypeError):
            cut(wrong)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(([b"a"], [], -1), TypeError, id="too few"),
        pytest.param((b"a", [], -1, b""), TypeError, id="no pieces"),
        pytest.param(([b"a"], (), -1, b""), TypeError, id="no list of lines"),
        pytest.param(([b"a"], [], b"", b""), TypeError, id="no number"),
        pytest.param(([b"a"], [], 10**30, b""), OverflowError, id="a number beyond all"),
        pytest.param(([b"a"], [], -1, None), TypeError, id="no tail"),
        pytest.param(([None], [], -1, b""), TypeError, id="pieces of something else"),
        pytest.param(([], [], -1, b""), ValueError, id="not one piece"),
        pytest.param(([b"a"], [b"b"], -1, b""), ValueError, id="more lines than pieces"),
        pytest.param(([b"a", b"b", None, b"c"], [None], -1, b""), TypeError, id="no line"),
        pytest.param(([b"a", None, b"b", b"c"], [b""], 0, b""), TypeError, id="no length to keep"),
    ],
)
def test_what_are_no_pieces_is_an_error(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    joined: Callable[..., bytes] = head_pieces.joined
    with pytest.raises(error):
        joined(*arguments)


def test_a_head_without_an_end_is_joined_to_its_tail() -> None:
    assert head_pieces.joined([b"abc"], [], -1, b"tail") == b"tail"
