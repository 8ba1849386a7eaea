"""Log: what is written for each exchange, on a terminal or for a program.

An exchange waits in the intake; twenty times a second lines are made of what is there and handed
to a thread that writes them. A terminal that is slow, stopped or gone costs lines, never requests.
"""

import asyncio
import os
import select
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

from corsproxy.config.colour import style_of
from corsproxy.config.settings import LogFormat, LogLevel
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import exchange_differences
from corsproxy.cors.style import Style
from corsproxy.cors.tally import Tally
from corsproxy.limits import LOG_MAX_LINES_PER_SECOND
from corsproxy.watch.exchange_queue import BATCH_INTERVAL, ExchangeQueue
from corsproxy.watch.log.json_lines import JsonLines
from corsproxy.watch.log.terminal import Terminal
from corsproxy.watch.output_queue import OutputQueue
from corsproxy.watch.preflight_correlation import PreflightCorrelation
from corsproxy.watch.summary import PolicyVerdict, verdict, went_wrong
from corsproxy.watch.watcher_errors import WatcherErrors

BATCH, MAX_BATCH_BYTES = 500, 1 << 19
"""Exchanges put into words at a time, and what these may come to: meanwhile nothing else happens.
Twice the bytes fit into the outbox, so that a reader who keeps up loses none."""
PORTION = 50
SECOND = 1.0
LEVELS = list(LogLevel)
DEBUG, INFO, WARNING = map(LEVELS.index, (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING))


