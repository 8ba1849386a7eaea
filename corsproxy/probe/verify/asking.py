"""asking: the questions sent to the server, one after the other and not too fast."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from corsproxy.cors import headers as f
from corsproxy.cors.decision import decide
from corsproxy.probe.judge import Sender
from corsproxy.probe.verify.comparison import still_blocked
from corsproxy.probe.verify.findings import Answer, Findings, differences_of
from corsproxy.probe.verify.questions import Plan, Question
from corsproxy.probe.verify.samples import unsampled

Progress = Callable[[int, int], None]
"""Told how many requests are done, and of how many."""


class Pace:
    """Lets pass no more than `per_second` in each second, evenly."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock or asyncio.get_running_loop().time
        self._sleep = sleep
        self._next = self._clock()

    async def turn(self) -> None:
        """Wait until it is time for the next one."""
        now = self._clock()
        if now < self._next:
            await self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


class Asker:
    """Asks the questions of a plan, `at_most` so many; `page_headers` go with each GET."""

    def __init__(
        self,
        client: Sender,
        pace: Pace,
        at_most: int,
        *,
        page_headers: f.Fields = (),
        progress: Progress = lambda _done, _all: None,
    ) -> None:
        self._client = client
        self._pace = pace
        self._at_most = at_most
        self._page_headers = page_headers
        self._progress = progress
        self._answers: list[Answer] = []

    async def verify(self, plan: Plan) -> Findings:
        """What there is to tell; raises UnreachableError where a request gets no response."""
        planned = len(plan.questions())
        total = min(planned, self._at_most)
        await self._ask(plan.on_origins(), total)
        await self._ask(plan.the_rest(self._home()), total)
        return Findings(
            plan.main.url,
            len(self._answers),
            planned - total,
            unsampled(plan.main.policy),
            differences_of(self._answers, plan.gateway),
        )

    async def _ask(self, questions: Sequence[Question], total: int) -> None:
        for question in questions[: self._at_most - len(self._answers)]:
            await self._pace.turn()
            method = "OPTIONS" if question.preflight else "GET"
            own = [] if question.preflight else list(self._page_headers)
            replaced = {name.lower() for name, _ in own}
            headers = [one for one in question.headers if one[0].lower() not in replaced] + own
            response = await self._client.send(method, question.url, headers)
            self._answers.append(Answer(question, response))
            self._progress(len(self._answers), total)

    def _home(self) -> str | None:
        """The first allowed origin whose preflight passes: only from there more can be seen."""
        for question, response in self._answers:
            granted = question.preflight and decide(question.policy, question.request).granted
            if granted and not still_blocked(question, response):
                return question.attempt.origin
        return None
