"""Https towards the page in real browsers: trusted by `corsproxy trust`, and only where it may be.

The stores are those of a home of the test's own, written by the real program with NSS's certutil.
"""

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from corsproxy.cors import headers as f
from corsproxy.trust.authority import Authority
from tests.browser.executables import (
    ARGUMENTS,
    NO_CHROMIUM,
    NO_FIREFOX,
    chromium,
    firefox_esr,
    needed,
)
from tests.browser.firefox import FirefoxError, running
from tests.browser.scripted import Asked, Reply, Scripted
from tests.certutil import needs_certutil
from tests.cli.program import corsproxy
from tests.program import Program

pytestmark = needs_certutil

COOKIES = ("plain=1", "secure=1; Secure", "__Host-id=1; Secure; Path=/; HttpOnly")
CALL = """async text => {
    const {url, init} = JSON.parse(text);
    try {
        const response = await fetch(url, init);
        return JSON.stringify([response.status, await response.text()]);
    } catch (error) {
        return JSON.stringify([0, ""]);
    }
}"""


def answer(asked: Asked) -> Reply:
    if asked.path == "/":
        page = b"<!doctype html><title>page</title><link rel=icon href='data:,'>"
        return Reply(200, [("Content-Type", "text/html")], page)
    if asked.path == "/login":
        return Reply(200, [("Set-Cookie", cookie) for cookie in COOKIES], b"in")
    if asked.path == "/away":
        host = f.joined(asked.fields, "Host")
        return Reply(302, [("Location", f"http://{host}/who")], b"")
    return Reply(200, [], (f.joined(asked.fields, "Cookie") or "nobody").encode())


@pytest_asyncio.fixture(loop_scope="session")
async def api() -> AsyncIterator[Scripted]:
    server = Scripted(answer)
    yield server
    server.close()


class Home:
    """A user's home, with an authority that this user's browsers trust."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.firefox = folder / ".mozilla/firefox/x.default"
        self.environ = {"HOME": str(folder), "XDG_DATA_HOME": ""}

    def trust(self) -> None:
        (self.folder / ".pki/nssdb").mkdir(parents=True)
        self.firefox.mkdir(parents=True)
        for store in (self.folder / ".pki/nssdb", self.firefox):
            new = ("certutil", "-d", f"sql:{store}", "-N", "--empty-password")
            subprocess.run(new, check=True, capture_output=True)
        done = corsproxy("trust", "--no-system", environ=self.environ)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@contextmanager
def proxy(home: Home, upstream: int, *arguments: str) -> Iterator[Program]:
    given = ("--upstream", f"http://127.0.0.1:{upstream}", "--admin", "off", *arguments)
    with Program("run", *given, "--listen", "https://localhost:0", environ=home.environ) as program:
        assert program.port
        yield program


@asynccontextmanager
async def chromium_of(home: Home, *arguments: str) -> AsyncIterator[Browser]:
    executable = needed(chromium(), NO_CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            args=[*ARGUMENTS, *arguments],
            env={"HOME": str(home.folder)},
        )
        yield browser
        await browser.close()


async def test_a_page_on_https_has_its_secure_cookies_and_its_redirects(
    home: Home, api: Scripted
) -> None:
    home.trust()
    with proxy(home, await api.listen(), "--allow-origin", "https://app.test") as program:
        own = f"https://localhost:{program.port}"
        async with chromium_of(home) as browser:
            page = await (await browser.new_context()).new_page()
            await page.goto(f"{own}/")
            assert await page.evaluate("isSecureContext")
            calls = [
                {"url": "/login", "init": {"method": "POST"}},  # with Origin: its own
                {"url": "/who", "init": {}},
                {"url": "/away", "init": {}},
            ]
            found = [json.loads(await page.evaluate(CALL, json.dumps(call))) for call in calls]
    cookies = "plain=1; secure=1; __Host-id=1"
    assert found == [[200, "in"], [200, cookies], [200, cookies]]
    posted = next(asked for asked in api.asked if asked.path == "/login")
    assert f.joined(posted.fields, "Origin") == own
    assert f.joined(posted.fields, "X-Forwarded-Proto") == "https"


async def test_a_page_of_another_origin_calls_it_with_a_preflight_and_cookies(
    home: Home, api: Scripted
) -> None:
    home.trust()
    upstream = await api.listen()
    with (
        proxy(home, upstream, "--allow-origin", "https://localhost:*") as pages,
        proxy(home, upstream, "--allow-origin", f"https://localhost:{pages.port}") as program,
    ):
        own = f"https://localhost:{program.port}"
        async with chromium_of(home) as browser:
            page = await (await browser.new_context()).new_page()
            await page.goto(f"https://localhost:{pages.port}/")
            init = {"method": "PUT", "credentials": "include", "headers": {"X-A": "1"}}
            calls = [{"url": f"{own}/login", "init": init}, {"url": f"{own}/who", "init": init}]
            found = [json.loads(await page.evaluate(CALL, json.dumps(call))) for call in calls]
        assert [status for status, _ in found] == [200, 200]
        assert "secure=1" in found[1][1]
        assert "preflight granted" in program.output


async def test_who_does_not_trust_it_is_told_what_to_do(home: Home, api: Scripted) -> None:
    with proxy(home, await api.listen()) as program:
        async with chromium_of(home) as browser:
            page = await browser.new_page()
            with pytest.raises(PlaywrightError, match="ERR_CERT_AUTHORITY_INVALID"):
                await page.goto(f"https://localhost:{program.port}/")
        program.wait_for("a client does not trust the certificate .* corsproxy trust")


def stolen(home: Home, name: str) -> tuple[str, ...]:
    """Flags with a certificate for `name` that a thief of the authority's key has made."""
    found = Authority.load(home.folder / ".local/share/corsproxy")
    assert found is not None

    class Thief(Authority):
        def speaks_for(self, name: str) -> bool:
            return True

    path = home.folder / "stolen.pem"
    path.write_bytes(Thief(found.folder, found.certificate, found._key).issue([name]).pem)
    return ("--tls-certificate", str(path), "--tls-key", str(path))


