"""Records for the tests: entries as a browser saves them, told by as little as matters."""

import json
from typing import Any

from corsproxy.cors.browser.browsers import Browser
from corsproxy.recorded.calls import calls
from corsproxy.recorded.har import record
from corsproxy.recorded.judgement import Judged, judged

PAGE = "https://app.test"
API = "https://api.test/x"
ALLOWED = {"Access-Control-Allow-Origin": PAGE}
ANY = {"Access-Control-Allow-Origin": "*"}
UNSAID: Any = object()


def entry(
    method: str = "GET",
    url: str = API,
    *,
    asked: dict[str, str] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    error: Any = UNSAID,
    cookies: bool = False,
    **own: Any,
) -> dict[str, Any]:
    """An entry; `asked` are the request's headers, by default Origin alone."""
    sent = {"Origin": PAGE} if asked is None else asked
    response: dict[str, Any] = {"status": status, "headers": pairs(headers or {})}
    if error is not UNSAID:
        response["_error"] = error
    request: dict[str, Any] = {"method": method, "url": url, "headers": pairs(sent)}
    request["cookies"] = [{"name": "sid", "value": "1"}] if cookies else []
    return {"request": request, "response": response, "pageref": "page_1", **own}


def preflight(
    method: str = "PUT", names: str = "", *, status: int = 204, **rest: Any
) -> dict[str, Any]:
    """The entry of a preflight for `method`."""
    asked = {"Origin": PAGE, "Access-Control-Request-Method": method}
    if names:
        asked["Access-Control-Request-Headers"] = names
    return entry("OPTIONS", asked=asked, status=status, **rest)


def unsent(method: str = "PUT", **rest: Any) -> dict[str, Any]:
    """A request that Chromium did not send, after a preflight that failed."""
    own = {"_resourceType": "fetch", "asked": {"Referer": f"{PAGE}/"}, "error": "net::ERR_FAILED"}
    return entry(method, status=0, **own | rest)


def pairs(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def har(*entries: dict[str, Any], creator: str = "WebInspector") -> bytes:
    """The file."""
    pages = [{"id": "page_1", "title": f"{PAGE}/index.html"}]
    log = {"creator": {"name": creator}, "pages": pages, "entries": list(entries)}
    return json.dumps({"log": log}).encode()


def became(*entries: dict[str, Any], creator: str = "WebInspector") -> list[Judged]:
    """What became of each call in such a file."""
    found = record(har(*entries, creator=creator))
    browser: Browser = found.browser
    return [judged(call, browser) for call in calls(found.entries).judged]
