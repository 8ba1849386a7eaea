"""Where the gateway listens, and how that is exchanged while it serves.

New addresses are bound before old ones are given up: where one cannot be, nothing has changed.
Whoever has connected to an address that is given up is served to the end; each of these connections
carries one more request, whose response says that it is the last.
"""

import asyncio
import errno
from collections.abc import Sequence
from typing import Any, NamedTuple

from corsproxy.accept.connection_limit import ConnectionLimit
from corsproxy.accept.handshake import Make, Secure
from corsproxy.accept.listener import Listener, accepting
from corsproxy.accept.sockets import Bound, CannotListen, bind, remove
from corsproxy.config.address import ListenAddress, TcpAddress

_ALL = {"0.0.0.0", "::"}


PATIENCE = 0.5
"""Seconds that stopping waits for those who have connected to find room."""


class OwnAddressInTheWay(Exception):
    """An address that cannot be bound as long as another of ours is."""


class Place(NamedTuple):
    """One address: as it was asked for, and what listens there."""

    wanted: ListenAddress
    bound: Bound
    listener: Listener | None = None
    """None until it is used."""


class Listeners:
    """All that one gateway has; `prepare` and `use` may be repeated."""

    def __init__(self, make: Make, room: ConnectionLimit, secure: Secure) -> None:
        self._make = make
        self._room = room
        self._secure = secure
        self._places: list[Place] = []
        self._retired: set[Listener] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._names: list[Any] | None = None
        self._leaving = False

    @property
    def addresses(self) -> tuple[ListenAddress, ...]:
        """Where it listens, port 0 resolved."""
        return tuple(place.bound.address for place in self._places)

    async def prepare(self, wanted: Sequence[ListenAddress]) -> list[Place]:
        """What `use` takes: what is there already is kept, the rest is bound.

        Raises CannotListen or OwnAddressInTheWay, and then nothing is bound.
        """
        known = {place.wanted: place for place in self._places}
        places: list[Place] = []
        try:
            for address in wanted:
                place = known.get(address) or Place(address, await self._bound(address))
                places.append(place)  # one after the other: `places` is closed on an error
        except BaseException as error:
            discard(places)
            self._explain(error, wanted)
            raise
        return places

    async def _bound(self, address: ListenAddress) -> Bound:
        """Of an address whose scheme alone is another, the sockets are there."""
        if isinstance(address, TcpAddress):
            for place in self._places:
                there = place.wanted
                if isinstance(there, TcpAddress) and there.authority == address.authority:
                    return place.bound.again(address)
        return await bind(address)

    def _explain(self, error: BaseException, wanted: Sequence[ListenAddress]) -> None:
        if not isinstance(error, CannotListen) or error.errno != errno.EADDRINUSE:
            return
        port = getattr(error.address, "port", None)
        for place in self._places:
            ours = getattr(place.bound.address, "port", None)
            if ours is not None and ours == port and place.wanted not in wanted:
                both = f"{error.address} while the proxy itself listens on {place.bound.address}"
                raise OwnAddressInTheWay(f"cannot listen on {both}") from error

    def use(self, places: Sequence[Place]) -> None:
        """Accept connections at `places`, which `prepare` has made, and at no other."""
        given_up = [place for place in self._places if place not in places]
        self._places = [self._opened(place) for place in places]
        self._retired = {listener for listener in self._retired if listener.shaking_hands}
        for place in given_up:
            self._retire(place)
        if given_up:
            listeners = [place.listener for place in self._places if place.listener]
            self._names = [name for listener in listeners for name in listener.names]

    def _opened(self, place: Place) -> Place:
        if place.listener is not None:
            return place
        return place._replace(listener=accepting(place.bound, self._make, self._room, self._secure))

    def _retire(self, place: Place) -> None:
        assert place.listener is not None
        remove(place.bound.address)
        self._retired.add(place.listener)
        task = asyncio.create_task(place.listener.retire(leaving=self._leaving))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def given_up(self, transport: asyncio.BaseTransport | None) -> bool:
        """Whether nobody listens any more where the connection of `transport` came in."""
        if self._names is None or transport is None:
            return False
        name = transport.get_extra_info("sockname")
        return not any(_covers(one, name) for one in self._names)

    async def drain(self) -> None:
        """Accept those who have connected already, and then nobody."""
        self._leaving = True
        self.use(())
        if self._retiring:  # who finds no room by then gets it when others have ended, or none
            await asyncio.wait(self._retiring, timeout=PATIENCE)

    def close(self) -> None:
        """Accept nobody any more."""
        for place in self._places:
            if place.listener is not None:
                place.listener.close()
                remove(place.bound.address)
        for listener in self._retired:
            listener.close()
        for task in self._retiring:
            task.cancel()
        self._places.clear()


def discard(places: Sequence[Place]) -> None:
    """Close what was bound, and will not be used."""
    for place in places:
        if place.listener is None:
            place.bound.close()


def _covers(listening: Any, name: Any) -> bool:
    """Whether a connection at `name` may have come by the socket that is named `listening`."""
    if not isinstance(listening, tuple) or not isinstance(name, tuple):
        return bool(listening == name)
    return listening[1] == name[1] and (listening[0] == name[0] or listening[0] in _ALL)
