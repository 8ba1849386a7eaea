"""The log for people: one line for each request; a refusal adds the reason and the fix, once."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from corsproxy.cors.escape import MAX_SHOWN_LENGTH, escaped, printable
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import ExplainedCheck, exchange_differences
from corsproxy.cors.masking import masked_text
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.span import Span
from corsproxy.cors.style import CYAN, DIM, GREEN, RED, YELLOW, Style, shortened
from corsproxy.cors.tally import Tally
from corsproxy.watch.log import row
from corsproxy.watch.log.flood import Flood
from corsproxy.watch.log.json_lines import MAX_TEXT_LENGTH
from corsproxy.watch.log.repetitions import Repetitions
from corsproxy.watch.summary import (
    WEBSOCKET_NOTE,
    PolicyVerdict,
    in_words,
    nothing_to_explain,
    parted,
    refusals,
    stopped,
    told_once,
    unfollowed,
    verdict,
    went_wrong,
)

_COLOURS = {PolicyVerdict.GRANTED: GREEN, PolicyVerdict.REFUSED: RED, PolicyVerdict.UNJUDGED: DIM}
_STATUS = {2: GREEN, 3: CYAN, 4: YELLOW, 5: RED}


def _file() -> Style:
    return Style()


class Terminal:
    """Makes the lines: ASCII text without control bytes, but for the colours of `style`.

    `style` is asked for each exchange, since a terminal may become wider or narrower. `patient` is
    for a reader who wants everything told, each time and in a flood, too.
    """

    def __init__(self, style: Callable[[], Style] = _file, *, patient: bool = False) -> None:
        self._style = style
        self.patient = patient
        self._flood = Flood()
        self._repetitions = Repetitions()

    @property
    def waiting(self) -> bool:
        """Whether `later` will have something to tell."""
        return self._flood.counting

    def lines(self, exchange: Exchange) -> Iterator[str]:
        """The lines for one exchange: none in a flood, unless there is a refusal to explain."""
        judged = verdict(exchange)
        finished = exchange.started + exchange.seconds
        yield from self.later(finished)
        if exchange.open:
            yield from self._row(exchange, f"{in_words(exchange)}, open")
            return
        listed = self.patient or self._flood.listed(finished, judged)
        if judged is PolicyVerdict.REFUSED:
            yield from self._refusal(exchange, listed)
        elif went_wrong(exchange):
            yield from self._failure(exchange, listed)
        elif listed:
            yield from self._passed(exchange)
        yield from self._differences(exchange, listed)

    def count_plain(self, exchanges: Iterable[Exchange], now: float) -> list[Exchange]:
        """Count those of a flood that need no words; what is left has something to tell."""
        if self.patient:
            return list(exchanges)
        telling, counts = [], Counter[str]()
        for exchange in exchanges:
            if nothing_to_explain(exchange) and not exchange.open:
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
            total = f"{sum(counts.values())} more requests"
            yield f"{self._style().paint(DIM, clock)} {total}: {', '.join(parts)}"

    def dropped(self, count: int) -> str:
        """The line for what was too much to be written."""
        return f"{row.INDENT}{count} lines were dropped: they came faster than they were read"

    def _refusal(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        found = refusals(exchange)
        origin = exchange.decision.request.origin
        counts = [self._repetitions.count((origin, check.reason_id, check.text)) for check in found]
        if listed or 1 in counts:
            again = f", {min(counts)} times" if min(counts) > 1 else ""
            words = f"{in_words(exchange)} ({found[0].reason_id}{again})"
            yield from self._row(exchange, f"{words}  id {exchange.id}")
        for check, count in zip(found, counts, strict=True):
            if count == 1 or self.patient:
                yield from self._explanation(check, check.span)

    def _passed(self, exchange: Exchange) -> Iterator[str]:
        """What the policy did not refuse; the browser may still stop it."""
        reason = stopped(exchange)
        if reason is None:
            aborted = f", {exchange.failure}" if exchange.client_left else ""
            yield from self._row(exchange, f"{in_words(exchange)}{aborted}")
            yield from self._websocket(exchange)
            yield from self._parted(exchange)
            yield from self._noticed(exchange)
            return
        yield from self._row(
            exchange, f"{in_words(exchange)}, blocked by the browser ({reason.id})"
        )
        key = (exchange.decision.request.origin, reason.id, reason.text)
        if self._repetitions.count(key) == 1 or self.patient:
            yield from self._explanation(reason)

    def _failure(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        first = self._repetitions.count((exchange.failure, exchange.detail)) == 1
        if listed or first:
            where = "upstream: " if exchange.upstream_failed else ""
            yield from self._row(exchange, f"{in_words(exchange)}, {where}{exchange.failure}")
        if first:
            why = masked_text(exchange.detail, MAX_TEXT_LENGTH)
            yield from self._hints(YELLOW, "why:", why, exchange.fix)

    def _websocket(self, exchange: Exchange) -> Iterator[str]:
        request = exchange.decision.request
        if request.websocket and self._repetitions.count((request.origin, request.websocket)) == 1:
            yield from self._hints("", "note:", WEBSOCKET_NOTE)

    def _parted(self, exchange: Exchange) -> Iterator[str]:
        """Where browsers come to another end than the standard, or than each other."""
        if reason := parted(exchange):
            key = (exchange.decision.request.origin, reason.id, reason.text)
            if self._repetitions.count(key) == 1 or self.patient:
                yield from self._explanation(reason)

    def _noticed(self, exchange: Exchange) -> Iterator[str]:
        """What becomes of its cookies, where it redirects to, ...; each once for an origin."""
        for reason in told_once(exchange):
            key = (exchange.decision.request.origin, reason.id, reason.text)
            if self._repetitions.count(key) == 1 or self.patient:
                yield from self._hints(YELLOW, "note:", reason.sentence, reason.fix)

    def _differences(self, exchange: Exchange, listed: bool) -> Iterator[str]:
        """Where the upstream says something else than the policy; each once for an origin."""
        origin = exchange.decision.request.origin
        for reason in exchange_differences(exchange):
            new = self._repetitions.count((origin, reason.id, reason.text)) == 1
            if new or (self.patient and listed):
                yield from self._explanation(reason)

    def unfollowed(self, preflight: Exchange) -> Iterator[str]:
        """The lines for a granted preflight whose actual request never came."""
        reason = unfollowed(preflight)
        if self._repetitions.count((preflight.decision.request, reason.id)) == 1:
            yield from self._row(preflight, f"{in_words(preflight)}, then nothing")
            yield from self._explanation(reason)

    def _explanation(
        self, explained: ExplainedCheck | ExplainedReason, span: Span | None = None
    ) -> Iterator[str]:
        where = f" [{escaped(str(span))}]" if span else ""
        words = explained.sentence if isinstance(explained, ExplainedReason) else explained.text
        yield from self._hints(RED, "why:", f"{words}{where}", explained.fix)

    def _hints(self, colour: str, label: str, text: str, fix: str = "") -> Iterator[str]:
        """What is told of the row above. A fix is one line, so that it can be copied."""
        style = self._style()
        under = row.INDENT + " " * (len(label) + 1)
        yield from style.wrapped(f"{row.INDENT}{style.paint(colour, label)} ", text, under)
        if fix:
            yield f"{row.INDENT}{style.paint(GREEN, 'fix:')} {fix}"

    def _row(self, exchange: Exchange, words: str) -> Iterator[str]:
        colour = YELLOW if exchange.status >= 500 else _COLOURS[verdict(exchange)]
        shown = row.Row(
            time.strftime("%H:%M:%S", time.localtime(exchange.started)),
            escaped(exchange.method),
            escaped(shortened(masked_text(exchange.target, MAX_TEXT_LENGTH), MAX_SHOWN_LENGTH)),
            f"{exchange.status:3}",
            f"{exchange.seconds * 1000:6.0f}",
            printable(exchange.decision.request.origin or "-"),
            words,
        )
        of_status = _STATUS.get(exchange.status // 100, RED)
        yield from row.lines(shown, self._style(), (DIM, of_status, colour))
