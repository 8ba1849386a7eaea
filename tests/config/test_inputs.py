"""Flags, variables and files: which one wins, and what a policy from the shell is."""

from pathlib import Path

import pytest

from corsproxy.config import ConfigError, Loaded, load, load_text
from corsproxy.config.address import TcpAddress
from corsproxy.config.schema import SETTINGS
from corsproxy.cors.policy import Names

UPSTREAM = {"upstream": "http://127.0.0.1:8000"}
FILE = b"upstream: http://127.0.0.1:8000\nlisten: 1\ncors: {allow_origins: [http://file.test]}\n"
PEM = Path(__file__).parents[1] / "cases" / "lint" / "pem"
CERTIFICATE, KEY = str(PEM / "certificate.pem"), str(PEM / "key.pem")
HTTPS = b"upstream: http://a.test\nlisten: 1\ntls: {certificate: c, key: k}\nadmin: off\n"


@pytest.mark.parametrize(
    ("environ", "flags", "auto"),
    [
        pytest.param({"CORSPROXY_TLS": "auto"}, {}, True, id="a variable over the file"),
        pytest.param({}, {"tls": "auto"}, True, id="a flag over the file"),
        pytest.param(
            {"CORSPROXY_TLS": "auto"},
            {"tls.certificate": CERTIFICATE, "tls.key": KEY},
            False,
            id="a certificate in flags over auto in a variable",
        ),
    ],
)
def test_auto_and_a_certificate_replace_each_other(
    environ: dict[str, str], flags: dict[str, str], auto: bool
) -> None:
    tls = load_text(HTTPS, "f", environ, flags).config.tls
    assert (tls.auto, tls.certificate is None) == (auto, auto)


def test_auto_and_a_certificate_at_once_are_an_error() -> None:
    flags = {"tls": "auto", "tls.certificate": CERTIFICATE, "tls.key": KEY}
    with pytest.raises(ConfigError) as caught:
        load_text(FILE, "f", {}, flags)
    assert [found.id for found in caught.value.diagnostics] == ["certificate-twice"]


def test_several_addresses_come_from_a_flag_each_or_from_one_variable() -> None:
    both = (TcpAddress("127.0.0.1", 1), TcpAddress("a.test", 2, tls=True))
    flags = {"listen": ("1", "https://a.test:2")}
    assert load_text(FILE, "f", {}, flags).config.listen == both
    variable = {"CORSPROXY_LISTEN": "1, https://a.test:2"}
    assert load_text(FILE, "f", variable, {}).config.listen == both


def origins_of(loaded: Loaded) -> list[str]:
    return [str(pattern) for pattern in loaded.config.policy.allow_origins.patterns]


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file() -> None:
    environ = {"CORSPROXY_LISTEN": "2"}
    flags = {"listen": "3"}
    assert load_text(FILE, "f", {}, {}).config.listen == (TcpAddress("127.0.0.1", 1),)
    assert load_text(FILE, "f", environ, {}).config.listen == (TcpAddress("127.0.0.1", 2),)
    assert load_text(FILE, "f", environ, flags).config.listen == (TcpAddress("127.0.0.1", 3),)


def test_a_list_is_replaced_as_a_whole() -> None:
    flags = {"cors.allow_origins": ("http://a.test", "http://b.test")}
    assert origins_of(load_text(FILE, "f", {}, flags)) == ["http://a.test", "http://b.test"]


def test_a_list_in_a_variable_has_commas() -> None:
    environ = {"CORSPROXY_ALLOW_ORIGIN": "http://a.test, regex:http://b{1,2}\\.test,"}
    loaded = load(None, environ, UPSTREAM)
    assert origins_of(loaded) == ["http://a.test", "regex http://b{1,2}\\.test"]
    assert str(loaded.config.policy.spans["allow_origins"]) == "CORSPROXY_ALLOW_ORIGIN"


@pytest.mark.parametrize("text", ["off", "'off'"])
def test_off_is_a_word_where_a_setting_knows_it(text: str) -> None:
    file = FILE + f"forward: {{forwarded: {text}}}\n".encode()
    assert load_text(file, "f", {}, {}).config.forward.forwarded == "off"


def test_what_is_unwise_about_flags_is_told_by_the_flag() -> None:
    (warning,) = load(None, {}, UPSTREAM).warnings
    assert (warning.id, str(warning.span)) == ("no-origin-allowed", "--allow-origin")


def test_an_empty_variable_is_none() -> None:
    config = load_text(FILE, "f", {"CORSPROXY_LISTEN": ""}, {}).config
    assert config.listen == (TcpAddress("127.0.0.1", 1),)


@pytest.mark.parametrize("text", ["true", "false"])
def test_a_variable_has_no_type_of_its_own(text: str) -> None:
    environ = {"CORSPROXY_ALLOW_CREDENTIALS": text, "CORSPROXY_MAX_AGE": "-1"}
    policy = load_text(FILE, "f", environ, {}).config.policy
    assert (policy.allow_credentials, policy.max_age) == (text == "true", -1)


def test_a_mistaken_flag_or_variable_is_told_by_its_name() -> None:
    environ = {"CORSPROXY_MAX_AGE": "soon"}
    flags = {"cors.allow_origins": ("http://a.test/",), "cors.mode": "enforced"}
    with pytest.raises(ConfigError) as caught:
        load_text(FILE, "f", environ, flags)
    assert {str(found.span): found.id for found in caught.value.diagnostics} == {
        "--allow-origin": "not-an-origin",
        "--mode": "unknown-value",
        "CORSPROXY_MAX_AGE": "expected-number",
    }


