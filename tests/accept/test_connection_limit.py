"""Who gets a place, and who gives way: without a socket."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.accept.connection_limit import RESERVED, ConnectionLimit, client_of, needed, places
from tests.until import turns

ANYONE = "10.0.0.1"


class Guest:
    """A connection that has been idle for so many seconds."""

    def __init__(self, idle: float = 0.0) -> None:
        self.idle = idle
        self.gone = False

    def idle_for(self) -> float:
        return self.idle

    def give_way(self) -> None:
        self.gone = True


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def connection_limit(
    most: int, *guests: tuple[str, float], refused: int = 2
) -> tuple[ConnectionLimit, list[Guest]]:
    """A room with a guest for each client and the seconds for which it has been idle."""
    made = ConnectionLimit(most, refused, clock=Clock())
    entered = [Guest(idle) for _, idle in guests]
    for guest, (client, _) in zip(entered, guests, strict=True):
        made.enter(guest, client)
    return made, entered


def test_as_long_as_there_are_places_nobody_gives_way() -> None:
    made, guests = connection_limit(3, ("a", 100.0), ("b", 100.0))
    assert made.refusal("c") == ""
    assert not any(guest.gone for guest in guests)


def test_the_longest_idle_gives_way() -> None:
    made, guests = connection_limit(3, ("a", 5.0), ("a", 50.0), ("a", 0.0))
    assert made.refusal("a") == ""
    assert [guest.gone for guest in guests] == [False, True, False]
    assert made.taken == 2


def test_of_the_client_that_has_most() -> None:
    made, guests = connection_limit(4, ("a", 100.0), ("b", 5.0), ("b", 6.0), ("b", 0.0))
    assert made.refusal("c") == ""
    assert [guest.gone for guest in guests] == [False, False, True, False]


def test_who_is_about_to_ask_does_not() -> None:
    made, guests = connection_limit(2, ("a", 0.4), ("a", 0.0))
    assert made.refusal("b") != ""
    assert not any(guest.gone for guest in guests)


def test_where_nobody_is_idle_the_newcomer_is_refused_in_words() -> None:
    made, _ = connection_limit(2, ("a", 0.0), ("b", 0.0))
    assert made.refusal("c") == "there are as many connections as there may be"


def test_one_address_leaves_a_place_in_twenty_to_others() -> None:
    made, guests = connection_limit(40, *[("greedy", 0.0)] * 38)
    assert made.refusal("greedy") == "this address has as many connections as one may have"
    assert made.refusal("other") == ""
    guests[7].idle = 1.0
    made._look_at = 0.0
    assert made.refusal("greedy") == ""
    assert guests[7].gone


def test_its_own_idle_connection_gives_way_and_nobody_elses() -> None:
    made, guests = connection_limit(40, ("other", 1000.0), *[("greedy", 1.0)] * 38)
    assert made.refusal("greedy") == ""
    assert sum(guest.gone for guest in guests) == 1
    assert not guests[0].gone


def test_one_look_serves_many_newcomers(monkeypatch: pytest.MonkeyPatch) -> None:
    made, guests = connection_limit(100, *[(ANYONE, 10.0)] * 95)
    looks = []

    def noted(self: Guest) -> float:
        looks.append(self)
        return self.idle

    monkeypatch.setattr(Guest, "idle_for", noted)
    for _ in range(50):
        assert made.refusal(ANYONE) == ""
        made.enter(Guest(), ANYONE)
    assert sum(guest.gone for guest in guests) == 50
    assert len(looks) == 95 + 50


def test_where_nobody_was_found_nobody_is_looked_for_for_a_moment() -> None:
    clock = Clock()
    made = ConnectionLimit(1, clock=clock)
    made.enter(guest := Guest(), ANYONE)
    assert made.refusal("b")
    guest.idle = 10.0
    assert made.refusal("b")
    clock.now += 0.1
    assert not made.refusal("b")


def test_who_was_found_and_asks_meanwhile_stays() -> None:
    made, guests = connection_limit(2, (ANYONE, 10.0), (ANYONE, 9.0))
    assert made.refusal("b") == ""
    assert guests[0].gone
    made.enter(Guest(), "b")
    guests[1].idle = 0.0
    assert made.refusal("b") != ""
    assert not guests[1].gone


async def test_nobody_is_accepted_while_even_the_places_to_refuse_are_taken() -> None:
    made, _ = connection_limit(1, (ANYONE, 0.0), refused=2)
    await made.wait()
    refused = [Guest(), Guest()]
    for one in refused:
        made.refuse(one)
    waiting = asyncio.create_task(made.wait())
    await turns()
    assert not waiting.done()
    made.dismiss(refused[0])
    await asyncio.wait_for(waiting, 5)


async def test_who_becomes_idle_meanwhile_gives_way() -> None:
    made, [guest] = connection_limit(1, (ANYONE, 0.0), refused=0)
    made._clock = asyncio.get_running_loop().time
    waiting = asyncio.create_task(made.wait())
    await turns()
    assert not waiting.done()
    guest.idle = 10.0
    await asyncio.wait_for(waiting, 5)
    assert guest.gone


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=60))
def test_places_are_counted_whatever_happens(comers: list[tuple[str, float]]) -> None:
    made = ConnectionLimit(20, 5)
    inside: list[Guest] = []
    for client, idle in comers:
        guest = Guest(idle)
        if not made.refusal(client):
            made.enter(guest, client)
            inside.append(guest)
        inside = [one for one in inside if not one.gone]
        assert made.taken == len(inside) <= 20
    for guest in inside:
        made.leave(guest)
        made.leave(guest)
    assert made.taken == 0
    assert not made._by_client


@pytest.mark.parametrize(
    ("limit", "descriptors", "expected"),
    [
        pytest.param(1000, 10**6, 1000, id="plenty"),
        pytest.param(1000, needed(1000), 1000, id="just enough"),
        pytest.param(1000, needed(1000) - 2, 999, id="one too few"),
        pytest.param(1000, 1024, 384, id="as Linux starts programs"),
        pytest.param(1000, 256, 64, id="as macOS does"),
        pytest.param(1000, 40, 4, id="what the program itself needs is kept"),
        pytest.param(1000, 1, 1, id="next to none"),
        pytest.param(5, 1024, 5, id="fewer wanted"),
    ],
)
def test_each_connection_takes_two_descriptors(limit: int, descriptors: int, expected: int) -> None:
    assert places(limit, descriptors).served == expected


@given(st.integers(1, 5000))
def test_as_many_are_needed_as_are_enough(limit: int) -> None:
    assert places(limit, needed(limit)).served == limit
    assert places(limit, needed(limit) - 2).served < limit or limit == 1


@pytest.mark.parametrize(
    ("descriptors", "expected"), [(10**6, 100), (1024, 100), (200, 40), (2, 12)]
)
def test_fewer_are_refused_at_a_time_where_descriptors_are_scarce(
    descriptors: int, expected: int
) -> None:
    assert places(1000, descriptors).refused == expected


def test_the_reserve_is_for_refusals_admin_and_files() -> None:
    from corsproxy.accept import connection_limit
    from corsproxy.watch import admin

    assert connection_limit.MAX_REFUSED + admin.MAX_CONNECTIONS + admin.MAX_REFUSED <= RESERVED - 32


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        pytest.param(("10.1.2.3", 80), "10.1.2.3", id="IPv4"),
        pytest.param(("::ffff:10.1.2.3", 80, 0, 0), "10.1.2.3", id="IPv4 in IPv6"),
        pytest.param(("2001:db8:1:2:3:4:5:6", 80, 0, 0), "20010db800010002", id="IPv6"),
        pytest.param(("fe80::1%eth0", 80, 0, 2), "fe80000000000000", id="link-local"),
        pytest.param("", "", id="a local socket"),
        pytest.param(None, "", id="gone"),
    ],
)
def test_a_client_is_an_address_or_a_network_of_ipv6(peer: object, expected: str) -> None:
    assert client_of(peer) == expected
