"""RunningGateway: a gateway that runs while a test does, asked as a page's browser would ask it."""

import asyncio
import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from multidict import CIMultiDict, CIMultiDictProxy

from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.verdict import exposed
from corsproxy.cors.explain import Scene, scene, scene_text
from corsproxy.cors.explain.patch import placed
from corsproxy.cors.reasons import CATALOGUE
from corsproxy.probe.client import ProbeClient, UnreachableError
from corsproxy.probe.judge import Account, Call, judge
from corsproxy.probe.report import account_text, blocking_reasons
from corsproxy.proxy.gateway import Gateway
from corsproxy.proxy.routing import AmbiguousPath, Routes
from corsproxy.testing.app_policy import PolicySource, config_for
from corsproxy.testing.loop_thread import LoopThread
from corsproxy.testing.page_call import Headers, call_of
from corsproxy.testing.served_app import App, served

_NAMELESS = ""
"""The gateway's own origin: it stands for one with a public name, not for one on this machine."""


class PageResponse(NamedTuple):
    """What the page reads of a response: its status, and the headers that are exposed to it."""

    status: int
    headers: CIMultiDictProxy[str]


class _Outcome(NamedTuple):
    """What came of a call: why it is blocked (nothing where it is not), and the scene in words."""

    reasons: tuple[str, ...]
    text: str
    response: PageResponse | None


class RunningGateway:
    """A gateway in front of the app under test; `url` is where clients reach it.

    Each assertion sends what a browser sends, the preflight included, and judges the responses as
    browsers do. It waits for the app, so a test that is a coroutine, and serves the app on its own
    event loop, calls it by `asyncio.to_thread`.
    """

    def __init__(
        self, config: Config, url: str, run: Callable[..., Any], *, timeout: float
    ) -> None:
        self.config = config
        self.url = url
        self._run = run
        self._timeout = timeout
        self._routes = Routes(config.routes)

    def assert_readable(
        self,
        origin: str,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Headers = (),
        credentials: bool = False,
        content: bytes = b"",
    ) -> PageResponse:
        """Assert that a page of `origin` reads the response; return what it reads.

        `headers` are those that the page sets, and Cookie. Of an error's response a page that is
        allowed reads the status as well: look at it. AssertionError tells the scene step by step,
        ValueError what no page can send.
        """
        __tracebackhide__ = True
        call = call_of(
            self.url,
            origin,
            method,
            path,
            headers=headers,
            credentials=credentials,
            content=content,
        )
        found = self._asked(call)
        if found.response is None:
            raise AssertionError(f"the page cannot read the response\n\n{found.text}")
        return found.response

    def assert_blocked(
        self,
        origin: str,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Headers = (),
        credentials: bool = False,
        content: bytes = b"",
        reason: str | None = None,
    ) -> None:
        """Assert that a browser blocks the call of a page of `origin`, for `reason` if given.

        The reason's id is the policy's (`method-not-allowed`), or the browser's own
        (`allow-methods-lacks-method`). Else as `assert_readable`.
        """
        __tracebackhide__ = True
        if reason is not None:
            _check_reason(reason)
        call = call_of(
            self.url,
            origin,
            method,
            path,
            headers=headers,
            credentials=credentials,
            content=content,
        )
        found = self._asked(call)
        if found.response is not None:
            raise AssertionError(f"the page reads the response\n\n{found.text}")
        if reason is not None and reason not in found.reasons:
            told = ", ".join(found.reasons)
            raise AssertionError(f"blocked, but not by {reason}: by {told}\n\n{found.text}")

    def _asked(self, call: Call) -> _Outcome:
        by_policy = self._scene(call.attempt)
        refused = tuple(reason.id for reason in by_policy.reasons) if by_policy else ()
        account = self._account(call)
        if account.outcome == "readable":
            return _Outcome((), account_text(account), _response(account))
        stopped = tuple(reason.id for reason in blocking_reasons(account))
        told = scene_text(by_policy) if by_policy and refused else account_text(account)
        return _Outcome(tuple(dict.fromkeys(refused + stopped)), told, None)

    def _account(self, call: Call) -> Account:
        try:
            account: Account = self._run(judge(ProbeClient(timeout=self._timeout), call))
        except UnreachableError as error:
            raise TimeoutError(f"{error}{_of_a_loop()}") from error
        return account

    def _scene(self, attempt: Attempt) -> Scene | None:
        """What the policy of its route makes of the call, with the line that settles each check.

        None for a path that the gateway does not serve, since backends read it in several ways.
        """
        try:
            route = self._routes.find("127.0.0.1", attempt.target)
        except AmbiguousPath:
            return None
        top = self.config.policy
        if route is None:
            return scene(top, attempt, _NAMELESS)
        found = scene(route.policy, attempt, _NAMELESS)
        return found._replace(patch=placed(found.patch, route.policy, top, route.path, route.host))


def _response(account: Account) -> PageResponse:
    step = account.steps[-1]
    headers = step.response.headers
    if step.hop.crossing:
        readable = exposed(step.attempt, headers).readable
        headers = tuple(pair for pair in headers if pair[0].lower() in readable)
    return PageResponse(step.response.status, CIMultiDictProxy(CIMultiDict(headers)))


def _of_a_loop() -> str:
    """What stands in the way where a test that is a coroutine waits for its own event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return ""
    return (
        "\n  is the app served by the event loop of this test, which waits here?"
        "\n  fix: await asyncio.to_thread(gateway.assert_readable, ...)"
    )


def _check_reason(reason: str) -> None:
    if reason in CATALOGUE:
        return
    near = difflib.get_close_matches(reason, CATALOGUE, n=1)
    fix = f"\n  fix: {near[0]}" if near else ""
    raise ValueError(f"no reason has the id {reason!r}: docs/reasons.md lists them{fix}")


@contextmanager
def running_gateway(
    app: App, policy: PolicySource, *, timeout: float = 30.0
) -> Iterator[RunningGateway]:
    """A gateway with `policy` in front of `app`, while the block lasts.

    `app` is an ASGI or a WSGI app, or the URL of a server that runs. `policy` is a file's path, its
    content as text or as a mapping, or a Policy; whatever upstreams it names, each route leads to
    the app. `timeout` is how many seconds a response may take.

    Raises ConfigError for a policy with errors, and what `app` fails with at its start.

    >>> def hello(environ, start_response):
    ...     start_response("200 OK", [("Content-Type", "text/plain")])
    ...     return [b"hello"]
    >>> policy = {"cors": {"allow_origins": ["https://app.example"]}}
    >>> with running_gateway(hello, policy) as gateway:
    ...     print(gateway.assert_readable("https://app.example").status)
    ...     gateway.assert_blocked("https://app.example", "PUT", reason="method-not-allowed")
    200
    """
    with served(app) as url, LoopThread() as thread:
        gateway = Gateway(config_for(policy, url))
        try:
            thread.run(gateway.start())
            yield RunningGateway(gateway.config, gateway.url, thread.run, timeout=timeout)
        finally:
            thread.run(gateway.stop())


class GatewayFactory(Protocol):
    """What the fixtures give: `running_gateway`, which ends by itself.

    Without a policy it is the one that pytest's setting `corsproxy_policy` names.
    """

    def __call__(self, app: App, policy: PolicySource | None = None) -> RunningGateway: ...
