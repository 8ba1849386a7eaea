"""The log for people: one line for each request; a refusal adds the reason and the fix, once."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from corsproxy.config.colour import CYAN, DIM, GREEN, PLAIN, RED, YELLOW
from corsproxy.cors.escape import escaped, printable
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import Explained, exchange_differences
from corsproxy.cors.masking import masked_text
from corsproxy.cors.reasons import Told
from corsproxy.cors.span import Span
from corsproxy.cors.tally import Tally
from corsproxy.watch.log.flood import Flood
from corsproxy.watch.log.json_lines import LONGEST_TEXT
from corsproxy.watch.log.repetitions import Repetitions
from corsproxy.watch.summary import (
    WEBSOCKET_NOTE,
    PolicyVerdict,
    in_words,
    parted,
    plain,
    refusals,
    stopped,
    unfollowed,
    verdict,
    went_wrong,
)

_COLOURS = {PolicyVerdict.GRANTED: GREEN, PolicyVerdict.REFUSED: RED, PolicyVerdict.UNJUDGED: DIM}
_STATUS = {2: GREEN, 3: CYAN, 4: YELLOW, 5: RED}
_HINT = "         "


class Terminal:
    """Makes the lines. `colour` is for terminals; all else is ASCII text without control bytes.

    `patient` is for a reader who wants everything told, each time and in a flood, too.
    """

    def __init__(self, *, colour: bool = False, patient: bool = False) -> None:
        self._colour = colour
        self._patient = patient
        self._flood = Flood()
        self._told = Repetitions()

    @property
    def waiting(self) -> bool:
        """Whether `later` will have something to tell."""
        return self._flood.counting

    def lines(self, exchange: Exchange) -> Iterator[str]:
        """The lines for one exchange: none in a flood, unless there is a refusal to explain."""
        judged = verdict(exchange)
        finished = exchange.started + exchange.seconds
        yield from self.later(finished)
        listed = self._patient or self._flood.listed(finished, judged)
        if judged is PolicyVerdict.REFUSED:
            yield from self._refusal(exchange, listed)
        elif went_wrong(exchange):
            yield from self._failure(exchange, listed)
        elif listed:
            yield from self._passed(exchange)
        yield from self._differences(exchange, listed)

    def count_plain(self, exchanges: Iterable[Exchange], now: float) -> list[Exchange]:
        """Count those of a flood that need no words; what is left has something to tell."""
        if self._patient:
            return list(exchanges)
        telling, counts = [], Counter[str]()
        for exchange in exchanges:
            if plain(exchange):
                counts[verdict(exchange)] += 1
            else:
                telling.append(exchange)
        self._flood.count(now, counts)
        return telling

    def count(self, tally: Tally, now: float) -> None:
        """Count what of a flood is not even looked at."""
        self._flood.count(now, {verdict(tally): tally.count})

    def later(self, now: float) -> Iterator[str]:
        """The count of a flood's last second, once it is over."""
        if counts := self._flood.summary(now):
            parts = [f"{count} {word}" for word, count in sorted(counts.items())]
            clock = time.strftime("%H:%M:%S", time.localtime(now - 1))
            yield f"{self._in(DIM, clock)} {sum(counts.values())} more requests: {', '.join(parts)}"

    def dropped(self, count: int) -> str:
        """The line for what was too much to be written."""
        return f"{_HINT}{count} lines were dropped: they came faster than they were read"

    def _refusal(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        found = refusals(exchange)
        origin = exchange.decision.request.origin
        counts = [self._told.count((origin, told.reason_id, told.text)) for told in found]
        if listed or 1 in counts:
            again = f", {min(counts)} times" if min(counts) > 1 else ""
            words = f"{in_words(exchange)} ({found[0].reason_id}{again})"
            yield self._line(exchange, f"{words}  {exchange.id}")
        for told, count in zip(found, counts, strict=True):
            if count == 1 or self._patient:
                yield from self._explanation(told, told.span)

    def _passed(self, exchange: Exchange) -> Iterator[str]:
        """What the policy did not refuse; the browser may still stop it."""
        told = stopped(exchange)
        if told is None:
            left = f", {exchange.failure}" if exchange.client_left else ""
            yield self._line(exchange, f"{in_words(exchange)}{left}")
            yield from self._websocket(exchange)
            yield from self._parted(exchange)
            return
        yield self._line(exchange, f"{in_words(exchange)}, blocked by the browser ({told.id})")
        key = (exchange.decision.request.origin, told.id, told.text)
        if self._told.count(key) == 1 or self._patient:
            yield from self._explanation(told)

    def _failure(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        first = self._told.count((exchange.failure, exchange.detail)) == 1
        if listed or first:
            where = "upstream: " if exchange.upstream_failed else ""
            yield self._line(exchange, f"{in_words(exchange)}, {where}{exchange.failure}")
        if first:
            yield f"{_HINT}{self._in(YELLOW, 'why:')} {masked_text(exchange.detail, LONGEST_TEXT)}"

    def _websocket(self, exchange: Exchange) -> Iterator[str]:
        request = exchange.decision.request
        if request.websocket and self._told.count((request.origin, request.websocket)) == 1:
            yield f"{_HINT}note: {WEBSOCKET_NOTE}"

    def _parted(self, exchange: Exchange) -> Iterator[str]:
        """Where browsers come to another end than the standard, or than each other."""
        if told := parted(exchange):
            key = (exchange.decision.request.origin, told.id, told.text)
            if self._told.count(key) == 1 or self._patient:
                yield from self._explanation(told)

    def _differences(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        """Where the upstream says something else than the policy; each once for an origin."""
        origin = exchange.decision.request.origin
        for told in exchange_differences(exchange):
            if self._told.count((origin, told.id, told.text)) == 1 or (self._patient and listed):
                yield from self._explanation(told)

    def unfollowed(self, preflight: Exchange) -> Iterator[str]:
        """The lines for a granted preflight whose actual request never came."""
        told = unfollowed(preflight)
        if self._told.count((preflight.decision.request, told.id)) == 1:
            yield self._line(preflight, f"{in_words(preflight)}, then nothing")
            yield from self._explanation(told)

    def _explanation(self, told: Explained | Told, span: Span | None = None) -> Iterator[str]:
        where = f" [{escaped(str(span))}]" if span else ""
        words = told.sentence if isinstance(told, Told) else told.text
        yield f"{_HINT}{self._in(RED, 'why:')} {words}{where}"
        if told.fix:
            yield f"{_HINT}{self._in(GREEN, 'fix:')} {told.fix}"

    def _line(self, exchange: Exchange, words: str) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(exchange.started))
        status = self._in(_STATUS.get(exchange.status // 100, RED), f"{exchange.status:3}")
        target = printable(exchange.target)
        origin = printable(exchange.decision.request.origin or "-")
        return (
            f"{self._in(DIM, clock)} {escaped(exchange.method):7} {target:32} {status} "
            f"{exchange.seconds * 1000:6.0f} ms  {origin:24} "
            f"{self._in(_COLOURS[verdict(exchange)], words)}"
        )

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._colour else text
