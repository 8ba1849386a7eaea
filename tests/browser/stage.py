"""The stage of the verdict cases: a page, an API and a third origin, and what becomes of a call."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import Browser
from corsproxy.cors.browser.hop import Hop, first_hop
from corsproxy.cors.browser.url import origin_of, parts_of
from corsproxy.cors.browser.verdict import exposed, preflight_cached_for
from corsproxy.cors.origin import OPAQUE
from tests.browser.scripted import Asked, Reply, Scripted
from tests.browser.verdict_cases import Case, Response

CALLS = """calls => Promise.all(calls.map(async call => {
    const once = async () => {
        try {
            const response = await fetch(call.url, call.init);
            await response.text();
            return {readable: true, names: [...response.headers.keys()].sort()};
        } catch (error) {
            return {readable: false, names: []};
        }
    };
    const first = await once();
    return call.twice ? await once() : first;
}))"""
"""All calls at once; each has a URL of its own, and so a cached preflight of its own."""

PAGE = "<!doctype html><title>page</title><link rel=icon href='data:,'>"


class Sent(NamedTuple):
    """A request on the wire, as far as CORS is concerned."""

    preflight: bool
    target: str
    method: str
    origin: str | None
    names: str | None = None


class Became(NamedTuple):
    """What became of one call: in a browser, or by prediction."""

    readable: bool
    keys: frozenset[str]
    """The CorsErrors of Chromium, or the keys of Firefox's messages."""
    sent: tuple[Sent, ...]
    names: frozenset[str] = frozenset()
    """The response headers that the page could read, of those that a case is about."""


class Stage:
    """The three origins of the play: the page's, the API's, and one that is neither."""

    def __init__(self, cases: Iterable[Case], host: str = "127.0.0.1") -> None:
        self.host = host
        self.cases = {f"/case/{number}": case for number, case in enumerate(cases)}
        self.server = Scripted(self._respond)
        self.ports: dict[str, int] = {}

    async def open(self) -> None:
        self.ports = {name: await self.server.listen() for name in ("page", "api", "third")}

    def origin(self, name: str) -> str:
        return f"http://{self.host}:{self.ports[name]}"

    def pages(self) -> dict[str, list[str]]:
        """The paths of the cases, by the URL of the page that tries them."""
        return {
            self.origin("page") + "/": [
                path for path, case in self.cases.items() if not case.opaque
            ],
            self.origin("page") + "/opaque": [p for p, case in self.cases.items() if case.opaque],
        }

    def url(self, path: str) -> str:
        return self.origin(self.cases[path].start) + path

    def call(self, path: str) -> dict[str, Any]:
        """One call, for `CALLS`."""
        case = self.cases[path]
        init = {
            "method": case.method,
            "headers": case.fields,
            "credentials": "include" if case.credentials else "omit",
        }
        return {"url": self.url(path), "init": init, "twice": case.twice}

    def scripted(self, path: str, *, preflight: bool) -> tuple[int, list[tuple[str, str]]]:
        """What is answered at `path`, which says how many redirects led there."""
        base, *beyond = path[path.rindex("/case/") :].split("/beyond")  # `..` may repeat "/case"
        response = self.cases[base].at(len(beyond), preflight=preflight)
        return response.status, self._fields(response, base)

    def predicted(self, path: str, browser: Browser) -> Became:
        """The same call, as `cors.browser` sees it."""
        case = self.cases[path]
        origin = OPAQUE if case.opaque else self.origin("page")
        attempt = Attempt(origin, case.method, case.fields, case.credentials, path, browser)
        hop: Hop | None = first_hop(attempt, self.url(path))
        sent: list[Sent] = []
        again: list[Sent] = []
        while hop is not None:
            last, (status, fields) = (
                hop,
                self.scripted(parts_of(hop.url).path, preflight=hop.preflight),
            )
            sent.append(self._would_send(hop))
            kept = hop.preflight and preflight_cached_for(hop.attempt, fields)
            again += [] if kept else [sent[-1]]
            verdict = hop.verdict(status, fields)
            hop = hop.after(verdict, status, fields)
        key = verdict.outcomes.browsers[browser.name].key
        names = self._seen(last, fields) & self.own_names(path) if verdict.readable else set()
        sent += again if case.twice else []
        return Became(verdict.readable, frozenset({key} - {""}), tuple(sent), frozenset(names))

    def _seen(self, hop: Hop, fields: f.Fields) -> set[str]:
        """The headers that the page can read."""
        shown = exposed(hop.attempt, fields)
        return {*shown.readable, *(() if hop.crossing else shown.unreadable)}

    def _would_send(self, hop: Hop) -> Sent:
        host = next(name for name in self.ports if self.origin(name) == origin_of(hop.url))
        target = f"{{{host}}}{parts_of(hop.url).path}"
        if hop.preflight:
            asked = hop.attempt.preflight()
            return Sent(
                True,
                target,
                asked.requested_method or "",
                self._named(asked.origin),
                asked.requested_names,
            )
        method, origin = hop.attempt.sent_method, self._named(hop.attempt.origin)
        return Sent(
            False, target, method, origin if hop.crossing or method not in ("GET", "HEAD") else None
        )

    def sent(self, path: str) -> tuple[Sent, ...]:
        """The requests of one case, in their order."""
        asked = [one for one in self.server.asked if re.split(r"/beyond|\?", one.path)[0] == path]
        return tuple(self._sent(one) for one in asked)

    def own_names(self, path: str) -> set[str]:
        """The response headers that the case is about."""
        case = self.cases[path]
        responses = [case.at(depth, preflight=False) for depth in range(3)]
        return {name.lower() for response in responses for name, _ in response.fields}

    def _sent(self, asked: Asked) -> Sent:
        host = next(name for name, port in self.ports.items() if port == asked.port)
        requested = f.joined(asked.fields, f.REQUEST_METHOD) if asked.preflight else None
        names = f.joined(asked.fields, f.REQUEST_HEADERS)
        origin = f.joined(asked.fields, f.ORIGIN)
        target = f"{{{host}}}{asked.path.partition('?')[0]}"
        return Sent(asked.preflight, target, requested or asked.method, self._named(origin), names)

    def _named(self, origin: str | None) -> str | None:
        """The origin by its name: reports read the same from run to run."""
        names = {self.origin(name): f"{{{name}}}" for name in self.ports}
        return names.get(origin or "", origin)

    def _respond(self, asked: Asked) -> Reply:
        path = asked.path.partition("?")[0]
        if path in ("/", "/opaque"):
            sandbox = [("Content-Security-Policy", "sandbox allow-scripts")]
            opaque = sandbox if path == "/opaque" else []
            return Reply(200, [("Content-Type", "text/html"), *opaque], PAGE.encode())
        if path.split("/beyond")[0] not in self.cases:
            return Reply(404, [])
        status, fields = self.scripted(path, preflight=asked.preflight)
        return Reply(status, [*fields, ("Cache-Control", "no-store")], b"content")

    def _fields(self, response: Response, path: str) -> list[tuple[str, str]]:
        return [(name, self._filled(value, path)) for name, value in response.fields]

    def _filled(self, text: str, path: str) -> str:
        words = {name: self.origin(name) for name in self.ports}
        words |= {f"{name}_port": str(port) for name, port in self.ports.items()}
        words["host"] = self.host
        words |= {"port": words["page_port"], "case": path}
        words["number"] = path.rpartition("/")[2]
        words["third_backslashes"] = words["third"].replace("/", "\\")
        words["third_capitals"] = words["third"].replace("http", "HTTP")
        return re.sub(r"\{(\w+)\}", lambda found: words[found[1]], text)
