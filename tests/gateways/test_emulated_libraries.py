"""Real libraries with the snippet that is exported for them, beside their emulation.

Behind the emulation is an upstream that answers as the library's application does; what is compared
is the status, whether it was reached, every header of CORS, and Vary.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from typing import NamedTuple

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.emulation.profile import PREFLIGHT_VARY
from tests.gateways import libraries
from tests.gateways.emulation.table import Answer, answer_of, requests
from tests.gateways.played import Player
from tests.gateways.test_emulated import POLICIES, asked, emulating
from tests.gateways.test_libraries import SPELLINGS, read
from tests.gateways.test_real_gateways import before
from tests.served import Served
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

UNPLAYED = {
    "spring": {
        *("any of all", "any of all and authorization", "any exposed", "odd names", "reflected"),
        *("several with credentials", "subdomains and ports", "the private network"),
    }
}
"""Policies for which the program that is here is too old."""

VARY_OF_SPRING = frozenset(name.lower() for name in PREFLIGHT_VARY)

_PRIVATE = f.ALLOW_PRIVATE_NETWORK.lower()


class Apps(NamedTuple):
    """A library's applications: the port for each of POLICIES, and what stands for them here."""

    name: str
    ports: dict[str, int]
    upstream: Upstream


@pytest.fixture(scope="module", params=libraries.NAMES)
def apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Apps]:
    name = request.param
    snippets = {policy: libraries.exported(name, lines_of(policy)) for policy in POLICIES}
    played = [policy for policy in POLICIES if not libraries.unplayed(name, snippets[policy])]
    folder = tmp_path_factory.mktemp(name)
    with ExitStack() as stack:
        upstream = libraries.upstream()
        stack.callback(upstream.close)
        shown = [snippets[policy] for policy in played]
        running = libraries.running(name, shown, folder, request.getfixturevalue)
        ports = stack.enter_context(running)
        yield Apps(name, dict(zip(played, ports, strict=True)), upstream)


def lines_of(policy: str) -> str:
    lines = POLICIES[policy]
    return lines if lines != "{}" else "max_age: 5"


@pytest.mark.parametrize("policy", POLICIES)
def test_an_emulation_does_what_the_library_does(apps: Apps, policy: str) -> None:
    if policy not in apps.ports:
        assert policy in UNPLAYED[apps.name]
        return
    settings = emulating(before(apps.upstream, POLICIES[policy]), apps.name)
    own = Served(settings)
    theirs, ours = Player(apps.ports[policy], apps.upstream), Player(own.port, apps.upstream)
    try:
        found = differences(apps.name, theirs, ours, settings.policy)
        assert "\n".join(islice(found, 5)) == ""
    finally:
        theirs.close()
        ours.close()
        own.stop()


def differences(name: str, theirs: Player, ours: Player, policy: Policy) -> Iterator[str]:
    for request, path in requests():
        if is_read(name, request) and not is_out_of_reach(name, request, policy):
            one, other = (answer(who, request, path) for who in (theirs, ours))
            if name == "spring":  # 4.3 names Origin alone, newer ones what a preflight asks, too
                assert other.vary == VARY_OF_SPRING
                one = one._replace(vary=other.vary)
            if one != other:
                yield f"{request.method} {path} {asked(request)}\n  {one}\n  {other}"


def is_read(name: str, request: Request) -> bool:
    methods = {request.method, request.requested_method or "GET"}
    if name == "spring" and methods - libraries.SPRING_METHODS:
        return False
    names = [one for one in f.elements(request.requested_names or "") if one]
    if name == "aiohttp-cors" and not read(name, request.requested_method or "GET"):
        return False  # it sends back how a method is spelled
    return read(name, request.method, names)


def is_out_of_reach(name: str, request: Request, policy: Policy) -> bool:
    """What a profile does not say, since no browser asks it; docs/gateways-libraries.md has it."""
    if name != "spring" and request.origin in SPELLINGS.get(name, ()):
        return True
    asks = request.private_network is not None and not policy.allow_private_network
    echoes = policy.allow_headers.any and policy.allow_credentials
    unnamed = request.method == "OPTIONS" and request.requested_names is None
    return {
        "starlette": asks,
        "aiohttp-cors": policy.expose_headers.any and request.method != "OPTIONS",
        "hono": echoes and unnamed,
        "tomcat": policy.allow_origins.any
        and not re.match(r"null$|.+://", request.origin or "null"),
        "flask-cors": request.origin == "*" and policy.allow_credentials,
    }.get(name, False)


def answer(who: Player, request: Request, path: str) -> Answer:
    response = who.ask(request, path)
    found = answer_of(response, forwarded=bool(response.get(b"x-reached")))
    if found.headers.get(_PRIVATE) == ("false",):  # the same to a browser as none
        del found.headers[_PRIVATE]
    return found


def test_starlette_refuses_a_preflight_that_asks_for_the_private_network(apps: Apps) -> None:
    player = Player(apps.ports["one origin"], apps.upstream)
    asking = Request("OPTIONS", "https://a.test", "GET", private_network="true")
    assert (player.ask(asking).status == 400) == (apps.name == "starlette")
    player.close()
