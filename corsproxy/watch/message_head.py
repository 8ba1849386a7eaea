"""Heads of messages, taken apart only when somebody looks at them."""

from collections import Counter
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.headers import fields_of


class Head(NamedTuple):
    """The first line and the header lines of a message, as latin-1 text."""

    start: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Mark(StrEnum):
    """What became of a header line on its way through the proxy."""

    KEPT = "kept"
    ADDED = "added"
    STRIPPED = "stripped"


class MarkedField(NamedTuple):
    """A header line, and what became of it."""

    mark: Mark
    name: str
    value: str


def parse_head(head: bytes) -> Head:
    """The head as text. A parser has refused what is malformed before; nothing here can fail."""
    start = head.partition(b"\n")[0].decode("latin-1").rstrip("\r")
    return Head(start, tuple(fields_of(head)))


def url_of(exchange: Exchange, head: Head) -> str:
    """The URL that the request with this head asked for; with its secrets."""
    host = f.joined(head.headers, "Host") or ""
    origin = exchange.decision.request.own_origin or f"http://{host}"
    return f"{origin}{exchange.target}" if exchange.target.startswith("/") else exchange.target


def compared(received: f.Fields, sent: f.Fields) -> list[MarkedField]:
    """The lines that were sent, kept or added, each stripped one at the place where it was."""
    remaining = Counter((name.lower(), value) for name, value in sent)
    known = Counter((name.lower(), value) for name, value in received)
    stripped: list[tuple[int, MarkedField]] = []
    for place, (name, value) in enumerate(received):
        if remaining[name.lower(), value] > 0:
            remaining[name.lower(), value] -= 1
        else:
            stripped.append((place, MarkedField(Mark.STRIPPED, name, value)))
    kept = []
    for name, value in sent:
        mark = Mark.KEPT if known[name.lower(), value] > 0 else Mark.ADDED
        known[name.lower(), value] -= 1
        kept.append(MarkedField(mark, name, value))
    rest = iter(kept)
    marked: list[MarkedField] = []
    for place, line in stripped:
        marked.extend(islice(rest, max(place - len(marked), 0)))
        marked.append(line)
    return [*marked, *rest]
