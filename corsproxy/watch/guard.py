"""Guard: who may talk to the admin address.

Three attackers are kept out: a name that was re-bound to this machine (Host), another page in the
same browser (Origin, Sec-Fetch-Site, and a token that only our own page was given), and content of
the traffic that wants to become part of the page (Content-Security-Policy). No CORS header is ever
sent: nobody else's page reads what is here.

A navigation shows its response to the user, and may have been begun by any page (Fetch Metadata,
Sec-Fetch-Mode): it reaches the page itself, and nothing else. What the user types in the address
bar (Sec-Fetch-Site: none) reaches the plain texts for monitoring, too.
"""

import ipaddress
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus

from aiohttp import web

from corsproxy.config.allowed_hosts import Hosts
from corsproxy.cors.loopback import is_loopback_host

TOKEN_FIELD = "X-Corsproxy-Token"  # noqa: S105 - a header's name
SAFE_METHODS = frozenset({"GET", "HEAD"})
PAGE_PATH = "/"
TEXTS = frozenset({"/healthz", "/readyz", "/metrics"})
"""What a user may open by typing its address: nothing of the traffic is in it."""

RESPONSE_HEADERS = {
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
"""On every response, errors and what is not HTTP included."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Guard:
    """`check` stands before every handler of the admin address; `token` is this run's own."""

    def __init__(self, allowed_hosts: Callable[[], Iterable[str]]) -> None:
        self._allowed_hosts = allowed_hosts
        self.token = secrets.token_urlsafe(24)

    async def check(self, request: web.BaseRequest, handler: Handler) -> web.StreamResponse:
        """The handler's response, or the refusal of a request that did not come from our page."""
        if not request.raw_path.isascii():
            return problem_response(400, "the request's target has bytes that no URL has")
        host = request.headers.get("Host", "")
        if not known_host(host, self._allowed_hosts(), _arrived_at(request)):
            return _misdirected(host)
        if request.method in SAFE_METHODS:
            problem = _foreign_reader(request)
        else:
            problem = self._foreign_writer(request)
        return problem_response(403, problem) if problem else await handler(request)

    def _foreign_writer(self, request: web.BaseRequest) -> str:
        if request.headers.get("Origin") != f"{request.scheme}://{request.headers['Host']}":
            return "only the inspector's own page may change anything: Origin is another"
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "only the inspector's own page may change anything: Sec-Fetch-Site says so"
        if request.headers.get("Sec-Fetch-Mode") == "navigate":
            return "nothing is changed by a navigation"
        sent = request.headers.get(TOKEN_FIELD, "").encode(errors="replace")
        if not secrets.compare_digest(sent, self.token.encode()):
            return f"{TOKEN_FIELD} is not this run's: reload the page"
        return ""


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: streams get the headers, too."""
    response.headers.update(RESPONSE_HEADERS)


def problem_response(status: int, sentence: str) -> web.Response:
    """A response that says no, as problem details (RFC 9457), as those of the gateway are."""
    title = HTTPStatus(status).phrase
    problem = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    body = json.dumps(problem).encode("ascii") + b"\n"
    headers = RESPONSE_HEADERS | {"Content-Type": "application/problem+json"}
    return web.Response(status=status, body=body, headers=headers)


def known_host(host: str, allowed: Iterable[str], arrived_at: str = "") -> bool:
    """Whether `host`, a Host header's value, can only mean this machine, or is configured.

    That is localhost and what is below it, a loopback address, the address at which the connection
    `arrived_at` us, and what `allowed` lists by its whole name: a wildcard opens the proxy, not
    what is told of it. A published port of a container is called by the loopback address or
    localhost, though the container knows itself by another address.
    """
    listed = [name for name in allowed if "*" not in name]
    found = Hosts(listed).read(host)
    if found is None or not found.allowed:
        return False
    address = found.address
    ours = not address or is_loopback_host(address) or address == arrived_at
    return ours or found.name in (name.lower() for name in listed)


def _arrived_at(request: web.BaseRequest) -> str:
    """Our own address of the request's connection; "" for a socket in the file system."""
    name = request.get_extra_info("sockname")
    if not isinstance(name, tuple):
        return ""
    address = ipaddress.ip_address(str(name[0]).partition("%")[0])
    return str(getattr(address, "ipv4_mapped", None) or address)


def _misdirected(host: str) -> web.Response:
    found = Hosts().read(host)
    if found is None:
        return problem_response(400, "expected name or name:port in Host")
    fix = f"open it as localhost, or list the name: allowed_hosts: [{found.name}]"
    return problem_response(421, f'the host "{found.name}" is not one of the admin address; {fix}')


def _foreign_reader(request: web.BaseRequest) -> str:
    """Another page may link to ours; it may not load anything, whatever its CORS mode."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        opened = request.path == PAGE_PATH or (site == "none" and request.path in TEXTS)
        return "" if opened else f"a navigation reaches the inspector's page only, at {PAGE_PATH}"
    return "" if site in ("", "same-origin", "none") else "only the inspector's own page may read"
