import pytest

from corsproxy.config.differences import differences, policies_by_place
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config

BEFORE = """
upstream: http://a.test
cors:
  allow_origins: [http://localhost:5173]
  allow_methods: [PUT]
routes:
  - {path: /auth, upstream: "http://b.test"}
  - {path: /old, strip_path: true}
forward: {request_headers: {set: {x-key: "${KEY}", x-a: b}}}
"""


def config(text: str, key: str = "s3cret") -> Config:
    return load_text(text.encode(), "policy.yaml", {"KEY": key}, {}).config


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("upstream", "upstream", [], id="nothing"),
        pytest.param("[PUT]", "[PUT]  # why", [], id="a comment"),
        pytest.param(
            "[http://localhost:5173]",
            "[http://b.test, 'https://*.a.test']",
            ["cors.allow_origins: + http://b.test, + https://*.a.test, - http://localhost:5173"],
            id="origins, which routes inherit",
        ),
        pytest.param(
            "[http://localhost:5173]",
            "'*'",
            ["cors.allow_origins: + *, - http://localhost:5173"],
            id="any origin",
        ),
        pytest.param(
            "[PUT]",
            "['*', PUT, PATCH]",
            ["cors.allow_methods: + *, + PATCH"],
            id="methods",
        ),
        pytest.param(
            "routes:",
            "log: {level: debug}\nadmin: off\nroutes:",
            ["admin: 127.0.0.1:8081 -> none", "log.level: info -> debug"],
            id="values",
        ),
        pytest.param(
            "/old, strip_path: true", "/new", ["routes: + /new", "routes: - /old"], id="a route"
        ),
        pytest.param(
            'upstream: "http://b.test"',
            "cors: {allow_methods: [PATCH]}",
            [
                "routes, /auth: cors.allow_methods: + PATCH, - PUT",
                "routes, /auth: upstream: http://b.test -> http://a.test",
            ],
            id="in a route",
        ),
        pytest.param(
            "strip_path: true",
            "upstream_tls: {verify: false}",
            [
                "routes, /old: strip_path: true -> false",
                "routes, /old: upstream_tls: changed",
            ],
            id="the trust of a route",
        ),
        pytest.param(
            "x-a: b", "x-b: b", ["forward.request_headers.set: + x-b, - x-a"], id="a header"
        ),
        pytest.param(
            "x-a: b", "x-a: c", ["forward.request_headers.set: x-a changed"], id="its value"
        ),
        pytest.param(
            '{x-key: "${KEY}", x-a: b}', '{x-a: b, x-key: "${KEY}"}', [], id="another order"
        ),
    ],
)
def test_what_changed_is_named(old: str, new: str, told: list[str]) -> None:
    assert old in BEFORE
    assert differences(config(BEFORE), config(BEFORE.replace(old, new))) == told


def test_a_secret_is_not_shown() -> None:
    found = differences(config(BEFORE), config(BEFORE, key="an0ther"))
    assert found == ["forward.request_headers.set: x-key changed"]


def test_a_password_that_changed_is_told_as_that() -> None:
    one, other = (
        config(f"upstream: http://a\nupstream_proxy: http://me:{word}@proxy:3128")
        for word in ("s3cret", "an0ther")
    )
    assert differences(one, other) == ["upstream_proxy: changed"]


def test_a_policy_is_found_by_the_place_of_its_route() -> None:
    found = policies_by_place(config(BEFORE.replace("/auth,", "/auth, cors: {max_age: 7},")))
    assert {place: policy.max_age for place, policy in found.items()} == {
        "": None,
        "/auth": 7,
        "/old": None,
    }
