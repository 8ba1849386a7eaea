import shlex
from typing import Any

import pytest

from corsproxy.config.loading import load_text

FILE = b"""upstream: http://a.test
cors:
  allow_origins: [http://a.test, http://b.test]
  allow_methods: [PUT, PATCH]
forward: {request_headers: {remove: [x-a]}}
"""
ORIGIN = "cors.allow_origins"


@pytest.mark.parametrize(
    ("environ", "flags", "told", "fix"),
    [
        pytest.param(
            {},
            {ORIGIN: ("http://c.test",)},
            "--allow-origin replaces allow_origins at policy.yaml:3:18,"
            " with 'http://a.test' and 1 more in it",
            "--allow-origin http://a.test --allow-origin http://b.test --allow-origin http://c.test",
            id="a flag",
        ),
        pytest.param(
            {"CORSPROXY_ALLOW_ORIGIN": "http://b.test,http://c.test"},
            {},
            "CORSPROXY_ALLOW_ORIGIN replaces allow_origins at policy.yaml:3:18,"
            " with 'http://a.test' in it",
            "CORSPROXY_ALLOW_ORIGIN=http://a.test,http://b.test,http://c.test",
            id="a variable",
        ),
        pytest.param(
            {},
            {"forward.request_headers.remove": ("x-b",)},
            "--remove-request-header replaces forward.request_headers.remove at policy.yaml:5:37,"
            " with 'x-a' in it",
            "--remove-request-header x-a --remove-request-header x-b",
            id="names",
        ),
    ],
)
def test_a_list_that_counts_no_more_is_told_with_what_gives_both(
    environ: dict[str, str], flags: dict[str, Any], told: str, fix: str
) -> None:
    (found,) = load_text(FILE, "policy.yaml", environ, flags).warnings
    assert (found.id, found.message, found.fix) == ("list-replaced", told, fix)


@pytest.mark.parametrize(
    ("environ", "flags"),
    [
        pytest.param({}, {ORIGIN: ("http://b.test", "http://a.test", "http://c.test")}, id="more"),
        pytest.param({}, {"cors.max_age": "5"}, id="no list"),
        pytest.param({}, {"cors.expose_headers": ("etag",)}, id="not in the file"),
        pytest.param(
            {"CORSPROXY_EXPOSE_HEADER": "x-a"},
            {"cors.expose_headers": ("etag",)},
            id="a variable's list by a flag",
        ),
    ],
)
def test_nothing_is_told_where_nothing_is_lost(
    environ: dict[str, str], flags: dict[str, Any]
) -> None:
    assert load_text(FILE, "policy.yaml", environ, flags).warnings == []


def test_many_values_have_no_fix_of_flags() -> None:
    origins = ", ".join(f"http://a{n}.test" for n in range(9))
    text = f"upstream: http://a.test\ncors: {{allow_origins: [{origins}]}}".encode()
    (found,) = load_text(text, "policy.yaml", {}, {ORIGIN: ("http://b.test",)}).warnings
    assert found.message.endswith("with 'http://a0.test' and 8 more in it")
    assert found.fix is None


def test_a_regex_is_given_by_its_flag() -> None:
    text = b"upstream: http://a.test\ncors: {allow_origins: [{regex: 'http://[a-z]\\.test'}]}"
    (found,) = load_text(text, "policy.yaml", {}, {ORIGIN: ("http://b.test",)}).warnings
    assert found.fix == r"--allow-origin 'regex:http://[a-z]\.test' --allow-origin http://b.test"
    flags = {ORIGIN: tuple(shlex.split(found.fix)[1::2])}
    assert load_text(text, "policy.yaml", {}, flags).warnings == []


def test_headers_that_are_set_no_more_are_named_and_no_value_is_shown() -> None:
    text = FILE.replace(b"remove: [x-a]", b"set: {X-A: s3cret, X-B: b}")
    flags = {"forward.request_headers.set": ("X-B: an0ther", "X-C: c")}
    (found,) = load_text(text, "policy.yaml", {}, flags).warnings
    assert "replaces forward.request_headers.set at policy.yaml:5:" in found.message
    assert "with 'x-a' in it" in found.message
    assert found.fix is None


def test_an_address_in_place_of_another_is_no_list() -> None:
    assert load_text(FILE + b"listen: 8080", "f", {}, {"listen": ("8090",)}).warnings == []
