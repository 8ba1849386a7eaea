"""Frames are followed to their ends, in whatever pieces they come."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.http1.websocket_frames import Frames, going_away


def frame(opcode: int, size: int, *, masked: bool) -> bytes:
    bit = 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, bit | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, bit | 127, size)
    return head + (b"mask" if masked else b"") + b"x" * size


FRAMES = st.builds(
    lambda opcode, size, masked: frame(opcode, size, masked=masked),
    st.sampled_from([0, 1, 2, 9, 10]),
    st.sampled_from([0, 1, 125, 126, 127, 65535, 65536]),
    masked=st.booleans(),
)


@given(st.lists(FRAMES, max_size=4), st.integers(1, 70_000))
def test_a_close_may_stand_between_whole_frames_and_nowhere_else(
    whole: list[bytes], step: int
) -> None:
    stream = b"".join(whole)
    ends = {sum(map(len, whole[:n])) for n in range(len(whole) + 1)}
    frames = Frames()
    for at in range(0, len(stream), step):
        assert frames.may_close is (at in ends)
        frames.feed(stream[at : at + step])
    assert frames.may_close


@pytest.mark.parametrize("masked", [False, True])
def test_after_a_close_there_is_no_other(masked: bool) -> None:
    frames = Frames()
    for byte in frame(8, 2, masked=masked):
        frames.feed(bytes([byte]))
    frames.feed(frame(1, 5, masked=masked))
    assert not frames.may_close


@pytest.mark.parametrize("masked", [False, True])
def test_our_own_close_says_going_away(masked: bool) -> None:
    said = going_away(masked=masked)
    frames = Frames()
    frames.feed(said)
    assert not frames.may_close
    assert said[0] == 0x88
    assert said[1] == (0x82 if masked else 2)
    key = said[2:6] if masked else bytes(4)
    code = bytes(one ^ other for one, other in zip(said[-2:], key, strict=False))
    assert struct.unpack("!H", code) == (1001,)
