"""One table of policies and attempts, played to a gateway: what a browser makes of each answer."""

from collections.abc import Iterator
from typing import NamedTuple

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.verdict import exposed, on_preflight, on_response
from corsproxy.cors.request import Request
from tests.upstreams import Upstream
from tests.wire.messages import Fields, Message, Wire

POLICIES = {
    "one origin": "allow_origins: [https://a.test]",
    "nothing": "{}",
    "several with credentials": """allow_origins: [https://a.test, "http://localhost:5173"]
allow_methods: [PUT, DELETE, PURGE]
allow_headers: [authorization, X-A]
expose_headers: [etag, x-total-count]
allow_credentials: true
max_age: 600""",
    "any origin": 'allow_origins: ["*"]\nallow_methods: [PUT]\nmax_age: 0',
    "any of all": """allow_origins: ["*"]
allow_methods: ["*"]
allow_headers: ["*"]
expose_headers: ["*"]""",
    "any of all and authorization": """allow_origins: [https://a.test]
allow_methods: ["*", PUT]
allow_headers: ["*", authorization, x-a]
expose_headers: ["*", etag]""",
    "any with credentials": """allow_origins: [https://a.test]
allow_methods: ["*"]
allow_headers: ["*", x-a]
expose_headers: ["*", etag]
allow_credentials: true""",
    "any with credentials and authorization": """allow_origins: [https://a.test]
allow_headers: ["*", authorization]
allow_credentials: true""",
    "reflected": """allow_origins: ["*"]
allow_methods: ["*"]
allow_credentials: true
dangerously_reflect_any_origin: true""",
    "subdomains and ports": """allow_origins: ["https://*.a.test", "http://localhost:*"]
allow_methods: [PATCH]""",
    "a careful regex": r"allow_origins: [{regex: 'https://[a-z]+\.a\.test'}]",
    "a careless regex": "allow_origins: [{regex: '.*[.]a[.]test|h.*|x|n.*'}]",
    "the opaque origin": 'allow_origins: ["null", https://a.test]\nallow_credentials: true',
    "odd origins": 'allow_origins: ["http://[::1]:3000", "chrome-extension://abcdefgh"]',
    "odd names": """allow_origins: [https://a.test]
allow_methods: [patch, "M!#%&'+-.^_`|~1"]
allow_headers: ["x-!#%&'*+.^_`|~1"]
max_age: -1""",
    "a dollar": 'allow_origins: [https://a.test]\nallow_headers: ["x-$a", x-a]',
    "the private network": "allow_origins: [https://a.test]\nallow_private_network: true",
}

ORIGINS = (
    "https://a.test",
    "http://localhost:5173",
    "https://b.a.test",
    "https://c.b.a.test",
    "http://[::1]:3000",
    "chrome-extension://abcdefgh",
    "null",
    # look-alikes, and spellings that no browser has
    "https://a.test.evil.test",
    "https://evila.test",
    "https://axtest",
    "https://b.axtest",
    "https://a.test:8443",
    "http://a.test",
    "http://localhost:5173.evil.test",
    "http://localhost.evil.test:5173",
    "https://A.test",
    "HTTPS://A.TEST",
    "https://a.test/",
    "NULL",
    "nullx",
    "*",
)

CALLS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("GET", ()),
    ("HEAD", ()),
    ("POST", (("content-type", "application/json"),)),
    ("PUT", ()),
    ("PATCH", ()),
    ("patch", ()),
    ("PURGE", ()),
    ("M!#%&'+-.^_`|~1", ()),
    ("GET", (("X-A", "1"),)),
    ("GET", (("authorization", "x"),)),
    ("DELETE", (("Authorization", "x"), ("X-A", "1"), ("X-C", "1"))),
    ("GET", (("x-!#%&'*+.^_`|~1", "1"),)),
    ("GET", (("x-$a", "1"),)),
)

TELLING = ("etag", "x-total-count", "x-secret")
"""Headers of the upstream that no page reads unless they are exposed."""

UPSTREAM_CORS = (
    (b"Access-Control-Allow-Origin", b"*"),
    (b"Access-Control-Allow-Credentials", b"true"),
    (b"Access-Control-Allow-Methods", b"*"),
    (b"Access-Control-Expose-Headers", b"x-secret"),
)


class Seen(NamedTuple):
    """What came of an attempt: whether the page may read, and which of TELLING."""

    readable: bool
    names: tuple[str, ...] = ()


def attempts() -> Iterator[Attempt]:
    for origin in ORIGINS:
        for method, headers in CALLS:
            yield Attempt(origin, method, headers)
            yield Attempt(origin, method, headers, credentials=True)


def answer(wire: Wire, request: Message) -> None:
    """The upstream: CORS headers of its own on everything, and an error where that is asked."""
    wire.read_content(request)
    status = b"500 Internal Server Error" if request.target == b"/error" else b"200 OK"
    own = b"".join(b"%b: %b\r\n" % pair for pair in UPSTREAM_CORS)
    named = b'ETag: "1"\r\nX-Total-Count: 1\r\nX-Secret: 1\r\nContent-Length: 0\r\n'
    wire.send(b"HTTP/1.1 %b\r\n%b%b\r\n" % (status, own, named))


class Player:
    """Asks one gateway, on one connection for as long as that lasts."""

    def __init__(self, port: int, upstream: Upstream) -> None:
        self._port = port
        self._upstream = upstream
        self._wire: Wire | None = None

    def play(self, attempt: Attempt, target: str = "/") -> Seen:
        """What a browser would make of the gateway's answers to `attempt`."""
        if attempt.preflight_due:
            seen = len(self._upstream.seen)
            response = self.ask(attempt.preflight())
            assert len(self._upstream.seen) == seen, "a preflight has reached the upstream"
            if not on_preflight(attempt, response.status, decoded(response.fields)).readable:
                return Seen(False)
        response = self.ask(attempt.actual(), target)
        headers = decoded(response.fields)
        if not on_response(attempt, response.status, headers).readable:
            return Seen(False)
        readable = exposed(attempt, headers).readable
        return Seen(True, tuple(name for name in TELLING if name in readable))

    def ask(self, request: Request, target: str = "/", *more: tuple[str, str]) -> Message:
        """The answer to `request`."""
        fields = {
            "Origin": request.origin,
            "Access-Control-Request-Method": request.requested_method,
            "Access-Control-Request-Headers": request.requested_names,
            "Access-Control-Request-Private-Network": request.private_network,
        }
        given = [(name, value) for name, value in fields.items() if value is not None]
        lines = "".join(f"{name}: {value}\r\n" for name, value in (*given, *more))
        content = "Content-Length: 0\r\n" if request.method in ("POST", "PUT", "PATCH") else ""
        head = f"{request.method} {target} HTTP/1.1\r\nHost: localhost\r\n{lines}{content}\r\n"
        wire = self._wire or Wire.to(self._port)
        wire.send(head.encode())
        response = wire.response(request.method.encode())
        self._wire = wire
        if b"close" in response.get(b"connection"):
            self.close()
        return response

    def close(self) -> None:
        if self._wire is not None:
            self._wire.sock.close()
        self._wire = None


def decoded(fields: Fields) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]