class LogWatcher:
    """Call it with each exchange; `run` is its task, `close` its end.

    `busy` says whether requests are under way: as long as they are, a preflight's request may
    be among them. What belongs to no exchange is written to `beside`, too, where it is given.
    """

    def __init__(
        self,
        stream: TextIO,
        log_format: LogFormat = LogFormat.PRETTY,
        level: LogLevel = LogLevel.INFO,
        *,
        environ: Mapping[str, str] = os.environ,
        busy: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
        beside: TextIO | None = None,
    ) -> None:
        self._stream, self._environ = stream, environ
        self._plain = None if stream.isatty() else style_of(stream, environ)
        self._busy = busy
        self._clock = clock
        self._intake = ExchangeQueue()
        self._encoding = stream.encoding or "ascii"
        writer = _writer(stream, self._encoding)
        self._outbox = OutputQueue(writer, "corsproxy-log", gap=self._gap)
        self._beside = _beside(beside)
        self.faults = WatcherErrors(self.tell)
        """Where exceptions of all that watches are noted, since it is told here."""
        self._correlation = PreflightCorrelation()
        self._json: JsonLines | None = None
        self._terminal = Terminal(lambda: self.style)
        self.use(log_format, level)

    def __call__(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self._intake.put(exchange)

    def use(self, log_format: LogFormat, level: LogLevel) -> None:
        """Write so from now on; what came before is written as it was to be."""
        if len(self._intake) or self._terminal.waiting:
            self.flush()
            self._put(self._terminal.later(self._clock() + SECOND))
        self._level = LEVELS.index(level)
        self._json = JsonLines() if log_format is LogFormat.JSON else None
        self._terminal.patient = level is LogLevel.DEBUG

    @property
    def complete(self) -> bool:
        """Whether every exchange gets its line, however many there are."""
        return self._level == DEBUG or (self._json is not None and self._level <= INFO)

    @property
    def style(self) -> Style:
        """How lines are made now: a terminal may become wider or narrower."""
        return self._plain or style_of(self._stream, self._environ)

    def count(self, tally: Tally) -> None:
        """Take note of exchanges of a flood that get no line."""
        self._correlation.forget()
        if self._level <= INFO:
            self._terminal.count(tally, self._clock())
            self._intake.nudge()

    def tell(self, sentence: str) -> None:
        """Have a sentence written that belongs to no exchange."""
        line = self._json.note(sentence, self._clock()) if self._json else sentence
        self._say(line.replace("\n", "\\n").encode("ascii", "backslashreplace") + b"\n")

    def announce(self, event: str, lines: Iterable[str], data: Mapping[str, Any]) -> None:
        """Have an event of the program itself written: `lines` as they are, or one object."""
        if self._json:
            self._say(f"{self._json.event(event, data, self._clock())}\n".encode("ascii"))
            return
        for line in lines:
            self._say(f"{line}\n".encode(self._encoding, "backslashreplace"))

    def _say(self, piece: bytes) -> None:
        self._outbox.put(piece)
        if self._beside is not None:
            self._beside.put(piece)

    async def run(self) -> None:
        """Write lines until cancelled."""
        while True:
            await self._intake.wait(self._patience())
            self.flush()
            await asyncio.sleep(BATCH_INTERVAL)

    def flush(self) -> None:
        """Hand what there is to tell to the thread that writes."""
        now = self._clock()
        flood = (
            self._json is None
            and len(self._intake) > LOG_MAX_LINES_PER_SECOND
            and self._level <= INFO
        )
        count = size = 0
        while self._intake and count < BATCH and size < MAX_BATCH_BYTES:
            exchanges, dropped = self._intake.take(PORTION)
            if dropped:
                self._outbox.lose(dropped)
            with self.faults.caught("log"):
                exchanges = self._noted(exchanges, now, flood=flood)
                count += len(exchanges)
                size += self._put(line for one in exchanges for line in self._safe_lines(one))
        with self.faults.caught("log"):
            self._put(self._later(now))

    def close(self) -> None:
        """Write what is left, as long as somebody reads it."""
        self.flush()
        end = time.monotonic() + SECOND
        while self._intake and self._outbox.drained(max(end - time.monotonic(), 0.0)):
            self.flush()
        self._outbox.close()
        if self._beside is not None:
            self._beside.close()

    def _noted(self, exchanges: list[Exchange], now: float, *, flood: bool) -> list[Exchange]:
        """What is to be told of these; what is only counted, and awaited, is noted."""
        for exchange in exchanges:
            self._correlation.note(exchange, now)
        return self._terminal.count_plain(exchanges, now) if flood else exchanges

    def _put(self, lines: Iterable[str]) -> int:
        """Hand lines to the thread that writes; how many bytes they are."""
        written = list(lines)
        if not written:
            return 0
        piece = "".join(f"{line}\n" for line in written).encode("ascii", "replace")
        self._outbox.put(piece, len(written))
        return len(piece)

    def _safe_lines(self, exchange: Exchange) -> list[str]:
        """The lines for one exchange; none for one that they cannot be made of, which is noted."""
        with self.faults.caught("log"):
            return list(self._lines(exchange))
        return []

    def _lines(self, exchange: Exchange) -> Iterator[str]:
        if LEVELS.index(severity(exchange)) < self._level:
            return
        if self._json:
            yield self._json.line(exchange)
        else:
            yield from self._terminal.lines(exchange)

    def _later(self, now: float) -> Iterator[str]:
        """What time itself brings: counts, and preflights that nothing followed."""
        yield from self._terminal.later(now)
        if self._correlation.waiting and not self._busy() and self._level <= WARNING:
            for preflight in self._correlation.overdue(now):
                yield from self._unfollowed(preflight)

    def _gap(self, count: int) -> bytes:
        """What stands where lines were lost; made in the thread that writes."""
        if self._json:
            line = self._json.dropped(count, self._clock())
        else:
            line = self._terminal.dropped(count)
        return f"{line}\n".encode("ascii")

    def _unfollowed(self, preflight: Exchange) -> Iterator[str]:
        if self._json:
            return iter([self._json.unfollowed(preflight)])
        return self._terminal.unfollowed(preflight)

    def _patience(self) -> float | None:
        """How long nothing has to be done, unless an exchange comes."""
        return SECOND if self._terminal.waiting or self._correlation.waiting else None


def severity(exchange: Exchange) -> LogLevel:
    """The level at which an exchange is worth a line."""
    if exchange.upstream_failed:
        return LogLevel.ERROR
    wrong = went_wrong(exchange) or verdict(exchange) is PolicyVerdict.REFUSED
    return LogLevel.WARNING if wrong or exchange_differences(exchange) else LogLevel.INFO


def _writer(stream: TextIO, encoding: str) -> Callable[[bytes], None]:
    """Past the stream's own buffer: its lock, held by a stuck thread, would hang the exit."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # no file behind it
        return lambda piece: _write_text(stream, piece.decode(encoding))
    return lambda piece: _write_all(descriptor, piece)


def _beside(stream: TextIO | None) -> OutputQueue | None:
    if stream is None:
        return None
    return OutputQueue(_writer(stream, stream.encoding or "ascii"), "corsproxy-beside")


def _write_text(stream: TextIO, text: str) -> None:
    stream.write(text)


def _write_all(descriptor: int, piece: bytes) -> None:
    while piece:
        try:
            piece = piece[os.write(descriptor, piece) :]
        except BlockingIOError:  # somebody shares the terminal and made it so
            select.select([], [descriptor], [])
