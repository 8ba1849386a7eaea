"""A gateway in front of an app under test: what its assertions hold, and what they say."""

import doctest
import socket
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpServer

from corsproxy import ConfigError
from corsproxy.testing import RunningGateway, running_gateway
from tests.testing.apps import ASGI, wsgi

PAGE = "https://app.example"
POLICY = f"""
listen: https://api.example.com:8443
tls: auto
allowed_hosts: [api.example.com]
cors:
  allow_origins: ["{PAGE}"]
  allow_methods: [PUT]
  expose_headers: [x-total]
  allow_credentials: true
routes:
  - path: /admin
    cors: {{allow_origins: ["https://admin.example"]}}
"""


@pytest.fixture(scope="module")
def gateway() -> Iterator[RunningGateway]:
    with running_gateway(ASGI, POLICY) as gateway:
        yield gateway


def test_a_page_reads_the_status_and_what_is_exposed_to_it(gateway: RunningGateway) -> None:
    status, headers = gateway.assert_readable(PAGE, "PUT", "/users", content=b"four")
    assert status == 200
    assert headers["X-Total"] == "3"
    assert headers["Content-Length"] == "4"
    assert "X-Hidden" not in headers
    assert gateway.assert_readable(PAGE, path="/fails").status == 500


def test_cookies_arrive_with_credentials(gateway: RunningGateway) -> None:
    cookie = {"Cookie": "session=abc"}
    found = gateway.assert_readable(PAGE, path="/cookie", headers=cookie, credentials=True)
    assert found.headers["Content-Length"] == str(len("session=abc"))


def test_the_page_of_the_gateways_own_origin_reads_every_header(gateway: RunningGateway) -> None:
    assert "X-Hidden" in gateway.assert_readable(gateway.url, path="/users").headers


def test_a_redirect_is_followed_as_a_browser_does(gateway: RunningGateway) -> None:
    assert gateway.assert_readable(PAGE, path="/leave").status == 200


@pytest.mark.parametrize(
    ("origin", "method", "headers", "reason"),
    [
        (PAGE, "DELETE", {}, "method-not-allowed"),
        (PAGE, "DELETE", {}, "allow-methods-lacks-method"),
        (PAGE, "PUT", {"X-Trace": "1"}, "names-not-allowed"),
        ("https://other.example", "GET", {}, "origin-not-allowed"),
        ("https://other.example", "GET", {}, "allow-origin-missing"),
        ("null", "GET", {}, None),
    ],
)
def test_a_call_is_blocked_for_its_reason(
    gateway: RunningGateway, origin: str, method: str, headers: dict[str, str], reason: str | None
) -> None:
    gateway.assert_blocked(origin, method, "/users", headers=headers, reason=reason)


def test_the_policy_of_a_route_counts_for_its_path(gateway: RunningGateway) -> None:
    gateway.assert_readable("https://admin.example", path="/admin/users")
    with pytest.raises(AssertionError, match=r"routes:\n +- path: /admin"):
        gateway.assert_readable(PAGE, path="/admin/users")


def test_what_is_not_readable_is_told_with_the_line_and_the_fix(gateway: RunningGateway) -> None:
    with pytest.raises(AssertionError) as failed:
        gateway.assert_readable(PAGE, "DELETE", "/users")
    said = str(failed.value)
    assert said.startswith("the page cannot read the response\n\nDELETE /users from")
    assert "the method 'DELETE' is not in allow_methods [method-not-allowed]" in said
    assert "passed  origin  the origin 'https://app.example' is allowed  (<policy>:6:" in said
    assert "fix: add DELETE to allow_methods" in said
    assert "warning:" not in said


def test_what_is_not_blocked_is_told_with_the_response(gateway: RunningGateway) -> None:
    with pytest.raises(AssertionError) as failed:
        gateway.assert_blocked(PAGE, path="/users")
    said = str(failed.value)
    assert said.startswith("the page reads the response\n\nGET http://127.0.0.1:")
    assert "< Access-Control-Allow-Origin: https://app.example" in said


def test_another_reason_than_the_expected_one_fails(gateway: RunningGateway) -> None:
    expected = "^blocked, but not by names-not-allowed: by method-not-allowed, allow-methods-lacks"
    with pytest.raises(AssertionError, match=expected):
        gateway.assert_blocked(PAGE, "DELETE", reason="names-not-allowed")


def test_a_reason_that_does_not_exist_is_refused(gateway: RunningGateway) -> None:
    with pytest.raises(ValueError, match="fix: method-not-allowed"):
        gateway.assert_blocked(PAGE, "DELETE", reason="method-not-alowed")
    with pytest.raises(ValueError, match=r"lists them$"):
        gateway.assert_blocked(PAGE, reason="?")


def test_what_the_app_does_wrong_is_told_as_the_browser_sees_it() -> None:
    passing = "cors:\n  mode: passthrough\n  allow_origins: ['https://app.example']\n"
    with running_gateway(wsgi, passing) as gateway:
        gateway.assert_blocked(PAGE, reason="allow-origin-missing")
        with pytest.raises(AssertionError, match=r"1\. request: GET http:.*\n") as failed:
            gateway.assert_readable(PAGE)
    assert "[allow-origin-missing]" in str(failed.value)


def test_a_path_that_the_gateway_does_not_serve_is_told_too(gateway: RunningGateway) -> None:
    assert gateway.assert_readable(PAGE, path="/%61dmin").status == 400


async def test_in_a_coroutine_the_loop_is_free_while_a_thread_asks(
    aiohttp_server: AiohttpServer,
) -> None:
    import asyncio

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    server = await aiohttp_server(app)
    with running_gateway(str(server.make_url("")), POLICY) as gateway:
        found = await asyncio.to_thread(gateway.assert_readable, PAGE)
    assert found.status == 200


async def test_an_app_that_cannot_answer_meanwhile_is_told_with_the_fix() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running_gateway(
            f"http://127.0.0.1:{silent.getsockname()[1]}", POLICY, timeout=0.1
        ) as gateway,
        pytest.raises(TimeoutError, match=r"no response within 0\.1 s\n.*\n  fix: await asyncio"),
    ):
        gateway.assert_readable(PAGE)


def test_outside_of_a_coroutine_silence_is_only_told() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        running_gateway(
            f"http://127.0.0.1:{silent.getsockname()[1]}", POLICY, timeout=0.1
        ) as gateway,
        pytest.raises(TimeoutError, match=r"no response within 0\.1 s$"),
    ):
        gateway.assert_readable(PAGE)


def test_any_client_reaches_it_until_its_block_ends() -> None:
    before = set(threading.enumerate())
    with running_gateway(wsgi, POLICY) as gateway, urlopen(gateway.url) as response:
        assert response.read() == b"hello"
    with pytest.raises(OSError, match="refused"):
        urlopen(gateway.url)
    assert set(threading.enumerate()) <= before


def test_a_policy_with_errors_starts_nothing(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(FileNotFoundError), running_gateway(wsgi, tmp_path / "none.yaml"):
        pass
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
def test_what_is_no_url_is_refused_as_an_upstream_is(url: str) -> None:
    with pytest.raises(ConfigError, match="--upstream"), running_gateway(url, POLICY):
        pass


def test_the_example_of_the_docstring_works() -> None:
    assert doctest.testmod(import_module("corsproxy.testing.gateway")) == (0, 3)
