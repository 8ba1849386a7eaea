"""HAR: exchanges as HTTP Archive 1.2, for DevTools and whoever else reads it.

The file is complete after each write: entries and the closing brackets go out together, over the
closing brackets of the last time. Killed or out of disk, it ends with the last write that went
through. Secrets are masked unless asked for; content is never recorded.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from corsproxy import __version__
from corsproxy.cors import fields as f
from corsproxy.cors.exchange import Exchange
from corsproxy.watch.intake import PAUSE, Intake
from corsproxy.watch.json_lines import timestamp
from corsproxy.watch.masking import masked, masked_text
from corsproxy.watch.message import Head, parse
from corsproxy.watch.outbox import Outbox
from corsproxy.watch.telling import refusals, verdict

BATCH = 100
"""Entries made at a time, so that nobody waits for long."""
CLOSING = b"\n]}}\n"


class HarWatcher:
    """Writes `path`; call it with each exchange. `run` is its task, `close` its end.

    Raises OSError at once where the file cannot be opened. What fails later costs entries only,
    and `tell` is called with a sentence on it.
    """

    def __init__(
        self, path: Path, *, secrets: bool = False, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._path = path
        self._secrets = secrets
        self._tell = tell
        self._intake = Intake()
        self._file = HarFile(path)
        self._outbox = Outbox(self._file.append, "corsproxy-har")
        self._outbox.put(b"")
        self._told = ""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self._intake.put(exchange)

    async def run(self) -> None:
        """Write entries until cancelled."""
        while True:
            await self._intake.wait()
            self.flush()
            await asyncio.sleep(PAUSE)

    def flush(self) -> None:
        """Hand what there is to the thread that writes."""
        exchanges, dropped = self._intake.take(BATCH)
        if exchanges:
            self._outbox.put(_entries(exchanges, secrets=self._secrets))
        if failure := self._outbox.failure:
            self._tell_once(f"{self._path} cannot be written, entries are lost: {failure.strerror}")
        elif dropped:
            self._tell_once(f"{self._path} lacks requests: they came faster than it is written")

    def close(self) -> None:
        """Write what is left, as long as the disk takes it."""
        self.flush()
        while self._intake:
            self.flush()
        self._outbox.close()

    def _tell_once(self, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            self._tell(sentence)


class HarFile:
    """A file that is valid JSON between any two writes."""

    def __init__(self, path: Path) -> None:
        # Its owner's alone: even without secrets it tells what was asked of whom.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._end = 0
        self._before = _opening()

    def append(self, entries: bytes) -> None:
        """Write entries and the closing brackets, over those of the last time."""
        piece = self._before + entries
        try:
            _write_all(self._file, piece + CLOSING, self._end)
        except OSError:
            self._restore()
            raise
        self._end += len(piece)
        self._before = b",\n" if entries else b""

    def _restore(self) -> None:
        """Close the brackets where the last write that went through had closed them."""
        with suppress(OSError):
            if self._end:
                _write_all(self._file, CLOSING, self._end)
            os.ftruncate(self._file, self._end + (len(CLOSING) if self._end else 0))


async def exported(exchanges: Iterable[Exchange], *, secrets: bool = False) -> AsyncIterator[bytes]:
    """The exchanges as one HAR, piece by piece, so that requests go on meanwhile."""
    waiting = list(exchanges)
    separator = _opening()
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        yield separator + _entries(batch, secrets=secrets)
        separator = b",\n"
        await asyncio.sleep(0)
    yield CLOSING if separator == b",\n" else _opening() + CLOSING


def entry(exchange: Exchange, *, secrets: bool = False) -> dict[str, Any]:
    """One exchange as HAR has it. What HAR has no name for is below `_corsproxy`."""
    shown = (lambda text: text) if secrets else masked_text
    wait = exchange.wait * 1000
    return {
        "startedDateTime": timestamp(exchange.started),
        "time": exchange.seconds * 1000,
        "request": _request(exchange, secrets=secrets),
        "response": _response(exchange, secrets=secrets),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": exchange.seconds * 1000 - wait},
        "comment": shown(exchange.detail),
        "_corsproxy": {
            "id": exchange.id,
            "kind": exchange.decision.kind.value,
            "route": exchange.route,
            "verdict": verdict(exchange).value,
            "reasons": [
                {"check": told.check.value, "reason": told.reason_id, "text": shown(told.text)}
                for told in refusals(exchange)
            ],
        },
    }


def _request(exchange: Exchange, *, secrets: bool) -> dict[str, Any]:
    head = parse(exchange.request_head)
    base = exchange.decision.request.own_origin or f"http://{f.joined(head.fields, 'Host') or ''}"
    absolute = "://" in exchange.target.partition("?")[0]
    url = exchange.target if absolute else f"{base}{exchange.target}"
    url = url if secrets else masked_text(url)
    return {
        "method": exchange.method,
        "url": url,
        "httpVersion": head.start.rpartition(" ")[2],
        "cookies": [],
        "headers": _headers(head, secrets=secrets),
        "queryString": _query(url),
        "headersSize": len(exchange.request_head),
        "bodySize": exchange.request_size,
    }


def _response(exchange: Exchange, *, secrets: bool) -> dict[str, Any]:
    head = parse(exchange.response_head)
    http, _, rest = head.start.partition(" ")
    location = f.joined(head.fields, "Location") or ""
    return {
        "status": exchange.status,
        "statusText": rest.partition(" ")[2],
        "httpVersion": http,
        "cookies": [],
        "headers": _headers(head, secrets=secrets),
        "content": {
            "size": exchange.response_size,
            "mimeType": f.joined(head.fields, "Content-Type") or "",
        },
        "redirectURL": location if secrets else masked_text(location),
        "headersSize": len(exchange.response_head),
        "bodySize": exchange.response_size,
    }


def _headers(head: Head, *, secrets: bool) -> list[dict[str, str]]:
    fields = head.fields if secrets else masked(head.fields)
    return [{"name": name, "value": value} for name, value in fields]


def _query(url: str) -> list[dict[str, str]]:
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # no URL that Python reads, such as an unclosed bracket in the host
        return []
    return [{"name": name, "value": value} for name, value in pairs]


def _entries(exchanges: Iterable[Exchange], *, secrets: bool) -> bytes:
    texts = (json.dumps(entry(exchange, secrets=secrets)) for exchange in exchanges)
    return ",\n".join(texts).encode("ascii")


def _opening() -> bytes:
    creator = {"name": "corsproxy", "version": __version__}
    return f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"entries":[\n'.encode()


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
