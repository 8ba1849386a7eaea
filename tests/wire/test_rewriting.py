"""A redirect of the upstream's own stays on the proxy; what leads elsewhere is left alone."""

import pytest

from tests.upstreams import Script
from tests.wire.conftest import Gateway, Start
from tests.wire.messages import reply

ROUTES = """
upstream: {upstream}
cors: {{allow_origins: [http://app.test:5173]}}
routes:
  - path: /api
    strip_path: true
log: {{level: error}}
"""
OFF = "upstream: {upstream}\nrewrite: {{location: false, cookies: false}}\nlog: {{level: error}}\n"


def saying(content: bytes, *lines: bytes, status: bytes) -> Script:
    """An upstream that has one response to everything."""
    return lambda wire, _: wire.send(reply(content, *lines, status=status))


@pytest.mark.parametrize(
    ("status", "line", "leaves"),
    [
        pytest.param(b"307 T", b"Location: UP/items/", b"http://OWN/items/", id="FastAPI's slash"),
        pytest.param(b"201 C", b"Location: UP/files/1", b"http://OWN/files/1", id="a 201 of tus"),
        pytest.param(b"302 F", b"Location: http://OWN/x", b"http://OWN/x", id="by our Host"),
        pytest.param(b"302 F", b"Location: https://a.test/", b"https://a.test/", id="foreign"),
        pytest.param(b"302 F", b"Location: items/", b"items/", id="relative"),
        pytest.param(b"200 O", b"Link: <UP/2>; rel=next", b"<http://OWN/2>; rel=next", id="Link"),
    ],
)
def test_what_names_the_upstream_names_the_proxy(
    gateway: Gateway, status: bytes, line: bytes, leaves: bytes
) -> None:
    def with_names(text: bytes) -> bytes:
        return text.replace(b"UP", gateway.upstream.url.encode()).replace(b"OWN", gateway.host)

    gateway.upstream.script = saying(b"", with_names(line), status=status)
    for _ in range(2):  # the second time from what is remembered
        with gateway.connect() as client:
            response = client.send(gateway.ask()).response()
        assert response.get(line.partition(b":")[0].lower()) == [with_names(leaves)]


TOLD_ITS_OWN = "upstream: {upstream}\nforward: {{host: upstream}}\nlog: {{level: error}}\n"


@pytest.mark.parametrize(
    ("policy", "stays"),
    [
        pytest.param(ROUTES, True, id="told our Host, as nginx does"),
        pytest.param(TOLD_ITS_OWN, False, id="told its own, so that another server is meant"),
    ],
)
def test_the_name_that_an_upstream_was_told_with_its_own_port_is_the_proxy(
    started: Start, policy: str, stays: bool
) -> None:
    gateway = started(policy)
    named = b"http://localhost:%d/new/" % gateway.upstream.port
    gateway.upstream.script = saying(b"", b"Location: " + named, status=b"301 M")
    own = b"localhost:%b" % gateway.host.rpartition(b":")[2]
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"GET", b"/new", b"Host: " + own)).response()
    assert response.one(b"location") == (b"http://%b/new/" % own if stays else named)


def test_the_prefix_that_was_stripped_is_put_back(started: Start) -> None:
    gateway = started(ROUTES)
    lines = (b"Location: /login", b"Set-Cookie: s=1; Path=/account")
    gateway.upstream.script = saying(b"", *lines, status=b"302 Found")
    seen, response = gateway.exchange(b"GET", b"/api/go")
    assert (seen.target, response.one(b"location")) == (b"/go", b"/api/login")
    assert response.one(b"set-cookie") == b"s=1; Path=/api/account"
    assert seen.one(b"x-forwarded-prefix") == b"/api"


SAFARI = b"User-Agent: Mozilla/5.0 AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"


def test_a_cookie_is_made_such_that_this_browser_keeps_it(gateway: Gateway) -> None:
    lines = (b"Set-Cookie: a=1; Domain=api.test; Secure", b"Set-Cookie: b=2")
    gateway.upstream.script = saying(b"", *lines, status=b"200 OK")
    with gateway.connect() as client:
        for _ in range(2):  # the second time from what is remembered
            response = client.send(gateway.ask()).response()
            assert response.get(b"set-cookie") == [b"a=1; Secure", b"b=2"]
            response = client.send(gateway.ask(b"GET", b"/", SAFARI)).response()
            assert response.get(b"set-cookie") == [b"a=1", b"b=2"]


@pytest.mark.parametrize("method", [b"MOVE", b"COPY"])
def test_a_destination_is_told_as_the_upstream_knows_it(started: Start, method: bytes) -> None:
    gateway = started(ROUTES)
    destination = b"Destination: http://%b/api/b" % gateway.host
    seen, _ = gateway.exchange(method, b"/api/a", destination)
    assert seen.one(b"destination") == b"http://%b/b" % gateway.host  # the Host that it was told


def test_other_methods_have_no_destination(gateway: Gateway) -> None:
    line = b"Destination: http://%b/b" % gateway.host
    seen, _ = gateway.exchange(b"GET", b"/a", line)
    assert seen.one(b"destination") == b"http://%b/b" % gateway.host


def test_where_it_is_off_nothing_is_rewritten(started: Start) -> None:
    gateway = started(OFF)
    location = gateway.upstream.url.encode() + b"/x"
    lines = (b"Location: " + location, b"Set-Cookie: a=1; Domain=api.test")
    gateway.upstream.script = saying(b"", *lines, status=b"302 Found")
    _, response = gateway.exchange()
    assert response.one(b"location") == location
    assert response.one(b"set-cookie") == b"a=1; Domain=api.test"


def test_a_name_that_the_upstream_was_told_is_its_own_with_and_without_the_default_port(
    started: Start,
) -> None:
    gateway = started("upstream: {upstream}\nforward: {{host: 'api.test:80'}}\n")
    gateway.upstream.script = saying(b"", b"Location: http://api.test/x", status=b"302 Found")
    _, response = gateway.exchange()
    assert response.one(b"location") == b"http://%b/x" % gateway.host
