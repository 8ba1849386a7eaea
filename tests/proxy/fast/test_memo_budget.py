"""Whoever varies its headers cannot fill the memory: everything remembered has one budget."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.loading import load_text
from corsproxy.proxy.fast import memo_budget
from corsproxy.proxy.fast.memo_budget import MAX_COST, MemoBudget
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1 import plain_request_head, response_head
from corsproxy.proxy.http1.incoming_request import Client
from corsproxy.proxy.http1.response_head import MAX_KEPT, MAX_KEPT_BYTES
from tests.proxy.fast.test_plan import serving

OPEN = b"""
upstream: http://127.0.0.1:8000
cors: {allow_origins: ["*"], allow_methods: ["*"], allow_headers: ["*"]}
routes: [{path: /a}, {path: /b}]
"""
SERVED = serving(load_text(OPEN, "policy.yaml", {}, {}).config)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
BUDGET = 1 << 18
"""Of these tests: small, so that it is spent soon."""

FULL = MAX_COST // 4 - 1000
"""Bytes of a value that is just remembered."""

LINES: dict[str, Callable[[int], list[bytes]]] = {
    "a long Via": lambda n: [b"Via: 1.1 a%d%s" % (n, b"x" * FULL)],
    "lines that are short": lambda n: [b"Via: 1.1 a%d" % n, *[b"Via:"] * 150],
    "the client's address": lambda n: [b"X-Forwarded-For: 10.0.0.%d" % n],
    "an origin": lambda n: [b"Origin: https://a%d.test" % n],
    "a long origin": lambda n: [b"Origin: https://a%d.%stest" % (n, b"a." * (FULL // 2))],
    "Host": lambda n: [b"Host: a%d.localhost:80" % n],
    "the mode": lambda n: [b"Sec-Fetch-Mode: m%d" % n],
    "Forwarded": lambda n: [b"Forwarded: for=%s;by=a%d" % (b"x" * FULL, n)],
    "the spelling of Connection": lambda n: [b"Connection:%skeep-alive" % (b" " * (n % FULL))],
    "the spelling of a length": lambda n: [b"Content-Length:%s0" % (b" " * (n % FULL))],
    "names in a preflight": lambda n: [
        b"Origin: https://a.test",
        b"Access-Control-Request-Method: PUT",
        b"Access-Control-Request-Headers: x%d,%s" % (n, b"a" * (FULL - 200)),
    ],
}  # fmt: skip
"""What a hostile client varies, by the number of the request."""

ANSWERS: dict[str, Callable[[int], bytes]] = {
    "large heads": lambda n: b"HTTP/1.1 200 OK\r\nX: %s%d\r\nContent-Length: 0\r\n\r\n" % (
        b"x" * 60_000, n
    ),
    "names that are just remembered": lambda n: b"HTTP/1.1 200 OK\r\nX%d%s: 1\r\n\r\n" % (
        n, b"x" * (MAX_COST - 300)
    ),
    "names that vary": lambda n: b"HTTP/1.1 200 OK\r\nVary: a%d%s\r\n\r\n" % (n, b",a" * 1700),
    "lines that are short": lambda n: b"HTTP/1.1 200 OK\r\n%sVary: a%d\r\n\r\n" % (
        b"Vary:\r\n" * 150, n
    ),
    "a status each": lambda n: b"HTTP/1.1 %d OK\r\nX: %s\r\nVary: a%d\r\n\r\n" % (
        200 + n % 100, b"x" * 60_000, n // 100
    ),
}  # fmt: skip
"""What a hostile upstream varies."""


def asked(lines: list[bytes], *, preflight: bool = False) -> tuple[bytes, tuple[bytes | None, ...]]:
    """The method and the special lines of a request with these."""
    method = b"OPTIONS" if preflight else b"GET"
    host = [] if any(line.startswith(b"Host") for line in lines) else [b"Host: localhost"]
    raw = b"\r\n".join([method + b" /a HTTP/1.1", *host, *lines, b"", b""])
    assert plain_request_head.REQUEST_HEAD.fullmatch(raw)
    return method, tuple(plain_request_head.split(raw)[2::3])


def play(used: MemoBudget, heads: Callable[[int], list[bytes]], number: int) -> None:
    """One request of the hostile client, from one of a few addresses."""
    plans = Plans(SERVED, Client(f"10.0.0.{number % 4}"), used)
    lines = heads(number)
    method, special = asked(lines, preflight=b"Access-Control-Request-Method: PUT" in lines)
    found = plans.find(method, b"/a", special)
    assert found is not None
    if found.is_preflight:
        found.preflight(closes=False)
    else:
        found.response(response_head.parse(ANSWER, "GET"), b"", closes=False)


def growth(act: Callable[[int], object], times: int) -> Iterator[int]:
    """Bytes of memory that are taken after ten acts."""
    act(0)  # what is made once
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1, times + 1):
            act(number)
            if number % 10 == 0:
                yield tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("varied", LINES)
def test_a_client_that_varies_its_headers_fills_no_memory(varied: str) -> None:
    used = MemoBudget(BUDGET)
    most = 0
    for taken in growth(lambda number: play(used, LINES[varied], number), 400):
        assert used.used <= BUDGET
        most = max(most, taken)
    assert most < 1.25 * BUDGET


@pytest.mark.parametrize("varied", ANSWERS)
def test_an_upstream_that_varies_its_headers_fills_no_memory(varied: str) -> None:
    used = MemoBudget(BUDGET)
    plans = Plans(SERVED, Client("10.0.0.1"), used)

    def response(number: int) -> None:
        method, special = asked([b"X-Forwarded-For: %d" % (number % 1000)])
        found = plans.find(method, b"/a", special)
        assert found is not None
        found.response(response_head.parse(ANSWERS[varied](number), "GET"), b"", closes=False)

    most = 0
    for taken in growth(response, 400):
        assert used.used <= BUDGET
        most = max(most, taken)
    assert most < 1.25 * BUDGET + MAX_KEPT * MAX_KEPT_BYTES


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 60))))
def test_tables_share_the_budget_and_forget_as_one(entries: list[tuple[int, int, int]]) -> None:
    forgotten = [0]

    def note() -> None:
        forgotten[0] += 1

    used = MemoBudget(100, note)
    tables: list[dict[int, int]] = [{} for _ in range(4)]
    for number, key, size in entries:
        before = forgotten[0]
        used.keep(tables[number], key, size, size)
        assert tables[number][key] == size
        assert sum(size for table in tables for size in table.values()) <= used.used <= 100
        if forgotten[0] > before:
            assert sum(len(table) for table in tables) == 1


def test_an_entry_that_is_too_large_is_not_remembered() -> None:
    plans = Plans(SERVED, Client("10.0.0.1"), MemoBudget())
    for size, kept in ((FULL, 1), (MAX_COST, 1)):
        method, special = asked([b"Via: 1.1 " + b"x" * size])
        assert plans.find(method, b"/a", special) is not None
        assert len(plans) == kept


def test_what_is_remembered_is_found() -> None:
    plans = Plans(SERVED, Client("10.0.0.1"), MemoBudget())
    method, special = asked([b"Origin: https://a.test"])
    first, second = islice(iter(lambda: plans.find(method, b"/a", special), None), 2)
    assert first is second
    assert memo_budget.cost(special) > 0
