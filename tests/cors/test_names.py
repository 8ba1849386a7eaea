"""What a policy may list: methods that a browser can ask for, headers that a script can use."""

from typing import Any

import pytest

from corsproxy.cors.names import (
    NameRejected,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)


def test_names_are_joined_with_the_wildcard_first() -> None:
    assert str(Names(("etag", "x-a"))) == "etag, x-a"
    assert str(Names(("authorization",), any=True)) == "*, authorization"
    assert str(Names()) == ""
    assert [bool(n) for n in (Names(), Names(any=True), Names(("x",)))] == [False, True, True]


def test_the_wrong_entries_of_a_list_are_found_once_for_each_setting() -> None:
    names = Names(("x-a", "a b", "cookie", "set-cookie"))
    assert [error.entry for error in names.method_errors] == [1]
    assert [error.entry for error in names.request_name_errors] == [1, 2, 3]
    assert [error.entry for error in names.exposed_name_errors] == [1, 3]
    assert names.method_errors is names.method_errors


@pytest.mark.parametrize("entry", ["", "a\r\nX-Evil: 1", "a\n", "a,b", "*", 7, None])
def test_what_is_not_a_name_is_wrong_in_every_list(entry: Any) -> None:
    names = Names((entry,))
    assert [error.entry for error in names.method_errors] == [0]
    assert [error.entry for error in names.request_name_errors] == [0]
    assert [error.entry for error in names.exposed_name_errors] == [0]


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "PURGE", "PATCH", "patch", "x!", "*"])
def test_a_method_that_a_browser_can_ask_for(method: str) -> None:
    assert check_method(method) == method


@pytest.mark.parametrize(
    ("method", "words", "fix"),
    [
        pytest.param("", "is not a method", None, id="empty"),
        pytest.param("A B", "is not a method", None, id="blank"),
        pytest.param("r\u00e9sum\u00e9", "is not a method", None, id="accents"),
        pytest.param("TRACE", "no browser", None, id="forbidden"),
        pytest.param("track", "no browser", None, id="forbidden, small letters"),
        pytest.param("put", "in capitals", "PUT", id="normalised by browsers"),
        pytest.param("M" * 65, "at most 64 bytes", None, id="too long"),
    ],
)
def test_a_method_that_no_browser_asks_for(method: str, words: str, fix: str | None) -> None:
    with pytest.raises(NameRejected, match=words) as raised:
        check_method(method)
    assert raised.value.fix == fix


@pytest.mark.parametrize("name", ["content-type", "Authorization", "X-A", "user-agent", "accept"])
def test_a_request_header_that_a_script_can_set(name: str) -> None:
    assert check_request_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "résumé",
        "x:y",
        "Host",
        "cookie",
        "Sec-Foo",
        "Proxy-Foo",
        "Access-Control-Allow-Origin",
        "Access-Control-Request-Method",
    ],
)
def test_a_request_header_that_no_script_can_set(name: str) -> None:
    with pytest.raises(NameRejected):
        check_request_name(name)


@pytest.mark.parametrize("name", ["etag", "X-A", "Content-Type", "access-control-allow-origin"])
def test_a_response_header_that_a_script_can_read(name: str) -> None:
    assert check_exposed_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "résumé",
        "Set-Cookie",
        "set-cookie2",
        "Origin",
        "Access-Control-Request-Method",
        "access-control-request-headers",
    ],
)
def test_a_response_header_that_no_script_can_read(name: str) -> None:
    with pytest.raises(NameRejected):
        check_exposed_name(name)
