"""Nothing from the network reaches a terminal, a log or a page as it came."""

from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.escape import MAX_SHOWN_LENGTH, escaped


def test_plain_text_is_left_alone() -> None:
    assert escaped("http://localhost:5173/'\"<b>") == "http://localhost:5173/'\"<b>"


def test_every_byte_is_told_apart() -> None:
    shown = [escaped(chr(byte)) for byte in range(256)]
    assert len(set(shown)) == 256
    assert escaped("\x7f\x85\\\n") == "\\x7f\\x85\\\\\\n"


def test_the_end_of_a_long_text_is_cut() -> None:
    assert escaped("a" * MAX_SHOWN_LENGTH) == "a" * MAX_SHOWN_LENGTH
    assert escaped("a" * (MAX_SHOWN_LENGTH + 1)) == "a" * MAX_SHOWN_LENGTH + "..."


@given(st.text())
def test_what_is_shown_is_printable_ascii(text: str) -> None:
    assert escaped(text).isascii()
    assert escaped(text).isprintable()
