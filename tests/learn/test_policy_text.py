"""What was seen becomes a policy that grants all of it, and no more."""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corsproxy.config.loading import load_text
from corsproxy.cors.browser.verdict import Attempt, on_preflight
from corsproxy.cors.decision import Kind, decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import NameRejected, check_method, check_request_name
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.policy import Policy
from corsproxy.learn.observations import Observations, names_of
from corsproxy.learn.open_settings import OpenSettings, open_settings
from corsproxy.learn.policy_text import policy_text
from corsproxy.learn.sightings import MAX_VALUES
from tests.cors.strategies import METHODS, NAMES, ORIGINS
from tests.watch.exchanges import PAGE, exchange

SETTINGS = open_settings(None, {}, {"upstream": "http://127.0.0.1:8000"})
EVERYTHING = SETTINGS.config.policy
FIELDS = [("Content-Type", "text/html"), ("X-Total-Count", "42"), ("Set-Cookie", "a=b")]


def preflight(method: str, names: str = "", origin: str = PAGE, target: str = "/a") -> Exchange:
    fields = [("Access-Control-Request-Method", method)]
    if names:
        fields.append(("Access-Control-Request-Headers", names))
    return exchange("OPTIONS", target, fields, origin=origin, policy=EVERYTHING)


def actual(
    method: str = "GET", target: str = "/a", origin: str = PAGE, cookie: str = ""
) -> Exchange:
    fields = [("Cookie", cookie)] if cookie else []
    return exchange(method, target, fields, origin=origin, policy=EVERYTHING, upstream=FIELDS)


def learned(*exchanges: Exchange) -> str:
    seen = Observations()
    for one in exchanges:
        seen(one)
    return policy_text(SETTINGS, [seen])


def policy_of(text: str) -> Policy:
    return load_text(text.encode(), "policy.yaml", {}, {}).config.policy


def test_each_line_says_how_often_and_where() -> None:
    text = learned(
        actual(cookie="session=s3cret"),
        preflight("PUT", "content-type,x-a", target="/items/1?token=s3cret"),
        actual("PUT", "/items/1?token=s3cret"),
        preflight("DELETE", target="/items/2"),
    )
    assert text == (
        "# Written by corsproxy learn: the smallest policy that allows what the pages did.\n"
        "upstream: http://127.0.0.1:8000\n"
        "\n"
        "cors:\n"
        "  allow_origins:\n"
        "    - http://localhost:5173 # 2 times: GET /a, PUT /items/1, DELETE /items/2\n"
        "  allow_methods:\n"
        "    - PUT # once: PUT /items/1\n"
        "    - DELETE # by preflights only: DELETE /items/2\n"
        "  allow_headers:\n"
        "    - content-type # once: PUT /items/1\n"
        "    - x-a # once: PUT /items/1\n"
        "  # What the pages could read; take out what they do not.\n"
        "  expose_headers:\n"
        "    - x-total-count # 2 times: GET /a, PUT /items/1\n"
        "  allow_credentials: true # asked for once: GET /a\n"
    )


def test_credentials_that_are_not_known_are_allowed_and_said_to_be_unknown() -> None:
    text = learned(actual())
    assert (
        "at localhost and the other at 127.0.0.1, not in Safari.\n"
        "  # Responses set a cookie once: GET /a.\n"
        "  allow_credentials: true\n"
    ) in text
    assert policy_of(text).allow_credentials


def test_credentials_that_no_request_had_are_not_allowed() -> None:
    told = [("Sec-CH-UA", '"Chromium";v="156"'), ("Sec-Fetch-Site", "cross-site")]
    text = learned(exchange("GET", "/a", told, policy=EVERYTHING))
    assert "credentials" not in text


def test_what_is_safelisted_is_not_listed() -> None:
    assert "allow_methods" not in learned(actual(), actual("POST"), preflight("POST", "x-a"))


def test_the_opaque_origin_stays_a_text() -> None:
    policy = policy_of(learned(actual(origin="null")))
    assert [str(pattern) for pattern in policy.allow_origins.patterns] == ["null"]


