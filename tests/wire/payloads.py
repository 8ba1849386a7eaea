"""What two recipients could read in two ways (RFC 9112, 11.1), or what is not HTTP at all.

Each is a whole message to send, HOST standing for a host that is served. The list follows the
classes of HTTP Garden, and the advisories of aiohttp, h11, Kestrel and others.
"""

HOST = b"Host: localhost\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
TE = b"Transfer-Encoding: chunked\r\n"
CHUNKED = POST + TE + b"\r\n"
LAST = b"0\r\n\r\n"


def post(fields: bytes, content: bytes = LAST) -> bytes:
    """A POST with these field lines."""
    return POST + fields + b"\r\n\r\n" + content


def get(fields: bytes) -> bytes:
    """A GET with these field lines, and Host."""
    return b"GET / HTTP/1.1\r\n" + HOST + fields + b"\r\n\r\n"


def line(request_line: bytes) -> bytes:
    """A request without content, by its first line."""
    return request_line + b"\r\n" + HOST + b"\r\n"


def host(fields: bytes) -> bytes:
    """A request with just these fields."""
    return b"GET / HTTP/1.1\r\n" + fields + b"\r\n"


LENGTHS = {
    "a length beside chunks": post(TE + b"Content-Length: 5"),
    "a length before chunks": post(b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
    "a length of 0 beside chunks": post(TE + b"Content-Length: 0"),
    "the same length twice": post(b"Content-Length: 5\r\nContent-Length: 5", b"hello"),
    "two lengths": post(b"Content-Length: 5\r\nContent-Length: 6", b"hello"),
    "two lengths in two spellings": post(b"Content-Length: 5\r\ncontent-length: 0", b"hello"),
    "a list of lengths": post(b"Content-Length: 5, 5", b"hello"),
    "a list of two lengths": post(b"Content-Length: 5,6", b"hello"),
    "a length with a plus": post(b"Content-Length: +5", b"hello"),
    "a negative length": post(b"Content-Length: -5", b"hello"),
    "a hexadecimal length": post(b"Content-Length: 0x5", b"hello"),
    "a length with an underscore": post(b"Content-Length: 1_0", b"hello"),
    "a length with an exponent": post(b"Content-Length: 1e1", b"hello"),
    "a length with a blank inside": post(b"Content-Length: 5 0", b"hello"),
    "a length with a comma after": post(b"Content-Length: 5,", b"hello"),
    "an empty length": post(b"Content-Length:", b"hello"),
    "a length in other digits": post("Content-Length: \uff15".encode(), b"hello"),
    "a length after a vertical tab": post(b"Content-Length: \x0b5", b"hello"),
    "a length that overflows": post(b"Content-Length: 18446744073709551621", b"hello"),
    "a quoted length": post(b'Content-Length: "5"', b"hello"),
    "a length with a dot": post(b"Content-Length: 5.0", b"hello"),
}
CODINGS = {
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked"),
    "chunked in two lines": post(TE + b"Transfer-Encoding: chunked"),
    "chunked before another": post(b"Transfer-Encoding: chunked, identity"),
    "identity": post(b"Transfer-Encoding: identity"),
    "identity beside a length": post(b"Transfer-Encoding: identity\r\nContent-Length: 5", b"hello"),
    "a coding before chunked": post(b"Transfer-Encoding: gzip, chunked"),
    "a coding before chunked, two lines": post(b"Transfer-Encoding: gzip\r\n" + TE[:-2]),
    "xchunked": post(b"Transfer-Encoding: xchunked"),
    "a parameter of chunked": post(b"Transfer-Encoding: chunked;a=b"),
    "quoted chunked": post(b'Transfer-Encoding: "chunked"'),
    "chunked after a vertical tab": post(b"Transfer-Encoding: \x0bchunked"),
    "chunked before NUL": post(b"Transfer-Encoding: chunked\x00"),
    "chunked with NEL": post(b"Transfer-Encoding: chunked\x85"),
    "an empty coding": post(b"Transfer-Encoding:"),
    "chunked after a comma": post(b"Transfer-Encoding: ,chunked"),
    "chunked in HTTP/1.0": b"POST / HTTP/1.0\r\n" + HOST + TE + b"\r\n" + LAST,
    "a blank before the colon": post(b"Transfer-Encoding : chunked"),
    "a tab before the colon": post(b"Transfer-Encoding\t: chunked"),
    "a folded coding": post(b"Transfer-Encoding:\r\n chunked"),
    "a coding with a blank before": post(b" Transfer-Encoding: chunked"),
}
CHUNKS = {
    "a negative chunk": CHUNKED + b"-1\r\n" + LAST,
    "a chunk with a plus": CHUNKED + b"+5\r\nhello\r\n" + LAST,
    "a chunk with 0x": CHUNKED + b"0x5\r\nhello\r\n" + LAST,
    "a chunk with a blank before": CHUNKED + b" 5\r\nhello\r\n" + LAST,
    "a chunk with an underscore": CHUNKED + b"0_5\r\nhello\r\n" + LAST,
    "a chunk with a letter": CHUNKED + b"5g\r\nhello\r\n" + LAST,
    "a chunk without a size": CHUNKED + b"\r\nhello\r\n" + LAST,
    "a chunk line ending in LF": CHUNKED + b"5\nhello\r\n" + LAST,
    "a chunk line with a bare CR": CHUNKED + b"5\rhello\r\n" + LAST,
    "an extension with LF": CHUNKED + b"5;a\nb\r\nhello\r\n" + LAST,
    "an extension with CR": CHUNKED + b"5;a\rb\r\nhello\r\n" + LAST,
    "an extension with NUL": CHUNKED + b"5;a=\x00\r\nhello\r\n" + LAST,
    "an extension without semicolon": CHUNKED + b"5 a=b\r\nhello\r\n" + LAST,
    "a chunk longer than it says": CHUNKED + b"5\r\nhelloX\r\n" + LAST,
    "a chunk without its end": CHUNKED + b"5\r\nhello" + LAST,
    "a chunk ending in LF": CHUNKED + b"5\r\nhello\n" + LAST,
    "a chunk ending in two other bytes": CHUNKED + b"5\r\nhelloXX" + LAST,
    "a chunk that overflows": CHUNKED + b"10000000000000005\r\nhello\r\n" + LAST,
    "a chunk of 15 F": CHUNKED + b"fffffffffffffffff\r\nhello\r\n" + LAST,
    "a trailer without colon": CHUNKED + b"0\r\nX\r\n\r\n",
    "a trailer with a blank in its name": CHUNKED + b"0\r\nX Y: 1\r\n\r\n",
    "a folded trailer": CHUNKED + b"0\r\nX: 1\r\n 2\r\n\r\n",
    "a trailer ending in LF": CHUNKED + b"0\r\nX: 1\n\r\n",
    "a trailer with NUL": CHUNKED + b"0\r\nX: \x00\r\n\r\n",
    "the last chunk ending in LF": CHUNKED + b"0\n\n",
}
FIELDS = {
    "lines ending in LF": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "one line ending in LF": get(b"X: 1\nY: 2"),
    "a bare CR in a value": get(b"X: 1\rY: 2"),
    "a bare CR in a name": get(b"X\rY: 2"),
    "NUL in a value": get(b"X: a\x00b"),
    "NUL in a name": get(b"X\x00: 1"),
    "a control byte in a value": get(b"X: a\x01b"),
    "an escape in a value": get(b"X: \x1b[31m"),
    "DEL in a value": get(b"X: a\x7fb"),
    "a folded field": get(b"X: 1\r\n 2"),
    "a field folded by a tab": get(b"X: 1\r\n\t2"),
    "a blank first": b"GET / HTTP/1.1\r\n X: 1\r\n" + HOST + b"\r\n",
    "a blank before any colon": get(b"X : 1"),
    "a blank in a name": get(b"X Y: 1"),
    "a name without colon": get(b"X"),
    "an empty name": get(b": 1"),
    "a name in other letters": get("Xé: 1".encode()),
    "a name with a semicolon": get(b"X;: 1"),
    "a name in brackets": get(b"[X]: 1"),
}
REQUEST_LINES = {
    "a tab": line(b"GET\t/ HTTP/1.1"),
    "a blank after": line(b"GET / HTTP/1.1 "),
    "a word after": line(b"GET / HTTP/1.1 x"),
    "a blank before": line(b" GET / HTTP/1.1"),
    "no target": line(b"GET HTTP/1.1"),
    "a vertical tab": line(b"GET\x0b/ HTTP/1.1"),
    "NUL in the target": line(b"GET /\x00 HTTP/1.1"),
    "CR in the target": line(b"GET /\rX HTTP/1.1"),
    "a method that is no token": line(b"G(T / HTTP/1.1"),
    "a version with three numbers": line(b"GET / HTTP/1.1.1"),
    "a version with a zero": line(b"GET / HTTP/01.1"),
    "a version with two digits": line(b"GET / HTTP/1.10"),
    "another protocol": line(b"GET / HTTPS/1.1"),
    "another protocol, ICE": line(b"GET / ICE/1.0"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
HOSTS = {
    "no host": host(b"X: 1\r\n"),
    "two hosts": host(HOST + b"Host: other\r\n"),
    "the same host twice": host(HOST + HOST),
    "an empty host": host(b"Host:\r\n"),
    "a list of hosts": host(b"Host: localhost, other\r\n"),
    "a host with a blank": host(b"Host: local host\r\n"),
    "a host with a path": host(b"Host: localhost/x\r\n"),
    "a host with a user": host(b"Host: a@localhost\r\n"),
    "a host with a scheme": host(b"Host: http://localhost\r\n"),
    "a host with a query": host(b"Host: localhost?x\r\n"),
    "a port that is no number": host(b"Host: localhost:x\r\n"),
    "a port that is too high": host(b"Host: localhost:65536\r\n"),
    "two ports": host(b"Host: localhost:1:2\r\n"),
    "a bracket too few": host(b"Host: [::1\r\n"),
    "an empty label": host(b"Host: a..localhost\r\n"),
    "a host in other letters": host("Host: löcalhost\r\n".encode()),
}
LARGE = {
    "a target of 70 000 bytes": line(b"GET /" + b"a" * 70000 + b" HTTP/1.1"),
    "a field of 70 000 bytes": get(b"X: " + b"a" * 70000),
    "a name of 70 000 bytes": get(b"a" * 70000 + b": 1"),
    "5000 fields": get(b"\r\n".join(b"X-Number-%d: 1" % i for i in range(5000))),
    "80 fields of 1000 bytes": get(b"\r\n".join(b"X: " + b"a" * 1000 for _ in range(80))),
}
EVERY = LENGTHS | CODINGS | CHUNKS | FIELDS | REQUEST_LINES | HOSTS | LARGE
