"""Guard: who may talk to the admin address.

Three attackers are kept out: a name that was re-bound to this machine (Host), another page in the
same browser (Origin, Sec-Fetch-Site, and a token that only our own page was given), and content of
the traffic that wants to become part of the page (Content-Security-Policy). No CORS field is ever
sent: nobody else's page reads what is here.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from corsproxy.config.hosts import Hosts

TOKEN_FIELD = "X-Corsproxy-Token"  # noqa: S105 - a field's name
SAFE_METHODS = frozenset({"GET", "HEAD"})

RESPONSE_FIELDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "corsproxy",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer, errors included."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """`check` is the middleware of the admin address; `token` is this run's own."""

    def __init__(self, allowed_hosts: Callable[[], Iterable[str]]) -> None:
        self._allowed_hosts = allowed_hosts
        self.token = secrets.token_urlsafe(24)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's answer, or the refusal of a request that did not come from our page."""
        if not known_host(request.headers.get("Host", ""), self._allowed_hosts()):
            return refusal(421, "this name is not one of ours; open the admin address itself")
        if request.method in SAFE_METHODS:
            problem = _foreign_reader(request)
        else:
            problem = self._foreign_writer(request)
        return refusal(403, problem) if problem else await handler(request)

    def _foreign_writer(self, request: web.Request) -> str:
        if request.headers.get("Origin") != f"{request.scheme}://{request.headers['Host']}":
            return "only the inspector's own page may change anything: Origin is another"
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "only the inspector's own page may change anything: Sec-Fetch-Site says so"
        sent = request.headers.get(TOKEN_FIELD, "")
        if not secrets.compare_digest(sent.encode(), self.token.encode()):
            return f"{TOKEN_FIELD} is not this run's: reload the page"
        return ""


async def add_fields(_: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: streams and errors get the fields, too."""
    response.headers.update(RESPONSE_FIELDS)


def refusal(status: int, sentence: str) -> web.Response:
    """A plain answer that says no."""
    return web.Response(status=status, text=f"{sentence}\n")


def known_host(host: str, allowed: Iterable[str]) -> bool:
    """Whether `host`, a Host field's value, can only mean this machine, or is configured.

    By a whole name only: a wildcard opens the proxy, not what is told of it.
    """
    found = Hosts(name for name in allowed if "*" not in name).read(host)
    return found is not None and found.allowed


def _foreign_reader(request: web.Request) -> str:
    """Another page may link here; it may not load anything of it, whatever its CORS mode."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site in ("same-origin", "none") or request.headers.get("Sec-Fetch-Mode") == "navigate":
        return ""
    return "only the inspector's own page may read this"
