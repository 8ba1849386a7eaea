"""load: a Config, or every mistake at once."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config import Config, ConfigError, load, load_text
from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.config.loading import NO_UPSTREAM
from corsproxy.config.schema import SETTINGS
from corsproxy.cors.decision import Request, decide
from corsproxy.cors.policy import Mode, Names

FILE = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins: [http://a.test, "http://localhost:*"]
  allow_methods: [PUT, "*", DELETE]
  max_age: 600
routes:
  - path: /auth/
    upstream: http://127.0.0.1:9000
    cors: {max_age: null, allow_methods: [PATCH]}
  - path: /
    host: b.test
  - path: /plain
"""


def config_of(text: str) -> Config:
    return load_text(text.encode(), "f.yaml", {}, {}).config


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_text(text.encode(), "f.yaml", {}, {})
    return [f"{found.span.line}: {found.id}" for found in caught.value.diagnostics]


def test_a_route_inherits_the_upstream_and_each_setting_of_the_policy() -> None:
    config = config_of(FILE)
    auth, b, plain, last = config.routes
    assert auth.policy.allow_origins == config.policy.allow_origins
    assert (auth.policy.max_age, config.policy.max_age) == (None, 600)
    assert auth.policy.allow_methods == Names(("PATCH",))
    assert auth.upstream == UpstreamAddress("http", "127.0.0.1", 9000)
    assert b.upstream == plain.upstream == config.upstream
    assert b.policy is plain.policy is last.policy is config.policy


def test_the_catch_all_is_added_last() -> None:
    assert [(route.path, route.host) for route in config_of(FILE).routes] == [
        ("/auth/", None),
        ("/", "b.test"),
        ("/plain", None),
        ("/", None),
    ]


def test_a_catch_all_that_is_given_goes_last_and_keeps_its_place_in_the_file() -> None:
    text = FILE.replace("routes:\n", "routes:\n  - path: /\n    cors: {max_age: 1}\n")
    config = config_of(text)
    assert config.routes[-1].policy.max_age == 1
    assert len(config.routes) == 4
    assert str(config.spans["routes.3.path"]) == "f.yaml:7:11"
    assert str(config.spans["routes.0.path"]) == "f.yaml:9:11"


def test_each_setting_and_element_has_its_place() -> None:
    policy = config_of(FILE).policy
    assert {key: str(span) for key, span in policy.spans.items()} == {
        "allow_origins": "f.yaml:3:3",
        "allow_origins.0": "f.yaml:3:19",
        "allow_origins.1": "f.yaml:3:34",
        "allow_methods": "f.yaml:4:3",
        "allow_methods.0": "f.yaml:4:19",
        "allow_methods.1": "f.yaml:4:29",
        "max_age": "f.yaml:5:12",
    }


def test_a_decision_names_the_line_that_settled_it() -> None:
    request = Request("OPTIONS", "http://localhost:1", "DELETE", None)
    origin, method, _ = decide(config_of(FILE).policy, request).findings
    assert (str(origin.settled_by), str(method.settled_by)) == ("f.yaml:3:34", "f.yaml:4:29")


def test_an_inherited_setting_keeps_the_place_it_was_inherited_from() -> None:
    spans = config_of(FILE).routes[0].policy.spans
    assert str(spans["allow_origins.1"]) == "f.yaml:3:34"
    assert str(spans["allow_methods.0"]) == "f.yaml:9:43"
    assert "allow_methods.1" not in spans


def test_all_mistakes_are_told_at_once_and_by_place() -> None:
    assert mistakes_of(
        "listn: 1\n"
        "cors:\n"
        "  allow_origins: [http://a.test/, http://b.test:80]\n"
        "  allow_methods: [TRACE]\n"
        "  max_age: -2\n"
        "routes: [{path: a}]\n"
    ) == [
        "1: unknown-key",
        "1: no-upstream",
        "3: not-an-origin",
        "3: not-an-origin",
        "4: method-never-sent",
        "5: out-of-range",
        "6: not-a-path",
    ]


def test_what_routes_inherit_wrong_is_told_once() -> None:
    text = 'upstream: http://a.test\ncors: {allow_origins: "*", allow_credentials: true}\nroutes:\n'
    routes = "".join(f"  - {{path: /{i}, cors: {{max_age: {i}}}}}\n" for i in range(3))
    assert mistakes_of(text + routes) == ["2: unsound-policy"]


def test_a_route_that_sets_anew_what_the_top_has_wrong_is_judged_by_its_own() -> None:
    text = "upstream: http://a.test\ncors: {max_age: -2}\nroutes:\n"
    own = '  - {path: /a, cors: {max_age: 5, allow_origins: "*", allow_credentials: true}}\n'
    inherits = '  - {path: /b, cors: {allow_origins: "*", allow_credentials: true}}\n'
    assert mistakes_of(text + own + inherits) == ["2: out-of-range", "4: unsound-policy"]


def test_a_missing_upstream_matters_only_to_those_who_forward() -> None:
    text = b"cors: {allow_origins: [http://a.test]}\n"
    with pytest.raises(ConfigError) as caught:
        load_text(text, "f.yaml", {}, {})
    assert [found.fix for found in caught.value.diagnostics] == ["upstream: http://127.0.0.1:8000"]
    assert load_text(text, "f.yaml", {}, {}, offline=True).config.upstream == NO_UPSTREAM
    with pytest.raises(ConfigError) as caught:
        load(None, {}, {})
    assert str(caught.value.diagnostics[0].span) == "--upstream"


def test_a_file_that_is_not_there_is_no_mistake_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.yaml", {}, {})


