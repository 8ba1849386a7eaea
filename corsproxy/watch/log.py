"""Log: what is written for each exchange, on a terminal or for a program.

An exchange waits in the intake; twenty times a second lines are made of what is there and handed
to a thread that writes them. A terminal that is slow, stopped or gone costs lines, never requests.
"""

import asyncio
import os
import select
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

from corsproxy.config.settings import LogFormat, LogLevel
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import exchange_differences
from corsproxy.cors.tally import Tally
from corsproxy.watch.correlation import Correlation
from corsproxy.watch.flood import FLOOD
from corsproxy.watch.intake import MOST_WAITING, PAUSE, Intake
from corsproxy.watch.json_lines import JsonLines
from corsproxy.watch.outbox import Outbox
from corsproxy.watch.telling import Verdict, verdict, went_wrong
from corsproxy.watch.terminal import Terminal

BATCH = 500
"""Lines of JSON made at a time: while they are made, nothing else happens."""
SECOND = 1.0
LEVELS = list(LogLevel)
DEBUG, INFO, WARNING = map(LEVELS.index, (LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING))


class LogWatcher:
    """Call it with each exchange; `run` is its task, `close` its end.

    `busy` says whether requests are under way: as long as they are, a preflight's request may
    be among them.
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
    ) -> None:
        self._level = LEVELS.index(level)
        self._busy = busy
        self._clock = clock
        self._intake = Intake()
        self._outbox = Outbox(_writer(stream), "corsproxy-log")
        self._correlation = Correlation()
        self._json = JsonLines() if log_format is LogFormat.JSON else None
        patient = level is LogLevel.DEBUG
        self._terminal = Terminal(colour=coloured(stream, environ), patient=patient)
        self._lost = self._told_lost = 0

    def __call__(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self._intake.put(exchange)

    @property
    def complete(self) -> bool:
        """Whether every exchange gets its line, however many there are."""
        return self._level == DEBUG or (self._json is not None and self._level <= INFO)

    def count(self, tally: Tally) -> None:
        """Take note of exchanges of a flood that get no line."""
        self._correlation.forget()
        if self._level <= INFO:
            self._terminal.count(tally, self._clock())
            self._intake.nudge()

    def tell(self, sentence: str) -> None:
        """Have a sentence written that belongs to no exchange."""
        line = self._json.note(sentence, self._clock()) if self._json else sentence
        self._outbox.put(line.replace("\n", "\\n").encode("ascii", "backslashreplace") + b"\n")

    async def run(self) -> None:
        """Write lines until cancelled."""
        while True:
            await self._intake.wait(self._patience())
            self.flush()
            await asyncio.sleep(PAUSE)

    def flush(self) -> None:
        """Hand what there is to tell to the thread that writes."""
        exchanges, dropped = self._intake.take(MOST_WAITING if self._json is None else BATCH)
        self._lost += dropped
        now = self._clock()
        for exchange in exchanges:
            self._correlation.note(exchange, now)
        if self._json is None and len(exchanges) > FLOOD and self._level <= INFO:
            exchanges = self._terminal.pour(exchanges, now)
        lines = [line for exchange in exchanges for line in self._lines(exchange)]
        lines += self._later(now)
        if lines:
            self._outbox.put("".join(f"{line}\n" for line in lines).encode("ascii", "replace"))

    def close(self) -> None:
        """Write what is left, as long as somebody reads it."""
        self.flush()
        while self._intake:
            self.flush()
        self._outbox.close()

    def _lines(self, exchange: Exchange) -> Iterator[str]:
        if LEVELS.index(severity(exchange)) < self._level:
            return
        if self._json:
            yield self._json.line(exchange)
        else:
            yield from self._terminal.lines(exchange)

    def _later(self, now: float) -> Iterator[str]:
        """What time itself brings: counts, preflights that nothing followed, what was lost."""
        yield from self._terminal.later(now)
        if self._correlation.waiting and not self._busy() and self._level <= WARNING:
            for preflight in self._correlation.overdue(now):
                yield from self._unfollowed(preflight)
        lost = self._lost + self._outbox.dropped
        if lost > self._told_lost:
            count, self._told_lost = lost - self._told_lost, lost
            yield self._json.dropped(count, now) if self._json else self._terminal.dropped(count)

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
    wrong = went_wrong(exchange) or verdict(exchange) is Verdict.REFUSED
    return LogLevel.WARNING if wrong or exchange_differences(exchange) else LogLevel.INFO


def coloured(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Colour is for terminals, and for people who did not ask for none (no-color.org)."""
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def _writer(stream: TextIO) -> Callable[[bytes], None]:
    """Past the stream's own buffer: its lock, held by a stuck thread, would hang the exit."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # no file behind it
        return lambda piece: _write_text(stream, piece)
    return lambda piece: _write_all(descriptor, piece)


def _write_text(stream: TextIO, piece: bytes) -> None:
    stream.write(piece.decode("ascii"))


def _write_all(descriptor: int, piece: bytes) -> None:
    while piece:
        try:
            piece = piece[os.write(descriptor, piece) :]
        except BlockingIOError:  # somebody shares the terminal and made it so
            select.select([], [descriptor], [])
