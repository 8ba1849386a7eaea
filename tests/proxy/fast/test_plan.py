"""The fast lane's bytes say what the forwarding rules and `decide` say, and nothing else."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import (
    Config,
    Forward,
    ForwardedOrigin,
    HeaderChanges,
    Limits,
    Rewrite,
    Route,
    SetHeader,
    Timeouts,
)
from corsproxy.cors.headers import fields_of
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.memo_budget import MemoBudget
from corsproxy.proxy.fast.plan import Plan
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1 import plain_request_head, response_head
from corsproxy.proxy.http1.incoming_request import Client, Incoming
from corsproxy.proxy.http1.response_head import Framing
from corsproxy.proxy.upstream.pool import UpstreamPool
from tests.cors.strategies import ORIGINS, policies

UPSTREAM = UpstreamAddress("http", "127.0.0.1", 8000)
CLIENT = Client("127.0.0.1")
POLICY = Policy(
    Origins((OriginPattern.parse("https://a.test"),)), Names(("PUT",)), allow_credentials=True
)

Lines = list[tuple[str, str]]


def serving(config: Config) -> Admission:
    return Admission.of(
        config, lambda route: UpstreamPool(route.upstream, Timeouts()), "corsproxy-test"
    )


def plan_of(served: Admission, raw: bytes, client: Client = CLIENT) -> tuple[Plan, bytes] | None:
    """The plan for this head, and the head as it leaves for the upstream."""
    found = plain_request_head.REQUEST_HEAD.fullmatch(raw)
    assert found is not None
    pieces = plain_request_head.split(raw)
    plan = Plans(served, client, MemoBudget()).find(found[1], found[2], tuple(pieces[2::3]))
    return (plan, plan.forward(pieces, found[2])) if plan is not None else None


def request(method: str, target: str, lines: Lines) -> bytes:
    text = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"{method} {target} HTTP/1.1\r\n{text}\r\n".encode("latin-1")


def counted(raw: bytes) -> Counter[tuple[str, str]]:
    return Counter((name.lower(), value) for name, value in fields_of(raw))


OTHERS = st.sampled_from(
    [
        ("Accept", "*/*"),
        ("Cookie", "a=1"),
        ("X-Dup", "1"),
        ("x-dup", "2"),
        ("Connection", "keep-alive"),
        ("connection", "Close"),
        ("Keep-Alive", "timeout=5"),
        ("Via", "1.0 fred"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("Forwarded", "for=10.0.0.1"),
        ("Proxy-Connection", "close"),
        ("Content-Length", "5"),
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-a"),
        ("X-Bytes", "caf\xe9"),
    ]
)
SERVINGS = st.builds(
    lambda policy, host, origin, strip, rewritten: serving(
        Config(
            UPSTREAM,
            policy,
            routes=(
                Route("/api/", UPSTREAM, policy, strip_path=strip),
                Route("/", UPSTREAM, policy),
            ),
            forward=Forward(host, origin),
            rewrite=Rewrite(location=rewritten),
        )
    ),
    policies(),
    st.sampled_from(["auto", "upstream", "preserve", "api.test"]),
    st.sampled_from(ForwardedOrigin),
    st.booleans(),
    st.booleans(),
)


@given(
    served=SERVINGS,
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]),
    target=st.sampled_from(["/", "/api/x?y", "/api", "/a%zz?"]),
    origin=st.one_of(st.none(), st.sampled_from(ORIGINS)),
    others=st.lists(OTHERS, max_size=6),
    at=st.integers(0, 6),
    trusted=st.booleans(),
)
def test_a_request_leaves_as_the_forwarding_rules_say(
    *,
    served: Admission,
    method: str,
    target: str,
    origin: str | None,
    others: Lines,
    at: int,
    trusted: bool,
) -> None:
    lines = [*others[:at], ("Host", "localhost:8080"), *others[at:]]
    if origin is not None:
        lines.append(("Origin", origin))
    client = Client("10.1.1.1", trusted=trusted)
    found = plan_of(served, request(method, target, lines), client)
    event("planned" if found else "left to the other lane")
    assume(found is not None)
    assert found is not None
    plan, forwarded = found
    incoming = Incoming(method, target, lines, "localhost:8080")
    admitted = served.admit(incoming, client)
    assert plan.decision == admitted.decision
    assert plan.destination is admitted.destination
    wanted = admitted.destination.forwarder.request_head(
        incoming, client, target=admitted.destination.target(target)
    )
    assert forwarded.split(b"\r\n")[0] == wanted.split(b"\r\n")[0]
    assert counted(forwarded) == counted(wanted)
    assert _order(forwarded) == _order(wanted)


def _order(raw: bytes) -> list[str]:
    """The names that no rule moves, in order."""
    moved = {"host", "via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return [name.lower() for name, _ in fields_of(raw) if name.lower() not in moved]


STATUS_LINES = st.sampled_from(
    [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200",
        "HTTP/1.1 404 ",
        "HTTP/1.1 204 No",
        "HTTP/1.1 304 Not Modified",
        "HTTP/1.0 200 OK",
    ]
)
ANSWERED = st.lists(
    st.sampled_from(
        [
            ("Server", "x"),
            ("Set-Cookie", "a=1"),
            ("set-cookie", "b=domain; Domain=api.test; Path=/"),
            ("Set-Cookie", "c=1;SECURE ; SameSite=None"),
            ("Vary", "Accept"),
            ("vary", "accept, Origin"),
            ("Vary", "*"),
            ("Location", f"{UPSTREAM}/x"),
            ("location", "http://localhost/y"),
            ("Location", "/z"),
            ("Link", f"<{UPSTREAM}/a>; rel=next"),
            ("Access-Control-Allow-Origin", "*"),
            ("access-control-allow-origin", "https://a.test"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "x-b"),
            ("Connection", "keep-alive"),
            ("Connection", "close"),
            ("Connection", "X-Hop, keep-alive"),
            ("X-Hop", "1"),
            ("Keep-Alive", "timeout=5"),
            ("ETag", '"1"'),
            ("X-Bytes", "caf\xe9"),
        ]
    ),
    max_size=6,
)
CHANGES = HeaderChanges((SetHeader("Server", "y"), SetHeader("X-S", "")), ("etag",))
FRAMED = st.sampled_from(
    [[], [("Content-Length", "5")], [("transfer-encoding", "chunked")], [("content-length", "0")]]
)


@given(
    policy=policies(),
    origin=st.one_of(st.none(), st.sampled_from(ORIGINS)),
    responses=st.lists(st.tuples(STATUS_LINES, ANSWERED), min_size=1, max_size=4),
    framed=FRAMED,
    closes=st.booleans(),
    host=st.sampled_from(["localhost", "10.0.0.1"]),
    agent=st.sampled_from(["AppleWebKit/605 Safari/605", "AppleWebKit/537 Chrome/140"]),
    changes=st.sampled_from([HeaderChanges(), CHANGES]),
)
@example(
    policy=replace(POLICY, expose_headers=Names(any=True)),
    origin="https://a.test",
    responses=[
        ("HTTP/1.1 200 OK", [("ETag", "1")]),
        ("HTTP/1.1 304 Not Modified", [("ETag", "1")]),
        ("HTTP/1.1 200 OK", [("Server", "x")]),
        ("HTTP/1.1 404 No", [("Server", "y")]),
        ("HTTP/1.1 200 OK", [("ETag", "2")]),
    ],
    framed=[("Content-Length", "5")],
    closes=False,
    host="localhost",
    agent="",
    changes=HeaderChanges((SetHeader("X-Set", "1"),)),
)
def test_responses_leave_as_the_policy_says(
    *,
    policy: Policy,
    origin: str | None,
    responses: list[tuple[str, Lines]],
    framed: Lines,
    closes: bool,
    host: str,
    agent: str,
    changes: HeaderChanges,
) -> None:
    chunked = bool(framed) and framed[0][1] == "chunked"
    assume(not chunked or not any(first.startswith("HTTP/1.0") for first, _ in responses))
    asked = [("Host", host), *([("Origin", origin)] if origin else []), ("User-Agent", agent)]
    raw = request("GET", "/", asked)
    config = Config(UPSTREAM, policy, forward=Forward(response_headers=changes))
    found = plan_of(serving(config), raw)
    assume(found is not None)
    assert found is not None
    for first, lines in responses * 2:  # computed, then remembered
        text = "".join(f"{name}: {value}\r\n" for name, value in [*lines, *framed])
        answered = response_head.parse(f"{first}\r\n{text}\r\n".encode("latin-1"), "GET")
        headers = found[0].admitted.response_headers(answered.status, answered.fields, raw)
        wanted = Counter((name.lower(), value) for name, value in headers)
        if answered.framing in (Framing.CHUNKED, Framing.CLOSE):
            wanted["transfer-encoding", "chunked"] += 1
        if closes:
            wanted["connection", "close"] += 1
        left, _ = found[0].response(answered, raw, closes=closes)
        assert left.startswith(b"HTTP/1.1 %d %b\r\n" % (answered.status, answered.reason.encode()))
        assert counted(left) == wanted


def test_a_refused_request_is_left_to_the_other_lane() -> None:
    raw = request("GET", "/", [("Host", "localhost"), ("Origin", "https://evil.test")])
    assert plan_of(serving(Config(UPSTREAM, POLICY)), raw) is None


def test_a_policy_that_only_judges_is_left_to_the_other_lane() -> None:
    served = serving(Config(UPSTREAM, replace(POLICY, mode=Mode.VALIDATE)))
    assert plan_of(served, request("GET", "/", [("Host", "localhost")])) is None


@pytest.mark.parametrize(
    ("host", "target"),
    [
        pytest.param("rebound.example", "/", id="a host that is not served"),
        pytest.param("a b", "/", id="a host that is none"),
        pytest.param("localhost", "/api/../x", id="a path that leads to another route"),
    ],
)
def test_what_http_refuses_is_left_to_the_other_lane(host: str, target: str) -> None:
    routes = (Route("/api/", UPSTREAM, Policy()), Route("/", UPSTREAM, POLICY))
    served = serving(Config(UPSTREAM, POLICY, routes=routes))
    assert plan_of(served, request("GET", target, [("Host", host)])) is None


def test_a_request_that_came_round_is_left_to_the_other_lane() -> None:
    raw = request("GET", "/", [("Host", "localhost"), ("Via", "1.1 corsproxy-test")])
    assert plan_of(serving(Config(UPSTREAM, POLICY)), raw) is None


@pytest.mark.parametrize("line", ["content-LENGTH:\t5 ", "Content-Length:05", "content-length: 5"])
def test_content_length_keeps_its_spelling_both_ways(line: str) -> None:
    name, _, value = line.partition(":")
    asked = request("POST", "/", [("Host", "localhost")]).replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n")
    found = plan_of(serving(Config(UPSTREAM, POLICY)), asked % line.encode())
    assert found is not None
    plan, forwarded = found
    assert f"\r\n{line}\r\n".encode() in forwarded
    answered = response_head.parse(f"HTTP/1.1 200 OK\r\n{line}\r\n\r\n".encode(), "POST")
    assert answered.length == int(value)
    left, _ = plan.response(answered, asked, closes=False)
    assert f"\r\n{name}:{value}\r\n".encode() in left


def test_limits_send_to_the_other_lane() -> None:
    served = serving(Config(UPSTREAM, POLICY, limits=Limits(header_bytes=9000, body_bytes=10)))
    plans = Plans(served, CLIENT, MemoBudget())
    assert plans.head_fits(request("GET", "/", [("X", "y" * 8970)]))
    assert not plans.head_fits(request("GET", "/", [("X", "y" * 8990)]))
    assert not plans.head_fits(request("GET", "/", [("X", "")] * 1001))
    assert len(request("GET", "/", [("X", "")] * 1001)) > plans.max_unchecked_bytes
    tight = serving(Config(UPSTREAM, POLICY, limits=Limits(header_bytes=1000)))
    assert Plans(tight, CLIENT, MemoBudget()).max_unchecked_bytes == 1000
    found = plan_of(served, request("POST", "/", [("Host", "localhost"), ("Content-Length", "5")]))
    assert found is not None
    assert found[0].max_content == 10


def test_a_preflight_with_content_is_left_to_the_other_lane() -> None:
    asked = [("Host", "localhost"), ("Origin", "https://a.test")]
    asked.append(("Access-Control-Request-Method", "PUT"))
    found = plan_of(serving(Config(UPSTREAM, POLICY)), request("OPTIONS", "/", asked))
    assert found is not None
    assert found[0].is_preflight
    assert found[0].max_content == 0
