"""The scenes without a browser: sent by the probe, judged as a browser judges."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.verdict import exposed
from corsproxy.demo.scenes import DemoScene, scenes
from corsproxy.demo.servers import DemoServers
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.judge import Account, Call, judge


class Played(NamedTuple):
    """One scene, made directly and through the proxy. `wrong` says what is not as it should be."""

    scene: DemoScene
    direct: Account
    through: Account
    wrong: str


async def play(stage: DemoServers) -> AsyncIterator[Played]:
    """Every scene, in the page's order; the cookie of a login goes with the calls after it."""
    client, cookie = ProbeClient(), ""
    for scene in scenes().values():
        attempt, content = scene.attempt(stage.page), scene.content.encode()
        direct, through = [
            await judge(client, Call(attempt, base + scene.path, cookie, content))
            for base in (stage.backend, stage.proxy)
        ]
        cookie = _cookie(through) or cookie
        yield Played(scene, direct, through, _wrong(scene, direct, through))


def _cookie(account: Account) -> str:
    """What the browser would keep of the response's cookies."""
    if account.actual is None or not account.attempt.credentials:
        return ""
    lines = f.values(account.actual.response.headers, "Set-Cookie")
    return "; ".join(f"{m.key}={m.value}" for line in lines for m in SimpleCookie(line).values())


def _wrong(scene: DemoScene, direct: Account, through: Account) -> str:
    if direct.verdict.readable:
        return "the backend's own response is readable, and it should know nothing of CORS"
    outcome = "readable" if through.verdict.readable else through.verdict.reason
    if outcome != scene.through:
        return f"through the proxy it is {outcome}, and should be {scene.through}"
    if not through.verdict.readable or through.actual is None:
        return ""
    response = through.actual.response
    if response.status != scene.status:
        return f"the status is {response.status}, and should be {scene.status}"
    readable = exposed(through.attempt, response.headers).readable
    for name, value in scene.reads.items():
        read = f.joined(response.headers, name) if name.lower() in readable else None
        if read != value:
            return f"the page reads {read} in {name}, and should read {value}"
    return ""
