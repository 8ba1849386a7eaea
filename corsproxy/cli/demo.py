"""corsproxy demo: a backend without CORS, a page and the proxy, ready to click."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from corsproxy.cli import NO

if TYPE_CHECKING:
    from corsproxy.demo.check import Played
    from corsproxy.demo.servers import DemoServers


@click.command("demo")
@click.option("--check", is_flag=True, help="Play the scenes without a browser; exit 0 or 1.")
def command(*, check: bool) -> int:
    """Start a backend without CORS, a page on another origin, and the proxy between them.

    The ports are 5173, 8000, 8080, and 8081 for the inspector; free ones are taken where these are
    in use.
    """
    from corsproxy.proxy import system

    return system.run(_check() if check else _show())


async def _show() -> int:
    from corsproxy.demo.servers import Ports, demo_servers
    from corsproxy.proxy import system

    ended = asyncio.Event()
    system.on_signals("SIGINT SIGTERM", ended.set)
    async with demo_servers(Ports(), sys.stderr) as opened:
        print(_opened(opened), flush=True)
        await ended.wait()
    return 0


def _opened(servers: "DemoServers") -> str:
    """The URLs, and which are not where they were expected.

    By the name that people open, so that page and proxy are one site to cookies.
    """
    page, backend, proxy, inspector = (url.replace("127.0.0.1", "localhost") for url in servers[:4])
    return "\n".join(
        [
            f"page       {page}  <- open this one",
            f"backend    {backend}  without CORS",
            f"proxy      {proxy}  in front of the backend",
            f"inspector  {inspector}  what the proxy sees, and why",
            *(
                f"port {wish} is taken; the {name} is on {port}"
                for name, wish, port in servers.moved
            ),
            "Ctrl-C ends it.",
        ]
    )


async def _check() -> int:
    from corsproxy.demo.check import play
    from corsproxy.demo.servers import ANY, demo_servers

    async with demo_servers(ANY) as opened:
        played = [_told(scene) async for scene in play(opened)]
    wrong = played.count(False)
    print(f"{len(played)} scenes, {wrong or 'none'} of them other than it should be")
    return NO if wrong else 0


def _told(played: "Played") -> bool:
    """Print one line for the scene; whether it went as it should."""
    through = played.through
    came = f"readable, {through.steps[-1].response.status}"
    if not through.verdict.readable:
        came = f"blocked ({through.verdict.reason})"
    directly = f"{played.direct.outcome} ({played.direct.verdict.reason or 'ok'})"
    mark = "NO" if played.wrong else "ok"
    print(f"{mark}  {played.scene.title:32} directly: {directly}; through the proxy: {came}")
    if played.wrong:
        print(f"    {played.wrong}")
    return not played.wrong