@pytest.mark.parametrize(
    ("name", "trusted"),
    [("shop.test", True), ("bank.example", False), ("localhost.example", False)],
)
async def test_browsers_hold_the_authority_to_the_names_that_it_may_speak_for(
    home: Home, api: Scripted, name: str, trusted: bool
) -> None:
    home.trust()
    firefox = needed(firefox_esr(), NO_FIREFOX)
    flags = (*stolen(home, name), "--allowed-host", name)
    with proxy(home, await api.listen(), *flags) as program:
        url = f"https://{name}:{program.port}/"
        async with chromium_of(home, f"--host-resolver-rules=MAP {name} 127.0.0.1") as browser:
            page = await browser.new_page()
            if trusted:
                assert (await page.goto(url)) is not None
            else:
                with pytest.raises(PlaywrightError, match="ERR_CERT_"):
                    await page.goto(url)
        asked = len(api.asked)
        assert bool(asked) is trusted
        preferences: dict[str, bool | int | str] = {
            "network.dns.localDomains": name,
            "network.dns.native-is-localhost": True,
        }
        async with running(firefox, home.firefox, preferences) as driven:
            if trusted:
                await driven.goto(url)
            else:
                with pytest.raises(FirefoxError, match="SEC_ERROR_CERT_NOT_IN_NAME_SPACE"):
                    await driven.goto(url)
        assert (len(api.asked) > asked) is trusted


async def test_firefox_trusts_it_too(home: Home, api: Scripted) -> None:
    home.trust()
    executable = needed(firefox_esr(), NO_FIREFOX)
    with proxy(home, await api.listen()) as program:
        async with running(executable, home.firefox) as driven:
            await driven.goto(f"https://localhost:{program.port}/")
            called = {"url": "/login", "init": {"method": "POST"}}
            found = [await driven.call(CALL, json.dumps(called))]
            found.append(await driven.call(CALL, json.dumps({"url": "/who", "init": {}})))
    assert [json.loads(one) for one in found] == [
        [200, "in"],
        [200, "plain=1; secure=1; __Host-id=1"],
    ]
