"""ConnectionLimit: how many connections may be open, and which of them give way to others.

A connection is a guest: it is idle, or something is under way on it. Where all places are taken,
the guest that has been idle for longest gives way, of the client that takes most places; slow and
silent clients are idle too, so they block no others. Where none is idle, the newcomer gets a 503,
for which there are further places; where these are taken, too, none is accepted for a moment. So
no more descriptors are used than the system has, and no connection is dropped silently.

Which are idle is looked up only then. It is not a queue, since every request would have to move its
connection to the end of it; what one look finds serves many newcomers.
"""

import asyncio
import contextlib
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, Protocol, runtime_checkable

MAX_REFUSED = 100
"""Connections beyond the limit, which only get a 503; fewer where descriptors are scarce."""

RESERVED = 256
"""Descriptors that are not for clients and upstreams: refusals, the admin address, files."""

_LEAST_RESERVED = 32
"""The program has 16 open while it does nothing."""

MIN_IDLE = 0.5
"""Seconds: who has been idle for less may just be about to ask."""

_SHARE = 20
"""One client leaves one place in so many to the others."""

_LOOK_AGAIN = 0.1
"""Seconds for which no idle guest is searched for after none was found."""

_MAX_FOUND = 64


class Refused(Protocol):
    """A connection that only gets a 503: there is no place for it."""

    def give_way(self) -> None:
        """End at once."""


@runtime_checkable
class Guest(Refused, Protocol):
    """A connection that takes a place; it is asked to give way only where it is idle."""

    def idle_for(self) -> float:
        """Seconds for which nothing has been under way; 0 where something is."""


class ConnectionLimit:
    """Places for `max_guests`, and `max_refused` others; a client is an address."""

    def __init__(
        self,
        max_guests: int,
        max_refused: int = MAX_REFUSED,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_guests = max_guests
        self.max_refused = max_refused
        self._clock = clock
        self._guests: dict[Guest, str] = {}
        self._by_client: Counter[str] = Counter()  # places, by client
        self._refused: set[Refused] = set()
        self._found: list[Guest] = []
        self._look_at = 0.0
        self._fewer = asyncio.Event()

    @property
    def taken(self) -> int:
        """How many places are."""
        return len(self._guests)

    # What a listener asks.

    async def wait(self) -> None:
        """Return as soon as one more may be accepted, be it to be refused."""
        total = self.max_guests + self.max_refused
        while self.taken + len(self._refused) >= total and not self.make_room():
            self._fewer.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._fewer.wait()

    # What a factory of connections asks.

    def refusal(self, client: str) -> str:
        """Why a newcomer from `client` gets no place; nothing where it does."""
        max_of_one = self.max_guests - self.max_guests // _SHARE
        if self._by_client[client] >= max_of_one and not self.make_room(client):
            return "this address has as many connections as one may have"
        if self.taken >= self.max_guests and not self.make_room():
            return "there are as many connections as there may be"
        return ""

    # What a connection tells.

    def enter(self, guest: Guest, client: str) -> None:
        """A connection has begun."""
        self._guests[guest] = client
        self._by_client[client] += 1

    def leave(self, guest: Guest) -> None:
        """It has ended; may be said twice."""
        client = self._guests.pop(guest, None)
        if client is not None:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]
            self._fewer.set()

    @property
    def refused(self) -> list[Refused]:
        """The connections that only get a 503."""
        return list(self._refused)

    def refuse(self, who: Refused) -> None:
        """Such a connection has begun."""
        self._refused.add(who)

    def dismiss(self, who: Refused) -> None:
        """It has ended."""
        self._refused.discard(who)
        self._fewer.set()

    def make_room(self, client: str = "") -> bool:
        """Let an idle guest give way, one of `client` where it is named; whether there was any."""
        while True:
            while self._found:
                guest = self._found.pop()
                whose = self._guests.get(guest)
                if whose is not None and client in ("", whose) and guest.idle_for() >= MIN_IDLE:
                    self.leave(guest)
                    guest.give_way()
                    return True
            now = self._clock()
            if now < self._look_at:
                return False
            self._found = self._longest_idle(client)
            if not self._found:
                self._look_at = now + _LOOK_AGAIN

    def _longest_idle(self, client: str) -> list[Guest]:
        """Which may give way, the first last: idle for longest, of the client with most places."""
        guests = [(guest, whose) for guest, whose in self._guests.items() if client in ("", whose)]
        idle = [
            (self._by_client[whose], seconds, number)
            for number, (guest, whose) in enumerate(guests)
            if (seconds := guest.idle_for()) >= MIN_IDLE
        ]
        return [guests[number][0] for *_, number in sorted(idle)[-_MAX_FOUND:]]


class Places(NamedTuple):
    """How many connections of clients there may be, and how many more that are refused."""

    served: int
    refused: int


def places(limit: int, descriptors: int) -> Places:
    """What so many `descriptors` are enough for, where `limit` connections are wanted.

    Each takes two: its own, and one to its upstream.
    """
    reserved = max(_LEAST_RESERVED, min(RESERVED, descriptors // 2))
    served = max(1, min(limit, (descriptors - reserved) // 2))
    return Places(served, min(MAX_REFUSED, reserved * 2 // 5))


def needed(limit: int) -> int:
    """How many descriptors `limit` connections need at least."""
    return 2 * limit + max(_LEAST_RESERVED, min(RESERVED, 2 * limit))


def address(peer: object) -> str:
    """The IP address of the other end of a socket; "" for a local socket."""
    return str(peer[0]).removeprefix("::ffff:") if isinstance(peer, tuple) else ""


def client_of(peer: object) -> str:
    """Who is counted together: an IPv4 address, or an IPv6 network that one subscriber has."""
    host = address(peer)
    if ":" not in host:
        return host
    try:
        return socket.inet_pton(socket.AF_INET6, host.partition("%")[0])[:8].hex()
    except OSError:
        return host