def test_requests_that_are_no_cors_teach_nothing() -> None:
    seen = Observations()
    seen(exchange("GET", "/", origin=None, policy=EVERYTHING))
    navigation = [("Sec-Fetch-Mode", "navigate")]
    seen(exchange("POST", "/", navigation, origin="https://idp.test", policy=EVERYTHING))
    seen(exchange("POST", "/", origin="http://localhost:8080", policy=EVERYTHING))
    assert seen.origins == {}


def test_what_no_browser_sends_is_left_out_and_counted() -> None:
    seen = Observations()
    for strange in (preflight("put"), preflight("PUT", "cookie"), actual(origin="http://a.test/")):
        seen(strange)
    assert seen.origins == {}
    assert sum(sighting.times for sighting in seen.strange.values()) == 3


@pytest.mark.parametrize(
    "wildcard",
    [
        preflight("*"),
        preflight("PUT", "x-a,*"),
        actual("*"),
        actual(origin="http://*.evil.test"),
        actual(origin="http://localhost:*"),
        preflight("PUT", origin="https://*.evil.test:*"),
    ],
)
def test_a_page_cannot_teach_a_wildcard(wildcard: Exchange) -> None:
    seen = Observations()
    seen(wildcard)
    assert (seen.origins, len(seen.strange)) == ({}, 1)


def test_an_upstream_cannot_teach_a_wildcard() -> None:
    seen = Observations()
    seen(exchange("GET", "/a", policy=EVERYTHING, upstream=[("*", "a"), ("X-A", "b")]))
    assert list(seen.exposed) == ["x-a"]


def test_a_flood_of_values_and_places_stays_bounded() -> None:
    seen = Observations()
    for number in range(MAX_VALUES + 10):
        seen(preflight("PUT", f"x-{number}", target=f"/{number}"))
    assert len(seen.names) == MAX_VALUES
    assert len(seen.origins[PAGE].places) == MAX_VALUES + 1  # the last is "elsewhere"


def test_any_target_is_a_place() -> None:
    assert "once: GET //[" in learned(actual(target="//[?x"))


def test_a_token_in_a_path_is_masked() -> None:
    assert "eyJ" not in learned(actual(target="/reset/eyJhbGciOiJIUzI1NiJ9.e30.c2ln"))


def test_a_path_cannot_leave_its_comment() -> None:
    text = learned(actual(target="/a\x0b\x85 # x: ${HOME}\x1b[2J"))
    assert text.isascii()
    assert len(policy_of(text).allow_origins.patterns) == 1


ODD = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), min_size=1, max_size=12)


@st.composite
def traffic(draw: st.DrawFn) -> list[Exchange]:
    """What pages send, and now and then what none does."""
    exchanges = []
    for _ in range(draw(st.integers(0, 6))):
        origin = draw(st.sampled_from(ORIGINS) | ODD)
        method = draw(st.sampled_from(METHODS) | ODD)
        names = ",".join(draw(st.lists(st.sampled_from(NAMES) | ODD, max_size=3)))
        target = "/" + draw(ODD)
        if draw(st.booleans()):
            exchanges.append(preflight(method, names, origin, target))
        else:
            exchanges.append(actual(method, target, origin, draw(st.sampled_from(["", "a=b"]))))
    return exchanges


def sent_by_a_browser(one: Exchange) -> bool:
    request = one.decision.request
    if "*" in (request.requested_method, request.method, *names_of(request)):
        return False
    try:
        if not OriginPattern.parse(request.origin or "").exact:
            return False
        check_method(request.requested_method or request.method)
        for name in names_of(request):
            check_request_name(name)
    except (PatternError, NameRejected):
        return False
    return one.decision.granted and one.decision.kind in (Kind.PREFLIGHT, Kind.ACTUAL)


