"""The judge of what is told of cookies: Chromium keeps exactly those of which nothing is said."""

import json
from collections.abc import AsyncIterator, Iterable

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain.cookies import lost_cookies
from corsproxy.cors.reasons import ExplainedReason
from tests.browser.scripted import Asked, Reply, Scripted

COOKIES = {
    "plain": "plain=1",
    "path": "path=1; Path=/; HttpOnly",
    "secure": "secure=1; Secure",
    "lax": "lax=1; SameSite=Lax",
    "strict": "strict=1; SameSite=Strict",
    "none": "none=1; SameSite=None",
    "none-secure": "none-secure=1; SameSite=None; Secure",
    "unknown": "unknown=1; SameSite=Never",
    "domain": "domain=1; Domain={host}",
    "foreign": "foreign=1; Domain=page.test",
    "__Secure-without": "__Secure-without=1",
    "__Secure-with": "__Secure-with=1; Secure",
    "__Host-with": "__Host-with=1; Secure; Path=/",
    "__Host-path": "__Host-path=1; Secure; Path=/x",
    "__Host-domain": "__Host-domain=1; Secure; Path=/; Domain=localhost",
    "__host-lower": "__host-lower=1",
}
HOSTS = [
    pytest.param("localhost", "localhost", id="the same host"),
    pytest.param("127.0.0.1", "127.0.0.1", id="the same address"),
    pytest.param("localhost", "127.0.0.1", id="another site"),
    pytest.param("a.localhost", "b.localhost", id="below localhost"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def api() -> AsyncIterator[Scripted]:
    server = Scripted(_answer)
    yield server
    server.close()


def _answer(asked: Asked) -> Reply:
    if asked.path == "/":
        return Reply(200, [("Content-Type", "text/html")], b"<!doctype html><title>page</title>")
    origin = f.joined(asked.fields, "Origin") or ""
    host = (f.joined(asked.fields, "Host") or "").partition(":")[0]
    allowed = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    cookie = COOKIES.get(asked.path[1:])
    sent = [("Set-Cookie", cookie.format(host=host))] if cookie else []
    return Reply(200 if cookie else 404, [*allowed, *sent], b"content")


def lost_in_chromium(told: Iterable[ExplainedReason]) -> list[ExplainedReason]:
    """Without what is lost in WebKit alone."""
    return [one for one in told if one.id != "cookie-secure-on-localhost"]


@pytest.mark.parametrize("credentials", [True, False], ids=["include", "omit"])
@pytest.mark.parametrize(("page_host", "api_host"), HOSTS)
async def test_chromium_keeps_the_cookies_of_which_nothing_is_said(
    page_host: str, api_host: str, credentials: bool, api: Scripted, browser: Browser
) -> None:
    page_origin = f"http://{page_host}:{await api.listen()}"
    own_origin = f"http://{api_host}:{await api.listen()}"
    attempt = Attempt(page_origin, credentials=credentials)
    expected = {
        name
        for name, line in COOKIES.items()
        if not lost_in_chromium(lost_cookies(attempt, own_origin, [line.format(host=api_host)]))
    }
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(page_origin)
    mode = "include" if credentials else "omit"
    urls = json.dumps([f"{own_origin}/{name}" for name in COOKIES])
    answers = await page.evaluate(
        f"Promise.all({urls}.map(url => fetch(url, {{credentials: '{mode}'}}).then(a => a.text())))"
    )
    assert set(answers) == {"content"}
    kept = {str(cookie.get("name")) for cookie in await context.cookies()}
    assert kept <= expected
    if page_host == api_host:  # Debian's Chromium is set to keep no cookie of another site
        assert kept == expected
    await context.close()
