"""HAR: exchanges as HTTP Archive 1.2, for DevTools and whoever else reads it.

The file is complete after each write; killed between two or out of disk, it ends with the last that
went through. Secrets are masked unless asked for; content is never recorded.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from corsproxy.cors import headers as f
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.masking import masked, masked_text
from corsproxy.limits import HAR_OUTPUT_MAX_BYTES
from corsproxy.watch.exchange_queue import BATCH_INTERVAL, ExchangeQueue
from corsproxy.watch.har_file import CLOSING, HarFile, opening
from corsproxy.watch.log.json_lines import timestamp
from corsproxy.watch.message_head import Head, parse_head, url_of
from corsproxy.watch.output_queue import OutputQueue
from corsproxy.watch.summary import refusals, verdict
from corsproxy.watch.watcher_errors import WatcherErrors

BATCH, MAX_BATCH_BYTES = 100, 500_000
"""Exchanges made into entries at a time, so that nobody waits for long."""
CLOSE_TIMEOUT = 1.0


class HarWatcher:
    """Writes a HAR file; call it with each exchange. `run` is its task, `close` its end.

    What fails costs entries only, and `tell` is called with a sentence on it.
    """

    def __init__(
        self,
        file: HarFile,
        *,
        secrets: bool = False,
        tell: Callable[[str], None] = lambda _: None,
        faults: WatcherErrors | None = None,
    ) -> None:
        self._faults = faults or WatcherErrors(tell)
        self._file = file
        self._secrets = secrets
        self._tell = tell
        self._intake = ExchangeQueue()
        self._outbox = OutputQueue(file.append, "corsproxy-har", max_bytes=HAR_OUTPUT_MAX_BYTES)
        self._begun = False
        self._last_sentence = ""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self._intake.put(exchange)

    async def run(self) -> None:
        """Write entries until cancelled."""
        while True:
            self.flush()
            await asyncio.sleep(BATCH_INTERVAL)
            await self._intake.wait()

    def flush(self) -> None:
        """Hand what there is to the thread that writes."""
        if not self._begun:
            self._begun = True
            self._outbox.put(b"", 0)
        exchanges, dropped = self._intake.take(BATCH, MAX_BATCH_BYTES)
        entries = [text for one in exchanges for text in self._entry(one)]
        if entries:
            self._outbox.put(b",\n".join(entries), len(entries))
        path = self._file.path
        if failure := self._outbox.failure:
            why = getattr(failure, "strerror", None) or type(failure).__name__
            self._tell_once(f"{path} cannot be written, entries are lost: {why}")
        elif dropped or self._outbox.dropped:
            self._tell_once(f"{path} lacks requests: they came faster than it is written")

    def close(self) -> None:
        """Write what is left, as long as the disk takes it."""
        self.flush()
        end = monotonic() + CLOSE_TIMEOUT
        while self._intake and self._outbox.drained(max(end - monotonic(), 0.0)):
            self.flush()
        if self._outbox.close():
            self._file.close()

    def _entry(self, exchange: Exchange) -> list[bytes]:
        """The entry; none for an exchange that it cannot be made of, which is noted."""
        with self._faults.caught("har"):
            return [_encoded(exchange, secrets=self._secrets)]
        return []

    def _tell_once(self, sentence: str) -> None:
        if sentence != self._last_sentence:
            self._last_sentence = sentence
            self._tell(sentence)


async def exported(exchanges: Iterable[Exchange], *, secrets: bool = False) -> AsyncIterator[bytes]:
    """The exchanges as one HAR, piece by piece, so that requests go on meanwhile."""
    waiting = [exchange for exchange in exchanges if not exchange.open]
    separator = opening()
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        yield separator + _entries(batch, secrets=secrets)
        separator = b",\n"
        await asyncio.sleep(0)
    yield CLOSING if separator == b",\n" else opening() + CLOSING


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
                {"check": check.check.value, "reason": check.reason_id, "text": shown(check.text)}
                for check in refusals(exchange)
            ],
        },
    }


def _request(exchange: Exchange, *, secrets: bool) -> dict[str, Any]:
    head = parse_head(exchange.request_head)
    url = url_of(exchange, head)
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
    head = parse_head(exchange.response_head)
    http, _, rest = head.start.partition(" ")
    location = f.joined(head.headers, "Location") or ""
    return {
        "status": exchange.status,
        "statusText": rest.partition(" ")[2],
        "httpVersion": http,
        "cookies": [],
        "headers": _headers(head, secrets=secrets),
        "content": {
            "size": exchange.response_size,
            "mimeType": f.joined(head.headers, "Content-Type") or "",
        },
        "redirectURL": location if secrets else masked_text(location),
        "headersSize": len(exchange.response_head),
        "bodySize": exchange.response_size,
    }


def _headers(head: Head, *, secrets: bool) -> list[dict[str, str]]:
    headers = head.headers if secrets else masked(head.headers)
    return [{"name": name, "value": value} for name, value in headers]


def _query(url: str) -> list[dict[str, str]]:
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # no URL that Python reads, such as an unclosed bracket in the host
        return []
    return [{"name": name, "value": value} for name, value in pairs]


def _entries(exchanges: Iterable[Exchange], *, secrets: bool) -> bytes:
    return b",\n".join(_encoded(exchange, secrets=secrets) for exchange in exchanges)


def _encoded(exchange: Exchange, *, secrets: bool) -> bytes:
    return json.dumps(entry(exchange, secrets=secrets)).encode("ascii")