@given(traffic())
def test_the_policy_grants_every_recorded_request_and_lists_nothing_else(
    exchanges: list[Exchange],
) -> None:
    recorded = [one.decision.request for one in exchanges if sent_by_a_browser(one)]
    assume(recorded)  # else there is no policy to write
    policy = policy_of(learned(*exchanges))
    for request in recorded:
        assert decide(policy, request).granted
    assert {str(one) for one in policy.allow_origins.patterns} == {r.origin for r in recorded}
    methods = {request.requested_method or request.method for request in recorded}
    assert set(policy.allow_methods.listed) <= methods - SAFELISTED_METHODS
    assert set(policy.allow_headers.listed) == {n for r in recorded for n in names_of(r)}


@given(st.sampled_from(METHODS), st.sets(st.sampled_from(NAMES)), st.booleans())
def test_a_browser_is_content_with_the_policy(
    method: str, names: set[str], credentials: bool
) -> None:
    attempt = Attempt(PAGE, method, [(name, "application/json") for name in names], credentials)
    asked = ",".join(attempt.unsafe_names)
    sent = attempt.sent_method
    text = learned(preflight(sent, asked), actual(sent, cookie="a=b" if credentials else ""))
    decision = decide(policy_of(text), attempt.preflight())
    assert on_preflight(attempt, decision.status, decision.headers).readable


EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
ROUTED = """\
upstream: http://127.0.0.1:8000 # ours

# Pages.
cors:
  # Long ago.
  allow_origins: [https://old.test]
  max_age: 600 # short
# Ways.
routes:
  - path: /
    cors: {refused_request: forward}
  # The second.
  - path: /api
    upstream: "${API:-http://127.0.0.1:9000}" # not ours
    cors: {allow_methods: [PATCH], refused_preflight: terse}
  - path: /api
    host: b.test
"""
"""What takes all stands first, and is the last in a Config."""


@pytest.fixture
def routed(tmp_path: Path) -> OpenSettings:
    path = tmp_path / "policy.yaml"
    path.write_text(ROUTED)
    return open_settings(path, {}, {})


def by_route(settings: OpenSettings, *exchanges: Sequence[Exchange]) -> str:
    """The file learned from the exchanges of each route, in the order of `settings.config`."""
    seen = [Observations() for _ in settings.config.routes]
    for one, of_route in zip(seen, exchanges, strict=True):
        for exchange_ in of_route:
            one(exchange_)
    return policy_text(settings, seen)


def origins_of(text: str) -> list[list[str]]:
    """What each route allows."""
    routes = load_text(text.encode(), "policy.yaml", {}, {}).config.routes
    return [list(map(str, route.policy.allow_origins.patterns)) for route in routes]


def test_each_route_says_what_differs_from_the_top_and_keeps_its_settings(
    routed: OpenSettings,
) -> None:
    put = [preflight("PUT"), actual("PUT", cookie="a=b")]
    text = by_route(routed, put, [actual(cookie="c=d")], [actual(cookie="a=b")])
    assert text == (
        "# Written by corsproxy learn: the smallest policy that allows what the pages did.\n"
        "upstream: http://127.0.0.1:8000 # ours\n"
        "\n"
        "# Pages.\n"
        "cors:\n"
        "  allow_origins:\n"
        "    - http://localhost:5173 # 2 times: GET /a\n"
        "  # What the pages could read; take out what they do not.\n"
        "  expose_headers:\n"
        "    - x-total-count # 2 times: GET /a\n"
        "  allow_credentials: true # asked for 2 times: GET /a\n"
        "  max_age: 600 # short\n"
        "\n"
        "# Ways.\n"
        "routes:\n"
        "  - path: /\n"
        "    cors:\n"
        "      refused_request: forward\n"
        "  # The second.\n"
        "  - path: /api\n"
        '    upstream: "${API:-http://127.0.0.1:9000}" # not ours\n'
        "    cors:\n"
        "      allow_methods:\n"
        "        - PUT # once: PUT /a\n"
        "      refused_preflight: terse\n"
        "  - path: /api\n"
        "    host: b.test\n"
    )
    api, other, all_else = load_text(text.encode(), "policy.yaml", {}, {}).config.routes
    assert [str(route.policy.allow_methods) for route in (api, other)] == ["PUT", ""]
    assert (all_else.policy.max_age, all_else.policy.allow_credentials) == (600, True)