@pytest.mark.parametrize(
    ("upstream", "listen"),
    [
        pytest.param("http://localhost:80", "0.0.0.0:80", id="every address listens"),
        pytest.param("http://127.0.0.1:80", "'[::]:80'", id="every address of both families"),
        pytest.param("http://0.0.0.0:80", "80", id="no address, which is loopback"),
        pytest.param("http://[::]:80", "80", id="no address of IPv6"),
        pytest.param("http://0.0.0.0:80", "0.0.0.0:80", id="no address, and every"),
        pytest.param("http://192.168.1.5:80", "192.168.1.5:80", id="an address of a network"),
        pytest.param("unix:/a", "unix:/a", id="a socket"),
    ],
)
def test_an_upstream_that_is_the_proxy_is_a_mistake(upstream: str, listen: str) -> None:
    text = f"upstream: {upstream}\nlisten: {listen}\nadmin: off\n"
    assert mistakes_of(text) == ["1: upstream-is-the-proxy"]


@pytest.mark.parametrize(
    ("upstream", "listen"),
    [
        pytest.param("http://other.test:8080", "8080", id="our port on another machine"),
        pytest.param("http://other.test:80", "0.0.0.0:80", id="and every address listens"),
        pytest.param("http://127.0.0.1:80", "192.168.1.5:80", id="our port on loopback alone"),
        pytest.param("http://0.0.0.0:80", "192.168.1.5:80", id="no address, which is loopback"),
        pytest.param("http://127.0.0.1:81", "127.0.0.1:80", id="another port"),
        pytest.param("unix:/a", "unix:/b", id="another socket"),
        pytest.param("http://localhost:80", "unix:/b", id="no socket"),
        pytest.param("unix:/a", "127.0.0.1:80", id="a socket and a port"),
    ],
)
def test_an_upstream_beside_the_proxy_is_none(upstream: str, listen: str) -> None:
    text = f"upstream: {upstream}\nlisten: {listen}\nadmin: off\n"
    assert str(config_of(text).upstream) == upstream.removesuffix(":80")


def test_settings_have_their_values() -> None:
    config = config_of(
        "upstream: https://a.test\nlisten: 0\nadmin: off\nfast_lane: false\n"
        "forward: {host: preserve}\ntimeouts: {head: 0.5}\nlimits: {body_bytes: 10}\n"
        "trusted_proxies: [10.0.0.0/8, '::1']\nhar: a.har\ncors: {mode: strip}\n"
    )
    assert config.listen == (TcpAddress("127.0.0.1", 0),)
    assert (config.admin, config.fast_lane, config.forward.host) == (None, False, "preserve")
    assert (config.timeouts.head, config.timeouts.idle) == (0.5, 300)
    assert (config.limits.body_bytes, config.limits.connections) == (10, 1000)
    assert [str(network) for network in config.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert (config.har, config.policy.mode) == (Path("a.har"), Mode.STRIP)


@pytest.mark.parametrize(
    "host", ["api", "backend1", "api.v2", "10.0.0.1", "[::1]", "api:80", "10.0.0.1:80", "[::1]:80"]
)
def test_a_host_is_given_to_the_upstream_by_its_name_with_a_port_or_without(host: str) -> None:
    config = config_of(f"upstream: http://a.test\nforward: {{host: '{host}'}}\n")
    assert config.forward.host == host


@pytest.mark.parametrize(
    "host", ["", "api:", ":80", "api:65536", "api:80:80", "api:-1", "::1", "Api", "api/1", "api 1"]
)
def test_what_is_no_host_is_not_given_to_the_upstream(host: str) -> None:
    assert len(mistakes_of(f"upstream: http://a.test\nforward: {{host: '{host}'}}\n")) == 1


KEYS = [setting.key.rpartition(".")[2] for setting in SETTINGS] + ["routes", "cors", "path", "x"]
VALUES = st.recursive(
    st.one_of(
        st.sampled_from(["*", "NO", "1:30", "~", "8080", "http://a.test", '"*"', "-1", "true"]),
        st.text(alphabet="a*:/[]{}\\${}~-.0Z", max_size=12).map(repr),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_settings_make_a_config_or_mistakes(settings: dict[str, str]) -> None:
    text = "".join(f"{key}: {value}\n" for key, value in settings.items())
    with suppress(ConfigError):
        load_text(text.encode(), "f.yaml", {}, {}, offline=True)


@given(st.dictionaries(st.sampled_from([s.key for s in SETTINGS]), st.text(max_size=20)))
def test_any_flags_make_a_config_or_mistakes(flags: dict[str, str]) -> None:
    with suppress(ConfigError):
        load(None, {}, flags)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"timeouts: {{connect: {'9' * 5000}s}}", id="seconds with a unit"),
        pytest.param(f"limits: {{connections: {'9' * 5000}:30}}", id="base 60"),
        pytest.param(f"limits: {{connections: 1{':30' * 5000}}}", id="many places in base 60"),
        pytest.param(f"limits: {{connections: 0x{'f' * 9000}}}", id="hexadecimal"),
        pytest.param(f"listen: {'9' * 5000}", id="a port"),
        pytest.param(f"forward: {{host: 'api:{'9' * 5000}'}}", id="the port of a host"),
        pytest.param("forward: {host: 'api:\xb2'}", id="a port that is no digit of ours"),
        pytest.param(f"cors: {{allow_origins: ['http://{'1' * 5000}']}}", id="an address"),
        pytest.param(f"cors: {{max_age: {'9' * 5000}}}", id="an age"),
    ],
)
def test_no_number_is_too_long_to_be_told_as_a_mistake(text: str) -> None:
    with pytest.raises(ConfigError):
        load_text(text.encode(), "policy.yaml", {}, {}, offline=True)
