"""Why a call of the page came out as it did, in the words of the catalogue."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qs

from corsproxy.cors.decision import Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import findings_text
from corsproxy.demo.scenes import DemoScene
from corsproxy.demo.site import Line
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.judge import Call, judge
from corsproxy.probe.report import blocking_reasons

_MAX_EXCHANGES = 200
_PATIENCE = 2.0
"""Seconds in which the proxy tells of an exchange whose response the page has already."""


class PageExchanges:
    """A watcher that keeps the latest exchanges, so that the page can ask for those of one call.

    The page names each of its calls in the query of the target: `?call=NAME`.
    """

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=_MAX_EXCHANGES)
        self._heard = asyncio.Event()

    def __call__(self, exchange: Exchange) -> None:
        """Keep one exchange; whoever waits looks again."""
        self._exchanges.append(exchange)
        self._heard.set()
        self._heard.clear()

    async def of_call(self, call: str) -> list[Exchange]:
        """The exchanges of one call, oldest first, up to the one that settled it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not any(_settles(exchange) for exchange in self._told(call)):
                    await self._heard.wait()
        return self._told(call)

    def _told(self, call: str) -> list[Exchange]:
        return [exchange for exchange in self._exchanges if _call(exchange.target) == call]


def _call(target: str) -> str:
    return "".join(parse_qs(target.partition("?")[2]).get("call", ()))


def _settles(exchange: Exchange) -> bool:
    """A granted preflight settles nothing: the actual request follows."""
    decision = exchange.decision
    return decision.kind is not Kind.PREFLIGHT or bool(decision.refused)


class Explanations:
    """Through the proxy, the proxy's own words; directly, a browser's judgement of the response."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.memory = PageExchanges()

    async def explain(self, scene: DemoScene, way: str, call: str, page: str) -> list[Line]:
        """The lines that explain one call of a page of the origin `page`."""
        if way == "through":
            exchanges = await self.memory.of_call(call)
            return [line for exchange in exchanges for line in _lines(exchange)]
        tried = Call(scene.attempt(page), self.backend + scene.path)
        account = await judge(ProbeClient(), tried)
        return [Line("refused", reason.text, reason.fix) for reason in blocking_reasons(account)]


def _lines(exchange: Exchange) -> Iterator[Line]:
    kind = exchange.decision.kind.value
    for finding in findings_text(exchange.policy, exchange.decision):
        place = f" ({finding.span})" if finding.span else ""
        mark = "passed" if finding.passed else "refused"
        yield Line(mark, f"{kind}: {finding.text}{place}", finding.fix)
    if exchange.detail:
        yield Line("refused", exchange.detail)
    if exchange.decision.refused:
        yield Line("note", f"In the log and in DevTools this is decision {exchange.id}.")
