"""HAR 1.2 as browsers save it, and corsproxy itself: what of it tells something of CORS.

Chromium says of each entry what kind it is (`_resourceType`) and whether it failed (`_error`);
Firefox says neither. Both give a request that was never sent the status 0, and preflights an entry
of their own, before or after that of the actual request.
"""

from itertools import islice
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, FIREFOX, WEBKIT, Browser
from corsproxy.limits import RECORD_MAX_ENTRIES
from corsproxy.recorded.json_tree import Node, RecordError, read

MAX_STATUS = 999
FAILED = "net::ERR_FAILED"
"""What Chromium says of all that CORS blocks, and of some that something else does."""

_NAMES = frozenset(
    {
        *("log", "creator", "browser", "name", "pages", "id", "title", "entries", "pageref"),
        *("request", "response", "method", "url", "headers", "value", "cookies", "status"),
        *("_error", "_failureText", "_resourceType", "_fetchedViaServiceWorker"),
        *("_corsproxy", "reasons", "reason", "text"),
    }
)
_BROWSERS = {
    "webinspector": CHROMIUM,
    "chromium": CHROMIUM,
    "firefox": FIREFOX,
    "webkit": WEBKIT,
    "webkit web inspector": WEBKIT,
}
ONLY_WHAT_FAILS = "record again, only what fails, with the panel's filter Fetch/XHR"
_PLAYWRIGHT = "Playwright"
"""No developer tools: it has a word of its own, `_failureText`, and for failures alone. Of these it
saves neither status nor headers, and preflights not at all."""
_NO_HAR = "choose 'Save all as HAR' in the browser's network panel"


class Entry(NamedTuple):
    """One request, and what is known of its response.

    `status` is 0 where none was saved. `error` is the browser's word for a failure, "" for none,
    and None where this browser has no such words.
    """

    method: str
    url: str
    asked: f.Fields
    cookies: bool
    status: int
    headers: f.Fields
    error: str | None = None
    kind: str = ""
    page: str = ""
    service_worker: bool = False
    decided: tuple[tuple[str, str], ...] = ()
    """Where corsproxy recorded it: id and text of each check that it refused."""

    def header(self, name: str) -> str:
        """What the request says under this name; "" for nothing."""
        return f.joined(self.asked, name) or ""

    @property
    def preflight(self) -> bool:
        """Whether this is a preflight."""
        asks = self.kind == "preflight" or bool(self.header(f.REQUEST_METHOD))
        return self.method == "OPTIONS" and asks

    @property
    def stopped(self) -> bool | None:
        """Whether the browser kept the response from the page; None where it does not say.

        What failed in any other way than by `FAILED` was not stopped by CORS.
        """
        return None if self.error is None else self.error == FAILED


class Record(NamedTuple):
    """A HAR: who saved it, by which row of browsers it is judged, and its entries."""

    creator: str
    browser: Browser
    entries: tuple[Entry, ...]


def record(data: bytes) -> Record:
    """Read a HAR; raises RecordError for what is none."""
    whole = read(data, _NAMES)
    if not isinstance(whole.value, dict) or whole.member("log").value is None:
        raise RecordError("this is JSON, but no HAR: it has no `log`", _NO_HAR)
    log = whole.member("log")
    creator, browser = (log.member(key).member("name").text() for key in ("creator", "browser"))
    rows = (_BROWSERS.get(name.lower()) for name in (browser, creator))
    row = next((row for row in rows if row is not None), FETCH)
    pages = {
        page.member("id").text(): page.member("title").text()  # a URL, in both browsers
        for page in log.member("pages").elements()
    }
    entries = list(islice(log.member("entries").needed().elements(), RECORD_MAX_ENTRIES + 1))
    if len(entries) > RECORD_MAX_ENTRIES:
        raise RecordError(f"it has more than {RECORD_MAX_ENTRIES} requests", ONLY_WHAT_FAILS)
    silent = "" if creator == _PLAYWRIGHT else None
    return Record(creator, row, tuple(_entry(one, pages, silent) for one in entries))


def _entry(node: Node, pages: dict[str, str], silent: str | None) -> Entry:
    request, response = node.member("request").needed(), node.member("response")
    asked = _headers(request)
    cookies = any(True for _ in request.member("cookies").elements())
    return Entry(
        method=request.member("method").needed().text(),
        url=request.member("url").needed().text().partition("#")[0],
        asked=asked,
        cookies=cookies or f.joined(asked, "Cookie") is not None,
        status=response.member("status").number(MAX_STATUS),
        headers=_headers(response),
        error=_error(response, silent),
        kind=node.member("_resourceType").text(),
        page=pages.get(node.member("pageref").text(), ""),
        service_worker=response.member("_fetchedViaServiceWorker").flag(),
        decided=_decided(node.member("_corsproxy")),
    )


def _error(response: Node, silent: str | None) -> str | None:
    """The browser's word for a failure; `silent` where nothing of the kind is there.

    Chromium's is null where nothing failed, and empty where it blocked the request unsent.
    """
    for name in ("_error", "_failureText"):
        if response.has(name):
            word = response.member(name)
            return "" if word.value is None else word.text() or FAILED
    return silent


def _headers(message: Node) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_as_bytes(one.member("name").text()), _as_bytes(one.member("value").text()))
        for one in message.member("headers").elements()
    )


def _as_bytes(text: str) -> str:
    """The text as the rule has it: a character for each byte."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("latin-1")


def _decided(ours: Node) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.member("reason").text(), one.member("text").text())
        for one in ours.member("reasons").elements()
    )