@pytest.mark.parametrize("stands", [True, False], ids=["of the file", "that nobody wrote"])
def test_where_a_route_needs_none_the_top_grants_nothing_and_the_last_route_has_its_own(
    routed: OpenSettings, tmp_path: Path, stands: bool
) -> None:
    if not stands:
        path = tmp_path / "short.yaml"
        path.write_text(ROUTED.replace("  - path: /\n    cors: {refused_request: forward}\n", ""))
        routed = open_settings(path, {}, {})
    text = by_route(routed, [actual()], [], [actual()])
    assert "\n# Pages.\ncors:\n  max_age: 600 # short\n\n# Ways.\nroutes:\n" in text
    assert "  - path: /\n    cors:\n      allow_origins:\n" in text
    assert origins_of(text) == [[PAGE], [], [PAGE]]


def test_routes_that_learned_the_same_share_the_top_policy(routed: OpenSettings) -> None:
    text = by_route(routed, [actual()], [actual(target="/b")], [actual()])
    assert text.count("allow_origins") == 1
    assert "    - http://localhost:5173 # 3 times: GET /a, GET /b\n" in text


def test_where_only_routes_were_called_the_top_grants_nothing(routed: OpenSettings) -> None:
    text = by_route(routed, [actual()], [], [])
    assert "\n# Pages.\ncors:\n  max_age: 600 # short\n\n# Ways.\nroutes:\n" in text
    assert origins_of(text) == [[PAGE], [], []]


def test_a_route_takes_back_what_the_top_grants_and_it_did_not_need(routed: OpenSettings) -> None:
    told = [("Sec-CH-UA", '"Chromium";v="156"'), ("Sec-Fetch-Site", "cross-site")]
    anonymous = exchange("GET", "/a", told, policy=EVERYTHING)
    text = by_route(routed, [anonymous], [anonymous], [preflight("PUT", "x-a"), actual("PUT")])
    assert (
        "    cors:\n"
        "      allow_methods: []\n"
        "      allow_headers: []\n"
        "      expose_headers: []\n"
        "      allow_credentials: false\n"
    ) in text
    api = load_text(text.encode(), "policy.yaml", {}, {}).config.routes[0].policy
    assert (api.allow_methods.listed, api.allow_credentials) == ((), False)


def test_the_example_of_every_setting_keeps_each_and_is_the_same_when_it_is_learned_anew(
    tmp_path: Path,
) -> None:
    path = tmp_path / "policy.yaml"
    shutil.copy(EXAMPLE, path)
    texts = []
    for _ in range(2):
        settings = open_settings(path, {}, {})
        texts.append(by_route(settings, [actual()], [actual()]))
        path.write_text(texts[-1])
    assert texts[0] == texts[1]
    example, learned_ = EXAMPLE.read_text(), texts[0]
    config = load_text(example.encode(), "policy.yaml", {}, {}).config
    again = load_text(learned_.encode(), "policy.yaml", {}, {}).config
    routes = tuple(
        dataclasses.replace(route, policy=other.policy)
        for route, other in zip(again.routes, config.routes, strict=True)
    )
    assert dataclasses.replace(again, policy=config.policy, routes=routes) == config
    for line in example.partition("\nforward:")[2].splitlines():
        assert f"\n{line}\n" in f"\n{learned_}"
    assert "\n\ntrusted_proxies:" in learned_  # apart from the group above it


def test_a_route_of_a_host_for_every_path_is_not_what_takes_all(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    hosts = "{path: /, host: b.test}, {path: /, host: null}, {path: /, host: c.test}"
    path.write_text(f"upstream: http://127.0.0.1:8000\nroutes: [{hosts}]\n")
    settings = open_settings(path, {}, {})
    origins = ["http://b.test", "http://c.test", "http://all.test"]
    text = by_route(settings, *([actual(origin=origin)] for origin in origins))
    routes = load_text(text.encode(), "policy.yaml", {}, {}).config.routes
    assert [route.host for route in routes] == ["b.test", "c.test", None]
    assert origins_of(text) == [[origin] for origin in origins]
