"""Plan: what the rules say of a request, remembered for the next one that looks the same to them.

The rules look at few headers (`plain_request_head`), and those hardly change from one request of a
page to the next. So `decide` and the forwarding rules are asked once for each combination of these
headers, and a Plan keeps what they say as bytes: for the request, for the response, for a
preflight.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from corsproxy.config.settings import Route
from corsproxy.cors.decision import Action, Decision
from corsproxy.cors.headers import RESPONSE_NAMES
from corsproxy.cors.policy import Policy
from corsproxy.cors.tally import Tally
from corsproxy.proxy.admission import Admitted, Destination
from corsproxy.proxy.fast.memo_budget import MAX_COST, MemoBudget, cost
from corsproxy.proxy.http1 import forwarding, own_responses, plain_request_head
from corsproxy.proxy.http1.framing import client_framing
from corsproxy.proxy.http1.head_pieces import Pieces, joined
from corsproxy.proxy.http1.response_head import Framing, ResponseHead
from corsproxy.proxy.http1.rewriting import REWRITTEN
from corsproxy.proxy.http1.set_cookie import SET_COOKIE

Pairs = Sequence[tuple[str, str]]

_RECIPE_BYTES, _TALLY_BYTES = 1000, 3000
"""What a ResponseRecipe and a Tally take without the lines that they are about."""

_ONLY_OPTIONS = {"close", "keep-alive"}
_LENGTH = b"\r\n"
_SAME_LINE = re.compile(rb"HTTP/1\.1 [0-9]{3} ").match
"""Whether a status line leaves as it came."""


class ResponseRecipe(NamedTuple):
    """What becomes of an upstream's special lines."""

    lines: list[bytes] | None
    """What stands in the place of each; None where all lines are looked at each time."""
    content_length_index: int
    """Which of them is Content-Length; -1 for none."""
    tail: bytes
    """What comes after all others, the empty line included."""
    closing_tail: bytes
    """The same where the client's connection ends with the response."""
    tally: Tally | None
    """Where such responses are counted in a flood; None where each must be reported."""
    adapts: Callable[[str, bytes], bool] | None = None
    """Whether a cookie in the head may have to change, so that all lines are looked at; None where
    it sets none."""


_WHOLE = ResponseRecipe(None, -1, b"", b"", None)
"""For heads of which more changes than special lines, whose place tells what becomes of them."""

Rendered = tuple[bytes, Tally | None]
"""A head as it leaves for the client, and where it is counted; None where it must be reported."""


