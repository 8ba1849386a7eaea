"""Real gateways with the routes that were exported for them, beside corsproxy itself.

Both get the same routes and the same two upstreams. Asked for a path, they reach the same upstream
with the same path, and a browser makes the same of what comes back.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from corsproxy.config.address import TcpAddress
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.verdict import exposed, on_preflight, on_response
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.registry import gateway
from corsproxy.proxy.path_readings import resolved
from tests.gateways.conftest import missing
from tests.gateways.played import TELLING, answer, decoded
from tests.gateways.programs import installed, running
from tests.served import Served
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICY = """
upstream: {first}
listen: 127.0.0.1:{port}
cors:
  allow_origins: [https://app.test]
  allow_methods: [PUT]
  allow_credentials: true
  refused_request: forward
routes:
  - path: /api
    upstream: {second}
    strip_path: true
    cors: {{allow_origins: [https://app.test, "https://*.b.test"], allow_headers: [x-a]}}
  - path: /api/public/
    upstream: {second}
    cors: {{allow_origins: ["*"], allow_credentials: false, expose_headers: [etag]}}
  - path: /admin
    cors: {{allow_origins: [https://admin.test]}}
  - {{path: /same}}
  - path: "/a:b.c/(d)!"
    upstream: {second}
    strip_path: true
  - path: /
    host: admin.localhost
    cors: {{allow_origins: [https://admin.test], max_age: 5}}
  - path: /api
    host: admin.localhost
    cors: {{allow_origins: ["https://x.b.test"], allow_private_network: false}}
  - path: /only
    host: admin.localhost
    upstream: {second}
"""

HOSTS = (
    "localhost",
    "127.0.0.1:80",
    "admin.localhost",
    "ADMIN.localhost:8080",
    "x.localhost",
    "admin.localhost.",
)

PATHS = (
    "/",
    "/?q=/api",
    "/api",
    "/api/",
    "/api?q=1",
    "/api/x?q=%2F..//",
    "/api/caf%C3%A9%20b%40%3A",
    "/api/a.b/.c/..d;v",
    "/apix",
    "/api.json",
    "/api/public",
    "/api/public/x",
    "/api/publicity",
    "/x/api/public",
    "/admin",
    "/admin/x",
    "/administration",
    "/same/x",
    "/only",
    "/only/",
    "/a:b.c/(d)!",
    "/a:b.c/(d)!/x?y",
    "/a:b.c/d",
    "/axb.c/(d)!",
)

AMBIGUOUS = {
    "/API/x": None,
    "/Admin": None,
    "/api/PUBLIC": None,
    "/api;v=1/public": None,
    "/api%2fpublic": None,
    "/x/..%2fapi": None,
    "/admin%3fx": None,
    "/admin%00": None,
    "/admin%20": None,
    "/x/%c0%ae%c0%ae/admin": None,
    "/%u0061dmin": None,
    "/x/%5c..%5cadmin": None,
    "/admin;x": None,
    "/admin#x": None,
    "/admin.": None,
    "/a%3ab.c/(d)!": None,
    "/x\\..\\admin": None,
    "/%2561dmin": None,
    "/%61dmin": "/admin",
    "/x/../admin": "/admin",
    "/x/%2e%2E/admin": "/admin",
    "/admin/./../api/x": "/api/x",
    "/x//../admin": "/admin",
    "//admin": "/admin",
    "/api//public/x": "/api/public/x",
}
"""What this proxy refuses, and what Traefik makes of it before it looks for a route; None where it
makes nothing of it."""

ATTEMPTS = tuple(
    attempt
    for origin in ("https://app.test", "https://admin.test", "https://x.b.test", "https://evil")
    for attempt in (
        Attempt(origin, "GET"),
        Attempt(origin, "GET", credentials=True),
        Attempt(origin, "PUT", (("x-a", "1"),), credentials=True),
    )
)


ODD_PIECES = (
    *("api", "Api", "admin", "public", "same", "x", "a:b.c", "(d)!", ".", "..", "...", "", "api.x"),
    *("api;v", "public.", "admin%20", "admin%3f", "a%3Ab.c", "%61pi", "%2561pi", "x%20y%40", "x;p"),
    *("..;", "%2e%2E", ".%2e", "%C3%A9", "admin%5c", "%c1%a1pi", "x&='*+,!$", "~x", "only", "%E9"),
)
ODD_SLASHES = ("/", "/", "/", "/", "/", "/", "//", "\\", "%2f", "%252F")


def odd_paths(count: int) -> Iterator[str]:
    """Paths at random, the same in each run."""
    random = Random(1)
    for _ in range(count):
        pieces = random.choices(ODD_PIECES, k=random.randint(1, 4))
        yield "/" + "".join(
            piece + random.choice(ODD_SLASHES) if i < len(pieces) else piece
            for i, piece in enumerate(pieces, 1)
        )


_UNRESERVED = re.compile(r"%(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)", re.IGNORECASE)
_ENCODED = re.compile(r"%[0-9a-f]{2}")


def made_plain(path: str) -> str:
    """What Traefik makes of a path before it looks for a route."""
    path = _UNRESERVED.sub(lambda found: chr(int(found[1], 16)), path)
    path = re.sub("/+", "/", _ENCODED.sub(lambda found: found[0].upper(), path))
    return resolved(path) if path.endswith("/") else resolved(path).rstrip("/") or "/"


class Seen(NamedTuple):
    """What came of a request: the upstream that was reached, with what, and what a page reads."""

    upstream: int | None
    target: str
    prefix: str
    readable: bool
    names: tuple[str, ...] = ()


class Sides(ExitStack):
    """A gateway and corsproxy, before the same two upstreams."""

    def __init__(self, name: str, programs: Path, folder: Path) -> None:
        super().__init__()
        self.upstreams = (Upstream(), Upstream())
        for upstream in self.upstreams:
            upstream.script = answer
            self.callback(upstream.close)
        self.losses: list[str] = []
        self.theirs = self.enter_context(running(name, programs, folder, self._export(name)))
        own = Served(replace(self.settings(0), listen=(TcpAddress("127.0.0.1", 0),)))
        self.callback(own.stop)
        self.ours = own.port
        until(lambda: self.ask(self.theirs, Request("GET"), "localhost", "/").status == 200)

    def settings(self, port: int) -> Config:
        first, second = (upstream.url for upstream in self.upstreams)
        text = POLICY.format(first=first, second=second, port=port)
        return load_text(text.encode(), "policy.yaml", {}, {}).config

    def _export(self, name: str) -> Callable[[str, int], str]:
        write = gateway(name).write
        assert write is not None

        def export(form: str, port: int) -> str:
            written = write(self.settings(port), form)
            self.losses += [loss.effect for loss in written.losses]
            return written.text

        return export

    def play(self, port: int, attempt: Attempt, host: str, target: str) -> Seen:
        for upstream in self.upstreams:
            upstream.seen.clear()
        readable = True
        if attempt.preflight_due:
            response = self.ask(port, attempt.preflight(), host, target)
            assert not any(upstream.seen for upstream in self.upstreams)
            readable = on_preflight(attempt, response.status, decoded(response.fields)).readable
        response = self.ask(port, attempt.actual(), host, target)
        headers = decoded(response.fields)
        readable = readable and on_response(attempt, response.status, headers).readable
        names = exposed(attempt, headers).readable if readable else ()
        return self._seen(readable, tuple(name for name in TELLING if name in names))

    def _seen(self, readable: bool, names: tuple[str, ...]) -> Seen:
        for number, upstream in enumerate(self.upstreams):
            for request in upstream.seen:
                prefix = (request.one(b"x-forwarded-prefix") or b"").decode()
                return Seen(number, request.target.decode(), prefix, readable, names)
        return Seen(None, "", "", readable, names)

    def ask(self, port: int, request: Request, host: str, target: str) -> Message:
        fields = {
            "Origin": request.origin,
            "Access-Control-Request-Method": request.requested_method,
            "Access-Control-Request-Headers": request.requested_names,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        content = "Content-Length: 0\r\n" if request.method == "PUT" else ""
        head = f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\n{lines}{content}\r\n"
        with Wire.to(port) as wire:
            wire.send(head.encode())
            return wire.response(request.method.encode())


@pytest.fixture(params=["nginx", "caddy", "envoy", "traefik", "haproxy", "apache"])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if not installed(found):
        missing(f"{found} is not installed")
    return found


@pytest.fixture
def sides(name: str, judges: Path, tmp_path: Path) -> Iterator[Sides]:
    with Sides(name, judges, tmp_path / "program") as found:
        yield found


def test_each_route_leads_where_it_leads_here_and_lets_read_what_is_read_here(sides: Sides) -> None:
    assert sides.losses == []
    differing = [
        (host, path, attempt, theirs, ours)
        for host in HOSTS
        for path in PATHS
        for attempt in ATTEMPTS
        if (theirs := sides.play(sides.theirs, attempt, host, path))
        != (ours := sides.play(sides.ours, attempt, host, path))
    ]
    assert differing[:5] == []


def test_a_path_of_two_readings_leads_nowhere_or_where_it_leads_as_it_is_read(
    sides: Sides, name: str
) -> None:
    for host in ("localhost", "admin.localhost"):
        for path, read in AMBIGUOUS.items():
            for attempt in ATTEMPTS:
                theirs = sides.play(sides.theirs, attempt, host, path)
                if name == "traefik" and read is not None:
                    assert theirs == sides.play(sides.ours, attempt, host, read), (path, attempt)
                else:
                    assert theirs._replace(names=()) == Seen(None, "", "", False), (path, attempt)
                    assert sides.ask(sides.ours, Request("GET"), host, path).status == 400


def test_no_path_however_odd_leads_elsewhere_than_here(sides: Sides, name: str) -> None:
    attempt = Attempt("https://app.test", "GET")
    nowhere = Seen(None, "", "", readable=False)
    reached = 0
    for path in odd_paths(400):
        theirs = sides.play(sides.theirs, attempt, "localhost", path)
        read = made_plain(path) if name == "traefik" else path
        if theirs != nowhere:
            reached += 1
            assert theirs == sides.play(sides.ours, attempt, "localhost", read), path
    assert reached > 50
