"""Whatever comes from the network, it is told: no exchange can break a watcher that explains it."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain import exchange_json, scene, scene_text
from corsproxy.cors.explain.exchange_text import exchange_text
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import Mode, Policy
from tests.watch.exchanges import exchange

VALUE = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    st.sampled_from(
        ["http://[", "http://[::1]:x", "//", "http://a.test:99999", "a=b; Domain=[", "*", "null"]
    ),
)
FIELD = st.tuples(
    st.sampled_from(
        [
            "Location",
            "Set-Cookie",
            "Vary",
            "Access-Control-Allow-Origin",
            "Access-Control-Allow-Methods",
            "Access-Control-Expose-Headers",
            "Access-Control-Max-Age",
            "X-B",
        ]
    ),
    VALUE,
)
ANY = Policy(allow_origins=Origins(any_origin=True))


@given(
    origin=st.one_of(st.none(), VALUE.filter(bool)),
    target=VALUE,
    upstream=st.lists(FIELD, max_size=4),
    status=st.sampled_from([200, 302, 304, 401, 407, 500, 999]),
    mode=st.sampled_from(Mode),
    names=st.one_of(st.none(), VALUE),
)
def test_any_exchange_can_be_told(
    *,
    origin: str | None,
    target: str,
    upstream: list[tuple[str, str]],
    status: int,
    mode: Mode,
    names: str | None,
) -> None:
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", names)]
    fields = [(name, value) for name, value in asked if value is not None] if names else []
    policy = replace(ANY, mode=mode)
    one = exchange(
        "OPTIONS" if names else "GET",
        target,
        fields,
        origin=origin,
        policy=policy,
        upstream=upstream,
        status=status,
    )
    told = exchange_json(one)
    assert json.dumps(told)
    assert exchange_text(told | {"target": target}).replace("\n", "").isprintable()


@given(origin=VALUE, method=VALUE, name=VALUE, value=VALUE, target=VALUE, credentials=st.booleans())
def test_any_attempt_can_be_told(
    *, origin: str, method: str, name: str, value: str, target: str, credentials: bool
) -> None:
    attempt = Attempt(origin, method, [(name, value)], credentials, target)
    told = scene_text(scene(ANY, attempt, "http://localhost:8080"))
    assert told.replace("\n", "").isprintable()
