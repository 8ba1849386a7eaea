"""Calls: which entries of a record CORS decides, and which preflight belongs to which request."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.url import HTTP, origin_of, parts_of
from corsproxy.cors.origin import OPAQUE
from corsproxy.recorded.har import Entry


class Beside(StrEnum):
    """What is counted and not judged, because CORS does not decide it."""

    SAME_ORIGIN = "to the page's own origin"
    NAVIGATION = "navigations"
    OTHER = "without CORS"
    """Images, scripts and styles without crossorigin, mode no-cors, WebSockets, data: URLs."""


class Call(NamedTuple):
    """A page's call of another origin: the actual request, its preflight, or both.

    `origin` is the page's, as the request says it, or else as its Referer or its page does.
    """

    origin: str
    actual: Entry | None
    preflight: Entry | None

    @property
    def shown(self) -> Entry:
        """The entry that tells what was called."""
        found = self.actual or self.preflight
        assert found is not None
        return found

    @property
    def method(self) -> str:
        """The page's method, of a preflight by itself too."""
        if self.actual is not None:
            return self.actual.method
        return self.shown.header(f.REQUEST_METHOD) or self.shown.method


class Calls(NamedTuple):
    """Those to judge, in the order of the record, and how many of what else there were."""

    judged: tuple[Call, ...]
    beside: Mapping[Beside, int]


def calls(entries: Sequence[Entry]) -> Calls:
    """Sort the entries of a record."""
    beside: Counter[Beside] = Counter()
    preflights: dict[int, Entry] = {}
    actuals: dict[int, Entry] = {}
    for number, entry in enumerate(entries):
        if (kind := _beside(entry)) is not None:
            beside[kind] += 1
        else:
            (preflights if entry.preflight else actuals)[number] = entry
    partners = dict(_pairs(preflights, actuals))
    taken = {actual: preflight for preflight, actual in partners.items()}
    found = []
    for number in sorted({*preflights.keys() - partners.keys(), *actuals}):
        preflight = preflights.get(taken.get(number, number))
        actual = actuals.get(number)
        found.append(Call(_origin(actual, preflight), actual, preflight))
    return Calls(tuple(found), beside)


def _beside(entry: Entry) -> Beside | None:
    """None for a request that CORS decides."""
    mode, page, kind = entry.header("Sec-Fetch-Mode").lower(), _page(entry), entry.kind
    if parts_of(entry.url).scheme not in HTTP or entry.service_worker:
        return Beside.OTHER
    if mode == "navigate" or kind == "document" or entry.header("Upgrade-Insecure-Requests"):
        return Beside.NAVIGATION
    if page == origin_of(entry.url) or entry.header("Sec-Fetch-Site") == "same-origin":
        return Beside.SAME_ORIGIN
    if kind == "websocket" or entry.header("Upgrade") or mode not in ("", "cors") or not page:
        return Beside.OTHER
    unsent = entry.status == 0 and kind in _BY_SCRIPTS
    return None if entry.header(f.ORIGIN) or mode == "cors" or unsent else Beside.OTHER


_BY_SCRIPTS = frozenset({"", "fetch", "xhr", "preflight"})
"""Kinds of requests that are in mode "cors" unless they say otherwise. Chromium gives one that it
did not send neither an Origin nor a mode."""


def _page(entry: Entry) -> str:
    """The origin of the page that asked; "" where nothing tells it."""
    if said := entry.header(f.ORIGIN):
        return said
    for url in (entry.header("Referer"), entry.page):
        if parts_of(url).scheme in HTTP:
            return origin_of(url)
    return OPAQUE if parts_of(entry.page).scheme == "file" else ""


def _origin(actual: Entry | None, preflight: Entry | None) -> str:
    """What was said on the wire before what is known otherwise."""
    entries = [entry for entry in (actual, preflight) if entry is not None]
    said = [entry.header(f.ORIGIN) for entry in entries]
    return next(filter(None, (*said, *map(_page, entries))), "")


def _pairs(
    preflights: Mapping[int, Entry], actuals: Mapping[int, Entry]
) -> Iterator[tuple[int, int]]:
    """Each preflight with the nearest request that it was made for, before or after it."""
    waiting: dict[tuple[str, str], list[int]] = {}
    for number, entry in actuals.items():
        waiting.setdefault((entry.url, entry.method), []).append(number)
    asking: dict[tuple[str, str], list[int]] = {}
    for number, entry in preflights.items():
        asking.setdefault((entry.url, entry.header(f.REQUEST_METHOD)), []).append(number)
    for key, asked in asking.items():
        yield from _nearest(asked, waiting.get(key, []))


def _nearest(asked: Iterable[int], made: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of two rising rows of numbers, so that none is taken twice."""
    place = 0
    for number in asked:
        while place + 1 < len(made) and abs(made[place + 1] - number) < abs(made[place] - number):
            place += 1
        if place == len(made):
            return
        yield number, made[place]
        place += 1
