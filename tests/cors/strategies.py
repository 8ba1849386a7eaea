"""Policies, requests, attempts and upstream fields for properties, drawn from a small world.

The world is small on purpose: a few origins, methods and names, so that what a page tries and
what a policy allows meet often, and every outcome of a check is seen in each run.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from corsproxy.cors import headers as f
from corsproxy.cors.browser.verdict import Attempt
from corsproxy.cors.decision import Request
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Mode, Names, Policy, RefusedPreflight, RefusedRequest

ORIGINS = (
    "https://a.test",
    "https://b.a.test",
    "https://c.b.a.test",
    "https://evila.test",
    "https://a.test:8443",
    "http://localhost:5173",
    "http://[::1]:3000",
    "chrome-extension://abcdefghijklmnop",
    "null",
)
PATTERNS: tuple[OriginPattern | RegexPattern, ...] = (
    *(OriginPattern.parse(origin) for origin in ORIGINS),
    OriginPattern.parse("https://*.a.test"),
    OriginPattern.parse("https://*.a.test:*"),
    OriginPattern.parse("https://a.test:*"),
    RegexPattern(r"https://[a-z]+\.a\.test"),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "patch", "PURGE")
NAMES = ("authorization", "content-type", "x-a", "X-B", "X-Requested-With")
EXPOSABLE = ("etag", "X-Total-Count", "x-a")

T = TypeVar("T")


def some(known: Sequence[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """Some of `known`, none and all included: one number, which draws faster than a list."""
    return st.integers(0, 2 ** len(known) - 1).map(
        lambda bits: tuple(one for place, one in enumerate(known) if bits >> place & 1)
    )


def names(known: tuple[str, ...]) -> st.SearchStrategy[Names]:
    """A list of methods or field names as a policy has it, with or without the wildcard."""
    return st.builds(Names, some(known), st.booleans())


def origins() -> st.SearchStrategy[Origins]:
    """Any origin, or some patterns, at times none."""
    listed = some(PATTERNS).map(Origins)
    return st.one_of(listed, listed, listed, st.just(Origins(any_origin=True)))


@st.composite
def policies(
    draw: st.DrawFn,
    *,
    tone: RefusedPreflight | None = None,
    modes: tuple[Mode, ...] = tuple(Mode),
) -> Policy:
    """Any sound policy; `tone` and `modes` narrow it down."""
    allowed = draw(origins())
    credentials = draw(st.booleans())
    return Policy(
        allowed,
        draw(names(METHODS)),
        draw(names(NAMES)),
        draw(names(EXPOSABLE)),
        allow_credentials=credentials,
        max_age=draw(st.sampled_from([None, -1, 0, 600])),
        allow_private_network=draw(st.booleans()),
        mode=draw(st.sampled_from(modes)),
        refused_preflight=tone or draw(st.sampled_from(RefusedPreflight)),
        refused_request=draw(st.sampled_from(RefusedRequest)),
        dangerously_reflect_any_origin=allowed.any and credentials,
    )


def attempts() -> st.SearchStrategy[Attempt]:
    """What a page tries: any method that a browser sends, some fields of its own."""
    field = st.tuples(
        st.sampled_from((*NAMES, "accept")),
        st.sampled_from(("1", "text/plain", "application/json")),
    )
    return st.tuples(
        st.sampled_from(ORIGINS),
        st.sampled_from((*METHODS, "get", "put")),
        st.lists(field, max_size=3).map(tuple),
        st.booleans(),
    ).map(lambda drawn: Attempt(*drawn))  # `builds` would draw what only redirects leave, too


def _or_any_text(*known: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(known) | st.text(st.characters(max_codepoint=255), max_size=40)


def requests() -> st.SearchStrategy[Request]:
    """Any request whatever: the world's texts, and such as no browser sends."""
    asked = ("x-a", "authorization,x-a", "X-B, x-a", "x y", ",,", "*")
    return st.builds(
        Request,
        method=st.sampled_from((*METHODS, "OPTIONS", "TRACE")) | st.text(max_size=8),
        origin=_or_any_text(None, *ORIGINS),
        requested_method=_or_any_text(None, *METHODS, "TRACK"),
        requested_names=_or_any_text(None, *asked),
        private_network=st.sampled_from((None, "true", "false")),
        own_origin=st.sampled_from(("", "http://localhost:8080", *ORIGINS)),
        navigation=st.booleans(),
        websocket=st.booleans(),
        credentials=st.booleans(),
    )


def upstream_fields() -> st.SearchStrategy[list[tuple[str, str]]]:
    """What a backend may answer, CORS fields of its own and several Vary lines included."""
    field = st.one_of(
        st.tuples(
            st.sampled_from((f.ALLOW_ORIGIN, f.ALLOW_ORIGIN.lower())),
            st.sampled_from(("*", *ORIGINS, "https://a.test, https://b.a.test")),
        ),
        st.tuples(st.just(f.ALLOW_CREDENTIALS), st.sampled_from(("true", "false", "True"))),
        st.tuples(st.just(f.EXPOSE_HEADERS), st.sampled_from(("*", "x-a"))),
        st.tuples(
            st.sampled_from(("Vary", "vary")),
            st.sampled_from(("Accept", "origin", "Accept-Encoding, Origin", "*", "", "accept,")),
        ),
        st.sampled_from([("Content-Type", "text/plain"), ("ETag", '"1"'), ("Set-Cookie", "a=1")]),
    )
    return st.lists(field, max_size=6)