class Plan:
    """What happens to requests with the same headers, as far as any rule looks at them."""

    __slots__ = (
        "_changed",
        "_edit",
        "_exposes",
        "_host",
        "_memory",
        "_own_origin",
        "_preflight",
        "_recipes",
        "_retargets",
        "_second",
        "added",
        "admitted",
        "closes",
        "content_length_index",
        "decision",
        "destination",
        "identified",
        "is_preflight",
        "lines",
        "max_content",
        "method",
        "policy",
        "route",
        "tally",
        "upstream",
    )

    def __init__(
        self,
        method: str,
        admitted: Admitted,
        lines: list[bytes],
        added: bytes,
        memory: MemoBudget,
        *,
        host: str,
        closes: bool,
        max_content: int,
    ) -> None:
        self.method = method
        self.admitted = admitted
        self.destination: Destination = admitted.destination
        self.upstream = admitted.destination.upstream
        self.route: Route = admitted.destination.route
        self.policy: Policy = admitted.destination.route.policy
        self.decision: Decision = admitted.decision
        self.lines = lines
        """What stands in the place of each special line on the way to the upstream."""
        self.added = added + b"\r\n\r\n"
        self.content_length_index = content_length_index(lines)
        """Which of them is Content-Length; -1 for none."""
        self.is_preflight = admitted.decision.action is Action.ANSWER
        """Whether this is a preflight, which the upstream never sees."""
        self.tally = self._tally(self.decision.status, b"") if self.is_preflight else None
        """Where preflights are counted in a flood."""
        self.max_content = 0 if self.is_preflight else max_content
        """Bytes; a request with more is for the other lane."""
        self.closes = closes
        """Whether the client wants the connection closed afterwards."""
        self._recipes: dict[bytes, ResponseRecipe] = {}  # by a response head's shape
        self._exposes = self.policy.expose_every_name and bool(self.decision.headers)
        self._memory = memory
        self._host = host
        self._retargets = admitted.destination.changes_target
        forwarder = admitted.destination.forwarder
        self._edit = forwarder.edited if forwarder.edits else None
        self.identified = forwarder.identified if forwarder.adds_request_id else None
        """What gives a head on its way to the upstream an id; None where nothing does."""
        references = REWRITTEN if self.destination.rewriting is not None else frozenset()
        self._changed = references | self.destination.changes.names
        self._own_origin = admitted.decision.request.own_origin
        self._second = ""
        self._preflight = b""

    def preflight(self, *, closes: bool) -> bytes:
        """The whole response to the preflight; made once a second, for its Date."""
        if closes:
            return own_responses.preflight(self.policy, self.decision, "").head(close=True)
        if self._second != (now := own_responses.now()):
            head = own_responses.preflight(self.policy, self.decision, "").head(close=False)
            if not self._second:
                self._memory.charge(len(head))
            self._second, self._preflight = now, head
        return self._preflight

    def forward(self, pieces: Pieces, target: bytes) -> bytes:
        """The head as it leaves for the upstream, from the pieces of `plain_request_head.cut`."""
        if self._retargets:
            start = len(self.method) + 1
            new = self.destination.target(target.decode("ascii")).encode("ascii")
            pieces[0] = pieces[0][:start] + new + pieces[0][start + len(target) :]
        head = joined(pieces, self.lines, self.content_length_index, self.added)
        return self._edit(head, self._host) if self._edit else head

    def response(self, head: ResponseHead, request_head: bytes, *, closes: bool) -> Rendered:
        """The head of a response as it leaves for the client that sent `request_head`."""
        recipe = self._recipes.get(head.shape) or self._new_recipe(head)
        lines, index, tail, closing_tail, tally, adapts = recipe
        if lines is not None and (adapts is None or not adapts(self._own_origin, head.raw)):
            return joined(head.pieces, lines, index, closing_tail if closes else tail), tally
        fields = self.admitted.response_headers(head.status, head.fields, request_head)
        leaving = forwarding.response_head(head.status, head.reason, fields)
        return leaving[:-4] + _ending(head.framing, closes=closes), tally

    def _new_recipe(self, head: ResponseHead) -> ResponseRecipe:
        """What becomes of heads like this."""
        lines = head.lines
        pairs = plain_request_head.specials(lines)
        named = [pair for pair in pairs if pair.name]
        drops_length = head.status == 204 and None in lines
        if drops_length or not _SAME_LINE(head.raw) or _nominates(named):
            return _WHOLE
        size = cost(lines) + len(head.shape)
        remembered = size <= MAX_COST
        tally = self._tally_of(head) if remembered else None
        if not self._changed.isdisjoint(head.names):
            recipe = _WHOLE._replace(tally=tally)
        else:
            placed, added = in_place(pairs, self._special_headers(head, named))
            tail = added + _ending(head.framing, closes=False)
            closing_tail = added + _ending(head.framing, closes=True)
            index = content_length_index(placed)
            cookies = self.destination.cookies if SET_COOKIE in head.names else None
            adapts = cookies and cookies.changes
            recipe = ResponseRecipe(placed, index, tail, closing_tail, tally, adapts)
        if remembered:
            size += _RECIPE_BYTES + len(recipe.tail) + len(recipe.closing_tail)
            self._memory.keep(self._recipes, head.shape, recipe, size)
        return recipe

    def _special_headers(self, head: ResponseHead, named: Pairs) -> Pairs:
        """What leaves in the place of the special lines `named`."""
        if not self._exposes or head.status == 304:  # which lists no names
            return self.admitted.response_headers(head.status, named)
        special = (
            RESPONSE_NAMES
            | {"vary"}
            | self.destination.changes.names
            | {name.lower() for name, _ in named}
        )
        headers = self.admitted.response_headers(head.status, head.fields)
        return [pair for pair in headers if pair[0].lower() in special]

    def _tally_of(self, head: ResponseHead) -> Tally | None:
        """Where to count such responses. An error of the server's is reported even in a flood."""
        if head.status >= 500:
            return None
        # What no rule looks at may be large, and is not counted.
        special = [b"HTTP/1.1 %d" % head.status, *filter(None, head.lines), b"", b""]
        tally = self._tally(head.status, b"\r\n".join(special))
        self._memory.charge(_TALLY_BYTES + len(tally.upstream_head))
        return tally

    def _tally(self, status: int, upstream_head: bytes) -> Tally:
        return Tally(self.route.path, self.policy, self.decision, status, upstream_head)


def in_place(pairs: Pairs, wanted: Pairs) -> tuple[list[bytes], bytes]:
    """The lines `wanted`, each in the place of the line among `pairs` that it came from.

    `wanted` is `pairs` with some dropped, some changed in value, and others added at the end; the
    latter come second. Content-Length, nameless here, is an empty line.
    """
    left = list(wanted)
    placed = []
    for name, _ in pairs:
        if not name:
            placed.append(_LENGTH)
        elif left and left[0][0].lower() == name.lower():
            placed.append(as_lines([left.pop(0)]))
        else:
            placed.append(b"")
    return placed, as_lines(left)


def content_length_index(lines: list[bytes]) -> int:
    """Which of the lines from `in_place` is Content-Length; -1 for none."""
    return lines.index(_LENGTH) if _LENGTH in lines else -1


def _nominates(pairs: Pairs) -> bool:
    """Whether Connection names other headers, which then matter too."""
    return not forwarding.nominated(pairs) <= _ONLY_OPTIONS


def as_lines(pairs: Pairs) -> bytes:
    """These headers, each with the line end before it."""
    return "".join(f"\r\n{name}: {value}" for name, value in pairs).encode("latin-1")


def _ending(framing: Framing, *, closes: bool) -> bytes:
    """What follows the headers, the empty line included."""
    return as_lines(client_framing(framing, closes=closes).headers) + b"\r\n\r\n"