def test_a_misspelt_variable_is_told_with_the_nearest_name() -> None:
    environ = {"CORSPROXY_ALLOW_ORIGINS": "http://a.test"}
    (found,) = load_text(FILE, "f", environ, {}).warnings
    assert (found.id, found.fix) == ("unknown-variable", "CORSPROXY_ALLOW_ORIGIN")


def test_a_variable_like_none_of_ours_is_told_without_a_guess() -> None:
    (found,) = load_text(FILE, "f", {"CORSPROXY_TYPO": "1"}, {}).warnings
    assert (found.id, found.fix) == ("unknown-variable", None)


@pytest.mark.parametrize(
    "name",
    [
        "CORSPROXY_CONFIG",
        "CORSPROXY_SERVICE_HOST",
        "CORSPROXY_SERVICE_PORT_HTTP",
        "CORSPROXY_PORT",
        "CORSPROXY_PORT_8080_TCP_ADDR",
    ],
)
def test_what_a_cluster_sets_for_a_service_of_our_name_is_left_alone(name: str) -> None:
    assert load_text(FILE, "f", {name: "tcp://10.0.0.1:80"}, {}).warnings == []


def test_origins_alone_make_the_quick_policy() -> None:
    flags = {**UPSTREAM, "cors.allow_origins": ("http://localhost:5173",)}
    loaded = load(None, {}, flags)
    policy = loaded.config.policy
    assert loaded.warnings == []
    assert policy.allow_credentials
    assert policy.allow_methods == Names(any=True)
    assert policy.allow_headers == Names(("authorization",), any=True)
    assert policy.expose_headers == Names(any=True)
    assert str(policy.spans["allow_methods"]) == "--allow-origin"


@pytest.mark.parametrize("origins", [("*",), "*"], ids=["flag", "variable"])
def test_any_origin_gets_no_credentials(origins: object) -> None:
    policy = load(None, {}, {**UPSTREAM, "cors.allow_origins": origins}).config.policy
    assert policy.allow_origins.any
    assert policy.allow_methods.any
    assert not policy.allow_credentials


@pytest.mark.parametrize(
    ("flags", "quick"),
    [
        pytest.param({"cors.max_age": "5"}, True, id="an age"),
        pytest.param({"cors.mode": "add"}, True, id="a mode"),
        pytest.param({"cors.allow_credentials": False}, True, id="no credentials"),
        pytest.param({"cors.allow_methods": ("PUT",)}, False, id="a method"),
        pytest.param({"cors.allow_headers": ("x-a",)}, False, id="a name"),
        pytest.param({"cors.expose_headers": ("etag",)}, False, id="an exposed name"),
    ],
)
def test_a_list_from_the_shell_means_a_policy_and_no_quick_one(
    flags: dict[str, object], quick: bool
) -> None:
    given = {**UPSTREAM, "cors.allow_origins": ("http://localhost:5173",), **flags}
    policy = load(None, {}, given).config.policy
    assert (policy.allow_methods.any and policy.allow_headers.any) is quick
    assert policy.allow_credentials is (quick and "cors.allow_credentials" not in flags)


def test_a_mistake_in_the_origins_is_told_with_the_quick_policy_too() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {}, {**UPSTREAM, "cors.allow_origins": ("",)})
    assert [found.id for found in caught.value.diagnostics] == ["not-an-origin"]


def test_a_file_with_origins_alone_is_no_quick_policy() -> None:
    policy = load_text(FILE, "f", {}, {"cors.allow_origins": ("http://a.test",)}).config.policy
    assert policy.allow_methods == Names()
    assert not policy.allow_credentials


def test_each_setting_has_a_flag_and_a_variable_of_its_own() -> None:
    assert len({setting.flag for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.variable.removeprefix("CORSPROXY_").isupper() for setting in SETTINGS)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param(
            "allow_origins: [http://a.test]", "cors: {allow_origins: [http://a.test]}", id="a list"
        ),
        pytest.param("allow_methods: PUT", "cors: {allow_methods: [PUT]}", id="a text for a list"),
        pytest.param("max_age: 5", "cors: {max_age: 5}", id="a number"),
        pytest.param('allow_headers: ["123"]', 'cors: {allow_headers: ["123"]}', id="quoted"),
        pytest.param("allow_origins: {regex: a}", "cors: {allow_origins: ...}", id="a mapping"),
        pytest.param(
            f"allow_headers: [{'a' * 200}]",
            f"cors: {{allow_headers: [{'a' * 200}]}}",
            id="as long as may be",
        ),
        pytest.param(f"allow_headers: [{'a' * 201}]", "cors: {allow_headers: ...}", id="too long"),
    ],
)
def test_a_setting_in_the_wrong_place_is_told_its_place_with_its_value(text: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(f"upstream: http://127.0.0.1:9\n{text}\n".encode(), "f", {}, {})
    assert [mistake.fix for mistake in caught.value.diagnostics] == [fix]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param("allow_methods: GET, PUT", "[GET, PUT]", id="methods"),
        pytest.param(
            "allow_origins: http://a.test,http://b.test",
            "[http://a.test, http://b.test]",
            id="origins",
        ),
        pytest.param("allow_headers: 'x-a, 12,'", '[x-a, "12"]', id="a number, and nothing"),
    ],
)
def test_a_list_written_as_one_text_is_told_as_a_list(text: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(f"upstream: http://127.0.0.1:9\ncors:\n  {text}\n".encode(), "f", {}, {})
    [mistake] = caught.value.diagnostics
    assert mistake.fix == fix
    assert load_text(
        f"upstream: http://127.0.0.1:9\ncors:\n  {text.partition(':')[0]}: {fix}\n".encode(),
        "f",
        {},
        {},
    )
