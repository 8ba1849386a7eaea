"""A real Firefox, driven by WebDriver BiDi: no driver program stands between.

https://w3c.github.io/webdriver-bidi/ ; Firefox speaks it itself on --remote-debugging-port. Only
what the tests need is here: a page, a script in it, and what its console says.
"""

import asyncio
import contextlib
import itertools
import os
import re
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

PREFERENCES: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.security.https_first": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "geo.provider.network.url": "",
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.http.max-persistent-connections-per-server": 32,
    "network.prefetch-next": False,
    "security.remote_settings.crlite_filters.enabled": False,
    "services.settings.server": "data:,",
    "signon.autofillForms": False,
    "toolkit.telemetry.enabled": False,
}
"""Nothing that calls home. MOZ_DISABLE_NONLOCAL_CONNECTIONS is the proof: with it Firefox ends
rather than open a connection to another machine."""

SYSTEM_ACCESS = "--remote-allow-system-access"

START_SECONDS = 20
COMMAND_SECONDS = 30
MAX_MESSAGE = 1 << 24


class FirefoxError(Exception):
    """Firefox did not start, or refused a command."""


class Firefox:
    """One Firefox with a profile of its own and one page; `said` are the lines of its console."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.said: list[str] = []
        self.news = asyncio.Event()
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._context = ""

    async def listen(self) -> None:
        """Read what Firefox sends until it closes the connection."""
        async for message in self._socket:
            self._hear(message.json())

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command of BiDi."""
        number = next(self._ids)
        result: asyncio.Future[dict[str, Any]]
        result = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(COMMAND_SECONDS):
            return await result

    async def open(self) -> None:
        """Begin a session with one page, and listen to its console."""
        await self.command("session.new", capabilities={})
        tree = await self.command("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]
        await self.command("session.subscribe", events=["log.entryAdded"])

    async def in_chrome(self, expression: str) -> Any:
        """What an expression comes to in the browser's own window, where its developer tools are.

        Only for a Firefox that was started with `SYSTEM_ACCESS`.
        """
        tree = await self.command("browsingContext.getTree", **{"moz:scope": "chrome"})
        told = await self.command(
            "script.evaluate",
            expression=expression,
            target={"context": tree["contexts"][0]["context"]},
            awaitPromise=True,
        )
        if told["type"] != "success":
            raise FirefoxError(told["exceptionDetails"]["text"])
        return told["result"].get("value")

    async def goto(self, url: str) -> None:
        """Load `url` in the page."""
        await self.command(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def call(self, function: str, argument: str) -> str:
        """What `function` of the page, a function from text to a promise of text, comes to."""
        told = await self.command(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"type": "string", "value": argument}],
            target={"context": self._context},
            awaitPromise=True,
        )
        if told["type"] != "success":
            raise FirefoxError(told["exceptionDetails"]["text"])
        result: str = told["result"]["value"]
        return result

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            self.said.append(str(message["params"]["text"]))
            self.news.set()
            return
        waiting = self._waiting.pop(message["id"])
        if message["type"] == "error":
            waiting.set_exception(FirefoxError(f"{message['error']}: {message['message']}"))
        else:
            waiting.set_result(message["result"])


@contextlib.asynccontextmanager
async def running(
    executable: str,
    profile: Path,
    preferences: Mapping[str, bool | int | str] | None = None,
    arguments: Sequence[str] = (),
) -> AsyncIterator[Firefox]:
    """A running Firefox; afterwards it and all its processes are gone."""
    all_preferences = {**PREFERENCES, **(preferences or {})}
    lines = (f"user_pref({_js(name)}, {_js(value)});" for name, value in all_preferences.items())
    (profile / "user.js").write_text("\n".join(lines), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(executable, "--headless", "--no-remote", "--profile", str(profile)),
        *("--remote-debugging-port", "0", *arguments),
        env={**os.environ, "MOZ_DISABLE_NONLOCAL_CONNECTIONS": "1", "HOME": str(profile)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    draining = None
    try:
        async with asyncio.timeout(START_SECONDS):
            address = await _listening_at(process.stderr)
        draining = asyncio.create_task(process.stderr.read())
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"{address}/session", max_msg_size=MAX_MESSAGE) as socket,
        ):
            driven = Firefox(socket)
            listening = asyncio.create_task(driven.listen())
            await driven.open()
            yield driven
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its children are in the same group
        await process.wait()
        if draining is not None:
            await draining


async def _listening_at(stderr: asyncio.StreamReader) -> str:
    said = []
    async for line in stderr:
        if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
            return found[1].decode()
        said.append(line.decode(errors="replace"))
    raise FirefoxError(f"Firefox ended before it listened: {''.join(said)}")


def _js(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)
