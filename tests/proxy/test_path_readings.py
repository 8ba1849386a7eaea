"""Readings: what servers make of a path, in a bounded number and in linear time."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.proxy.path_readings import (
    MAX_READINGS,
    TooManyReadings,
    folded,
    plain,
    readings,
    resolved,
)


@pytest.mark.parametrize(
    ("path", "reading"),
    [
        pytest.param("/a%2fb", "/a/b", id="an encoded slash decoded"),
        pytest.param("/a%2f../b", "/a/../b", id="decoded, with the dots kept"),
        pytest.param("/a%2f../b", "/b", id="decoded and resolved"),
        pytest.param("/x/y%2fz/%2e%2e/a", "/x/a", id="an encoded slash kept, dots resolved"),
        pytest.param("/a%5cb", "/a\\b", id="a backslash kept"),
        pytest.param("/a%5cb", "/a/b", id="a backslash as a slash"),
        pytest.param("/a;x%2fy/b", "/a/b", id="parameters left out before decoding"),
        pytest.param("/a%3bx/b", "/a/b", id="parameters left out after decoding"),
        pytest.param("/x/..;/a", "/a", id="dots behind which parameters stood"),
        pytest.param("/%252e%252e/a", "/../a", id="decoded twice"),
        pytest.param("/a/%252fb/../../c%2564", "/cd", id="resolved between two decodings"),
        pytest.param("/%c0%ae%c0%ae%c0%afa", "/../a", id="two bytes for one"),
        pytest.param("/%e0%80%afa", "//a", id="three bytes for one"),
        pytest.param("/%f0%80%80%afa", "//a", id="four bytes for one"),
        pytest.param("/x%u002fa", "/x/a", id="UTF-16 in an encoding"),
        pytest.param("/a%ffb", "/ab", id="bytes that are not UTF-8 dropped"),
        pytest.param("/x%ef%bc%8fa", "/x/a", id="a full-width slash"),
        pytest.param("/\xe2\x84\xaa", "/\u212a", id="bytes as UTF-8"),
        pytest.param("/a.%20./b", "/a/b", id="blanks and dots at the end of a name"),
        pytest.param("/..%20/a", "/a", id="a blank after dots"),
        pytest.param("/%20a/b", "/a/b", id="a blank before a name"),
        pytest.param("/a%0a", "/a", id="a line's end after a name"),
        pytest.param("/a%00.png", "/a", id="cut at a NUL"),
        pytest.param("/a%3fb", "/a", id="a query within"),
        pytest.param("/a%23b", "/a", id="a fragment within"),
        pytest.param("//x/a", "/a", id="a host after two slashes"),
        pytest.param("/%2fx/a", "/a", id="the same, encoded"),
        pytest.param("/a//../b", "/a/b", id="doubled slashes kept while dots are resolved"),
        pytest.param("/a//../b", "/b", id="doubled slashes merged before"),
    ],
)
def test_among_the_readings_is(path: str, reading: str) -> None:
    assert reading in readings(path)


@pytest.mark.parametrize("path", ["/", "/a/b.c", "/Pages/Me", "/a~b/!$&'()*+,=:@-_", "/a..b"])
def test_an_ordinary_path_has_one_reading(path: str) -> None:
    assert plain(path)
    assert list(readings(path)) == [path]


@pytest.mark.parametrize(
    ("path", "number"),
    [
        pytest.param("/static/a%20b.js", 2, id="a blank in a name"),
        pytest.param("/.well-known/x", 1, id="a name that begins with a dot"),
        pytest.param("/projects/group%2Fproject/files/src%2Fa.py", 2, id="slashes in names"),
        pytest.param("/x/;a=b/%C3%A9;v=1/../y/./z", 12, id="about everything that occurs"),
    ],
)
def test_a_path_that_occurs_has_few_readings(path: str, number: int) -> None:
    assert len(readings(path)) <= number < MAX_READINGS


TEXT = st.lists(
    st.sampled_from(["/", "a", ".", "%2f", "%5C", "\\", ";", "%25", "2e", "%00", "%20", "%c0", "é"])
)


@given(TEXT.map(lambda parts: "/" + "".join(parts)))
def test_every_reading_begins_with_a_slash_and_is_bounded(path: str) -> None:
    try:
        found = readings(path)
    except TooManyReadings:
        return
    assert len(found) <= MAX_READINGS
    assert all(text.startswith("/") for text in found)
    assert next(iter(found)) == path
    assert plain(path) <= (len(found) == 1)


@given(TEXT.map(lambda parts: "/" + "".join(parts)))
def test_a_reading_of_a_reading_is_a_reading(path: str) -> None:
    try:
        found = readings(path)
        assert all(readings(text).keys() <= found.keys() for text in found if text.isascii())
    except TooManyReadings:
        pass


@pytest.mark.parametrize(
    ("segment", "same"),
    [
        pytest.param("ADMIN", "admin", id="ASCII"),
        pytest.param("\u212aeys", "keys", id="the Kelvin sign"),
        pytest.param("adm\u0131n", "admin", id="the dotless i"),
        pytest.param("\u017fecret", "secret", id="the long s"),
        pytest.param("\uff41dmin", "admin", id="a full-width letter"),
    ],
)
def test_folded_are_the_same(segment: str, same: str) -> None:
    assert folded(segment) == folded(same)


@pytest.mark.parametrize(
    ("path", "left"),
    [("/a/../b", "/b"), ("/../a", "/a"), ("/a/.", "/a/"), ("/a/..", "/"), ("/a/./b", "/a/b")],
)
def test_dot_segments_are_resolved(path: str, left: str) -> None:
    assert resolved(path) == left


@pytest.mark.parametrize(
    "piece",
    [
        *("/..", "/%2e%2e", "%20", "/", "%2f", ". ", "./", "..", ";", "/;", "\\", "%25", "%00"),
        *("%ff", "%c0%af", "%u002f", "%ef%bc%8f", "?", "/a%2f..;x//%5c..%252e/. ", "%", "a "),
    ],
)
def test_what_a_path_costs_is_linear_in_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        path = "/" + piece * (length // len(piece))
        times = []
        for _ in range(5):
            start = time.process_time()
            with contextlib.suppress(TooManyReadings):
                readings(path)
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(1 << 17) < 12 * seconds(1 << 15)
