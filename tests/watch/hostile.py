"""Any exchange at all: what no parser would let through, too, as no watcher may rely on one."""

from dataclasses import replace

from hypothesis import strategies as st

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.exchange import UPSTREAM_FAILURES, Exchange
from corsproxy.cors.headers import ALLOW_ORIGIN, REQUEST_NAMES, RESPONSE_NAMES
from corsproxy.cors.policy import Mode
from tests.watch.exchanges import PAGE, POLICY

MANY = "9" * 5000
ORIGINS = st.sampled_from(
    [
        "*",
        "null",
        f"http://a.test:{MANY}",
        f"https://{MANY}",
        "http://[::1",
        "http://[:" + "1" * 5000,
        "http://a.test, http://b.test",
        f"http://0x{'f' * 5000}",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=60),
    ORIGINS,
    st.sampled_from(
        [
            MANY,
            "\x00\x1b[2J\r\n",
            "a" * 20_000,
            "eyJ" + "a" * 5000,
            "?" + "&a=b" * 5000,
            "//" + "@" * 5000,
        ]
    ),
)
STARTS = st.one_of(
    TEXTS, st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.1 302", "HTTP/1.1", "GET / "])
)
RESPONSE = st.sampled_from(sorted(RESPONSE_NAMES | {"location", "set-cookie", "vary"}))
REQUEST = st.sampled_from(sorted(REQUEST_NAMES | {"cookie", "authorization", "range", "host"}))


def fields(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Hostile values under the names that are looked at, and under any other."""
    some = st.lists(st.tuples(st.one_of(names, names, TEXTS), TEXTS), max_size=4)
    origin = st.tuples(st.just(ALLOW_ORIGIN), ORIGINS)
    return st.builds(list.__add__, st.lists(origin, max_size=1), some)


def heads(names: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Heads, and what is none."""
    lines = fields(names).map(lambda found: "".join(f"{n}: {v}\r\n" for n, v in found))
    whole = st.builds(lambda start, text: f"{start}\r\n{text}\r\n".encode("latin-1"), STARTS, lines)
    return st.one_of(st.just(b""), whole, whole)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """Any exchange at all: heads that are no heads, fields that contradict each other."""
    method = draw(st.one_of(st.sampled_from(["GET", "OPTIONS", "PUT"]), TEXTS))
    policy = replace(
        POLICY, mode=draw(st.sampled_from(Mode)), allow_credentials=draw(st.booleans())
    )
    origin = draw(st.one_of(st.just(PAGE), TEXTS))
    asked = Request.of(method, [("Origin", origin), *draw(fields(REQUEST))], draw(TEXTS))
    return Exchange(
        id=draw(TEXTS),
        started=draw(st.floats(0, 4e9)),
        seconds=draw(st.floats(0, 1e6)),
        peer=draw(TEXTS),
        route="/",
        policy=policy,
        decision=decide(policy, asked),
        method=method,
        target=draw(TEXTS),
        request_head=draw(heads(REQUEST)),
        status=draw(st.integers(0, 999)),
        response_head=draw(heads(RESPONSE)),
        upstream_head=draw(heads(RESPONSE)),
        failure=draw(st.one_of(st.just(""), st.sampled_from(sorted(UPSTREAM_FAILURES)), TEXTS)),
        detail=draw(TEXTS),
    )
