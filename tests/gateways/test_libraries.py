"""Real libraries with the snippet that was exported for them, beside corsproxy itself.

The application around a snippet answers like the upstream behind corsproxy, without CORS headers of
its own. Where the export lost nothing, a browser makes the same of both; where it did, the library
never grants more but for what is listed here, and told in docs/gateways-libraries.md.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from corsproxy.config.settings import Route
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.registry import gateway
from tests.gateways import libraries
from tests.gateways.converted import config
from tests.gateways.played import ORIGINS, POLICIES, Player, Seen, attempts
from tests.gateways.test_real_gateways import before
from tests.served import Served
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICY_LINES = {name: text if text != "{}" else "max_age: 5" for name, text in POLICIES.items()}
NAMES_READ = {"rs-cors": re.compile(r"[A-Za-z0-9_.-]+")}
"""The names of headers that a library reads, where these are not all."""
NODE_READS = re.compile(r"[A-Z]+")
"""The methods of the tables that Node's own reader of HTTP takes; those that have a route there."""
SPELLINGS = {
    "django": {"https://a.test/"},
    "rs-cors": {"https://A.test", "HTTPS://A.TEST", "NULL"},
    "spring": {"https://A.test", "HTTPS://A.TEST", "NULL"},
}
"""Origins that no browser spells so, and that a library takes for the one that is listed."""


class Apps(NamedTuple):
    """A library's applications: the port for each of POLICIES, and an upstream that idles."""

    name: str
    ports: dict[str, int]
    idle: Upstream

    def player(self, policy: str) -> Player:
        return Player(self.ports[policy], self.idle)


@pytest.fixture(scope="module", params=libraries.NAMES)
def apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Apps]:
    name = request.param
    snippets = {policy: libraries.exported(name, text) for policy, text in POLICY_LINES.items()}
    played = {one: text for one, text in snippets.items() if not libraries.unplayed(name, text)}
    folder = tmp_path_factory.mktemp(name)
    with ExitStack() as stack:
        idle = libraries.upstream()
        stack.callback(idle.close)
        ports = stack.enter_context(
            libraries.running(name, [*played.values()], folder, request.getfixturevalue)
        )
        yield Apps(name, dict(zip(played, ports, strict=True)), idle)


@cache
def ours(policy: str) -> list[tuple[Attempt, Seen]]:
    """What a browser makes of corsproxy's answers with one of POLICIES."""
    upstream = libraries.upstream()
    settings = before(upstream, POLICIES[policy])
    own = Served(replace(settings, routes=(Route("/", settings.upstream, settings.policy),)))
    player = Player(own.port, upstream)
    try:
        return [(attempt, player.play(attempt)) for attempt in attempts()]
    finally:
        player.close()
        own.stop()
        upstream.close()


def read(name: str, method: str, names: Iterable[str] = ()) -> bool:
    """Whether the library and its server read such a method and such names at all."""
    known = NAMES_READ.get(name)
    if known and not all(map(known.fullmatch, names)):
        return False
    reads_capitals = name in libraries.NODE or name == "aiohttp-cors"
    return not reads_capitals or NODE_READS.fullmatch(method) is not None


@pytest.mark.parametrize("policy", POLICIES)
def test_a_page_reads_through_it_what_it_reads_through_corsproxy_or_a_loss_was_told(
    apps: Apps, policy: str
) -> None:
    if policy not in apps.ports:
        assert apps.name == "spring"  # too old; tests of its emulation list which
        return
    write = gateway(apps.name).write
    assert write is not None
    form = next(iter(gateway(apps.name).forms))
    losses = write(config(POLICY_LINES[policy]), form).losses
    told = {(loss.setting, loss.fix.partition(",")[0]) for loss in losses}
    wider: list[tuple[Attempt, Seen, Seen]] = []
    narrower: list[tuple[Attempt, Seen, Seen]] = []
    player = apps.player(policy)
    for attempt, own in ours(policy):
        set_by_page = [name for name, _ in attempt.headers]
        if attempt.origin in SPELLINGS.get(apps.name, ()):
            continue
        if not read(apps.name, attempt.sent_method, set_by_page):
            continue
        theirs = player.play(attempt)
        if theirs != own and not lets_content_type_in(attempt, told):
            more = theirs.readable and not (own.readable and {*theirs.names} <= {*own.names})
            (wider if more else narrower).append((attempt, theirs, own))
    player.close()
    assert wider == []
    assert narrower == [] or losses


def lets_content_type_in(attempt: Attempt, told: set[tuple[str, str]]) -> bool:
    """Whether this differs by the one thing that is let in beyond the policy, and told."""
    names = {name.lower() for name, _ in attempt.headers}
    return names == {"content-type"} and ("allow_headers", "list content-type") in told


def test_what_is_no_method_to_it_is_answered_400(apps: Apps) -> None:
    if apps.name == "aiohttp-cors":  # answers as HTTP/1.0
        return
    unread = [method for method in ("patch", "M!#%&'+-.^_`|~1") if not read(apps.name, method)]
    player = apps.player(next(iter(apps.ports)))
    for method in unread:
        assert player.ask(Request(method)).status == 400
        player.close()


def test_an_origin_that_no_browser_spells_so_is_taken_for_the_one_that_is_listed(
    apps: Apps,
) -> None:
    player = apps.player("the opaque origin")
    origins = {*ORIGINS} - {"https://a.test", "null"}
    granted = {one for one in origins if player.play(Attempt(one, "GET")).readable}
    player.close()
    assert granted == SPELLINGS.get(apps.name, set())


def test_the_application_is_reached_and_its_errors_carry_the_headers(apps: Apps) -> None:
    player = apps.player("one origin")
    for path, status in (("/", 200), ("/error", 500)):
        response = player.ask(Request("GET", "https://a.test"), path)
        assert response.status == status
        assert response.get(b"x-reached") == [b"1"]
        assert response.get(b"access-control-allow-origin") == [b"https://a.test"]
        varies = b"origin" in b",".join(response.get(b"vary")).lower()
        assert varies == (apps.name != "aiohttp-cors")  # which its export tells
    player.close()


@pytest.mark.parametrize("name", ["express", "fastify", "koa"])
def test_the_other_form_of_modules_works_alike(name: str, packages: Path, tmp_path: Path) -> None:
    snippet = libraries.exported(name, POLICIES["several with credentials"], "commonjs")
    with libraries.running(name, [snippet], tmp_path, lambda _: packages) as (port,):
        idle = libraries.upstream()
        player = Player(port, idle)
        attempt = Attempt("https://a.test", "PUT", (("authorization", "x"),), credentials=True)
        assert player.play(attempt) == Seen(True, ("etag", "x-total-count"))
        assert not player.play(attempt._replace(origin="https://b.test")).readable
        player.close()
        idle.close()
