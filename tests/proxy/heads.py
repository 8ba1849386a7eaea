"""Heads for the fuzz: mostly sound, with every mistake that smuggling was ever made of."""

from hypothesis import strategies as st

_NAMES = st.sampled_from(
    b"Content-Length|content-length|Transfer-Encoding|TRANSFER-ENCODING|Connection|Host|Origin|X-A"
    b"|Vary|Set-Cookie|Expect|Upgrade|Content-Length |Content_Length"
    b"| X-Fold|X\x00Y||X-\xe9".split(b"|")
)
_VALUES = st.sampled_from(
    b"0|5|5 |\t5|+5|-5|05|0x5|5,5|5, 5|5 5|chunked|Chunked|chunked |gzip, chunked|xchunked"
    b"|\x0bchunked"
    b"|keep-alive|close|close, X-A|upgrade|localhost|localhost:8080|a b|http://a.test|100-continue"
    b"|v\xe9|\xa0v|v\x85||a\x00b|a\x1bb|a\rb|a\nb|value with  blanks\t|1e1|\xb25|5\x0c".split(b"|")
)
_COLONS = st.sampled_from([b": ", b": ", b": ", b":", b":\t", b" : ", b""])
_ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n", b"\r\n "])

FIELD_LINES = st.builds(lambda name, colon, value: name + colon + value, _NAMES, _COLONS, _VALUES)
"""One line without its end."""

_STATUS_LINES = st.one_of(
    st.integers(100, 599).map(lambda code: b"HTTP/1.1 %d OK" % code),
    st.sampled_from(
        b"HTTP/1.1 200|HTTP/1.1 200 |HTTP/1.0 200 OK|HTTP/1.1  200 OK|HTTP/1.10 200 OK"
        b"|HTTP/01.1 200 OK"
        b"|HTTP/1.1 2000 OK|HTTP/1.1 20 OK|http/1.1 200 OK|HTTP/1.1 200 caf\xe9|HTTP/1.1 200 a\x00b"
        b"|HTTP/1.1\t200 OK|HTTP/1.1 +20 OK|HTTP/2 200 OK|ICY 200 OK|HTTP/1.1 000 X".split(b"|")
    ),
)
_REQUEST_LINES = st.one_of(
    st.builds(
        lambda method, target: method + b" " + target + b" HTTP/1.1",
        st.sampled_from(
            b"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|get|CONNECT|TRACE|BREW|G\x00T".split(b"|")
        ),
        st.one_of(
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map(
                lambda text: b"/" + text.encode()
            ),
            st.sampled_from(
                b"/|//|/a#b|/a b|*|a|http://a.test/|/\xe9|/\x00|/%zz|/a?|/\\x|/a\tb".split(b"|")
            ),
        ),
    ),
    st.sampled_from(
        b"GET /|GET / HTTP/1.0|GET / HTTP/1.2|GET  / HTTP/1.1|GET /  HTTP/1.1|GET / http/1.1"
        b"|GET / HTTP/1.1 "
        b"| GET / HTTP/1.1|GET\t/ HTTP/1.1|GET / HTTP/11|GET / HTTP/1.01|".split(b"|")
    ),
)


def _head(first: bytes, lines: list[tuple[bytes, bytes]]) -> bytes:
    return first + b"\r\n" + b"".join(line + end for line, end in lines) + b"\r\n"


_LINES = st.lists(st.tuples(FIELD_LINES, _ENDS), max_size=6)
_SOUND = st.lists(
    st.tuples(
        st.builds(
            lambda name, value: name + b": " + value,
            st.sampled_from(
                b"Host|Connection|Content-Length|Origin|X-A|Vary|Accept|Cookie".split(b"|")
            ),
            st.sampled_from(b"localhost|keep-alive|close|5|http://a.test|v|a, b".split(b"|")),
        ),
        st.just(b"\r\n"),
    ),
    max_size=6,
)


def response_heads() -> st.SearchStrategy[bytes]:
    """Response heads, sound or nearly so."""
    return st.builds(_head, _STATUS_LINES, st.one_of(_LINES, _SOUND))


def request_heads() -> st.SearchStrategy[bytes]:
    """Request heads, sound or nearly so; every other one has a Host to begin with."""
    host = [(b"Host: localhost", b"\r\n")]
    lines = st.builds(
        lambda before, more: (host if before else []) + more,
        st.booleans(),
        st.one_of(_LINES, _SOUND),
    )
    return st.builds(_head, _REQUEST_LINES, lines)
