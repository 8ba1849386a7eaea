"""Headers that are set and removed: from file, variable and flag; which are free, and secrets."""

from collections.abc import Mapping
from typing import Any

import pytest

from corsproxy.config import ConfigError, load_text
from corsproxy.config.config_writer import to_yaml
from corsproxy.config.diagnostics import render
from corsproxy.config.settings import Config, HeaderChanges, SetHeader

FILE = "upstream: http://127.0.0.1:8000\nforward: {{{}}}\n"
KEY = "forward.request_headers.set"
SECRET = "acme and sons"  # nothing about it looks like a secret


def config(
    forward: str = "", environ: Mapping[str, str] | None = None, **flags: tuple[str, ...]
) -> Config:
    text = FILE.format(forward).encode()
    given: dict[str, Any] = {KEY: flags["set"]} if flags else {}
    return load_text(text, "f.yaml", environ or {}, given).config


def requests(found: Config) -> HeaderChanges:
    return found.forward.request_headers


def test_a_value_in_the_file_is_text_whatever_yaml_takes_it_for() -> None:
    found = requests(config("request_headers: {set: {X-A: 1, X-B: true, X-C: null, X-D: ' d '}}"))
    values = [(header.name, header.value, header.reference) for header in found.set]
    assert values == [("X-A", "1", ""), ("X-B", "true", ""), ("X-C", "", ""), ("X-D", "d", "")]


@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        pytest.param({"CORSPROXY_SET_REQUEST_HEADER": "X-A: a, b\nX-B:c:d\n\n"}, {}, id="variable"),
        pytest.param({}, {"set": ("X-A: a, b", "X-B:c:d")}, id="flags"),
    ],
)
def test_a_line_for_each_comes_from_a_variable_and_from_flags(
    environ: dict[str, str], flags: dict[str, Any]
) -> None:
    found = requests(config("request_headers: {set: {X-Z: z}}", environ, **flags))
    assert [(header.name, header.value) for header in found.set] == [
        ("X-A", "a, b"),
        ("X-B", "c:d"),
    ]


def test_both_directions_have_lists_of_their_own() -> None:
    text = "request_headers: {remove: [X-A, x-b]}, response_headers: {set: {X-C: c}, remove: [d]}"
    forward = config(text).forward
    assert forward.request_headers == HeaderChanges((), ("X-A", "x-b"))
    assert forward.response_headers == HeaderChanges((SetHeader("X-C", "c"),), ("d",))
    assert forward.response_headers.names == {"x-c", "d"}


@pytest.mark.parametrize(
    ("found", "reference"),
    [
        pytest.param(
            lambda: config("request_headers: {set: {X-A: 'to ${A}'}}", {"A": SECRET}),
            "to ${A}",
            id="a variable in the file",
        ),
        pytest.param(lambda: config(set=(f"X-A: {SECRET}",)), "${X_A}", id="a flag"),
        pytest.param(
            lambda: config("", {"CORSPROXY_SET_REQUEST_HEADER": f"x-a: {SECRET}"}),
            "${X_A}",
            id="a variable",
        ),
    ],
)
def test_what_does_not_stand_in_the_file_is_a_secret_and_is_not_written(
    found: Any, reference: str
) -> None:
    made = found()
    (header,) = requests(made).set
    assert (header.value.removeprefix("to "), header.reference) == (SECRET, reference)
    written = to_yaml(made)
    assert SECRET not in written
    again = load_text(written.encode(), "g.yaml", {"A": SECRET, "X_A": SECRET}, {}).config
    assert requests(again).set[0].value == header.value


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "\x7f", "\u20ac"])
def test_no_value_can_end_its_line_and_none_is_repeated(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config("request_headers: {set: {X-A: '${A}'}}", {"A": f"{SECRET}{value}"})
    (told,) = caught.value.diagnostics
    assert (told.id, told.span.line) == ("header-malformed", 2)
    assert SECRET not in render([told])


@pytest.mark.parametrize(
    ("flag", "id_"),
    [
        pytest.param(SECRET, "header-malformed", id="no colon"),
        pytest.param(f"X A: {SECRET}", "header-malformed", id="no name"),
        pytest.param(f"Host: {SECRET}", "header-not-free", id="Host"),
        pytest.param(f"Transfer-Encoding: {SECRET}", "header-not-free", id="framing"),
    ],
)
def test_a_mistaken_flag_is_told_without_its_value(flag: str, id_: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(set=(flag,))
    (told,) = caught.value.diagnostics
    assert (told.id, str(told.span)) == (id_, "--set-request-header")
    assert SECRET not in render([told])


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        pytest.param("{set: [X-A]}", "expected-mapping", id="a list"),
        pytest.param("{set: X-A}", "expected-mapping", id="a text"),
        pytest.param("{set: {X-A: [1]}}", "expected-text", id="a list for a value"),
        pytest.param("{remove: [a b]}", "header-malformed", id="a name that is none"),
        pytest.param("[X-A]", "expected-mapping", id="no mapping"),
        pytest.param("{add: {X-A: 1}}", "unknown-key", id="another word"),
    ],
)
def test_another_shape_is_told(text: str, id_: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(f"request_headers: {text}")
    assert [told.id for told in caught.value.diagnostics] == [id_]
