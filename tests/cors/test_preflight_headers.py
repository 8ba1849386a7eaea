"""The fields that answer a preflight, so that the browser stops where it should."""

from dataclasses import replace

import pytest

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Names, Policy

A = "https://a.test"
LISTED = Policy(
    Origins([OriginPattern.parse(A)]), Names(("PUT", "PURGE")), Names(("X-A", "authorization"))
)
WILD = Policy(Origins([OriginPattern.parse(A)]), Names(any=True), Names(("X-Listed",), any=True))
REFLECTING = replace(WILD, allow_credentials=True)


def sent(policy: Policy, method: str = "PUT", names: str = "", private: str = "") -> dict[str, str]:
    request = Request("OPTIONS", A, method, names, private or None)
    return dict(decide(policy, request).headers)


@pytest.mark.parametrize(
    ("policy", "method", "value"),
    [
        pytest.param(LISTED, "PUT", "PUT, PURGE", id="the whole list"),
        pytest.param(LISTED, "GET", "PUT, PURGE", id="the whole list for a safelisted method"),
        pytest.param(LISTED, "DELETE", "PUT, PURGE", id="the whole list for a refused method"),
        pytest.param(WILD, "PUT", "*", id="the wildcard"),
        pytest.param(WILD, "TRACE", "*", id="the wildcard for a forbidden method"),
        pytest.param(
            WILD, "M" * 65, "GET, HEAD, POST", id="not even the wildcard for one too long"
        ),
        pytest.param(REFLECTING, "M" * 64, "M" * 64, id="as long as may be"),
        pytest.param(REFLECTING, "M" * 65, "GET, HEAD, POST", id="under credentials none too long"),
        pytest.param(REFLECTING, "PURGE", "PURGE", id="under credentials the method asked"),
        pytest.param(REFLECTING, "TRACE", "GET, HEAD, POST", id="never a refused one"),
        pytest.param(Policy(LISTED.allow_origins), "GET", None, id="no list, none needed"),
        pytest.param(
            Policy(LISTED.allow_origins),
            "PUT",
            "GET, HEAD, POST",
            id="no list, refused: a browser might take a missing one for the method asked",
        ),
        pytest.param(
            replace(REFLECTING, allow_methods=Names(("PUT",), any=True)),
            "PUT",
            "PUT",
            id="listed and asked: once",
        ),
    ],
)
def test_allow_methods(policy: Policy, method: str, value: str | None) -> None:
    assert sent(policy, method).get("Access-Control-Allow-Methods") == value


@pytest.mark.parametrize(
    ("policy", "names", "value"),
    [
        pytest.param(LISTED, "x-a", "X-A, authorization", id="the whole list"),
        pytest.param(LISTED, "x-b", "X-A, authorization", id="the whole list, names refused"),
        pytest.param(LISTED, "", "X-A, authorization", id="the whole list, nothing asked"),
        pytest.param(LISTED, "x y", None, id="malformed: nothing"),
        pytest.param(LISTED, ",".join(f"x{n}" for n in range(65)), None, id="too many: nothing"),
        pytest.param(WILD, "x" * 4097, None, id="too long: nothing"),
        pytest.param(WILD, "", "X-Listed", id="wildcard, nothing asked"),
        pytest.param(WILD, "x-b, x-C", "X-Listed, x-b, x-c", id="wildcard: the names asked"),
        pytest.param(WILD, "x-listed,x-b", "X-Listed, x-b", id="wildcard: each name once"),
        pytest.param(
            WILD,
            "accept-x,authorization,x-b",
            "X-Listed, accept-x, x-b",
            id="wildcard: a refused name is left out, so that the console names it",
        ),
        pytest.param(REFLECTING, "x-b", "X-Listed, x-b", id="under credentials likewise"),
        pytest.param(Policy(LISTED.allow_origins), "x-b", None, id="nothing allowed"),
    ],
)
def test_allow_headers(policy: Policy, names: str, value: str | None) -> None:
    assert sent(policy, names=names).get("Access-Control-Allow-Headers") == value


@pytest.mark.parametrize(
    ("max_age", "value"),
    [
        pytest.param(None, None, id="nothing said"),
        pytest.param(600, "600", id="seconds"),
        pytest.param(0, "0", id="none"),
        pytest.param(-1, "0", id="off: digits are all that Fetch reads"),
    ],
)
def test_max_age(max_age: int | None, value: str | None) -> None:
    assert sent(replace(LISTED, max_age=max_age)).get("Access-Control-Max-Age") == value


@pytest.mark.parametrize(
    ("allowed", "asked", "value"),
    [
        pytest.param(True, "true", "true", id="asked and allowed"),
        pytest.param(True, "True", None, id="asked in another case"),
        pytest.param(True, "false", None, id="not asked"),
        pytest.param(True, "", None, id="field absent"),
        pytest.param(False, "true", None, id="not allowed"),
    ],
)
def test_allow_private_network(allowed: bool, asked: str, value: str | None) -> None:
    policy = replace(LISTED, allow_private_network=allowed)
    assert sent(policy, private=asked).get("Access-Control-Allow-Private-Network") == value


@pytest.mark.parametrize(
    ("exposed", "credentials", "value"),
    [
        pytest.param(Names(("etag",)), False, "etag", id="listed"),
        pytest.param(Names(any=True), False, "*", id="everything"),
        pytest.param(Names(any=True), True, None, id="everything, a response's own names"),
        pytest.param(Names(), False, None, id="nothing"),
    ],
)
def test_expose_headers(exposed: Names, credentials: bool, value: str | None) -> None:
    policy = replace(LISTED, expose_headers=exposed, allow_credentials=credentials)
    assert sent(policy).get("Access-Control-Expose-Headers") == value


@pytest.mark.parametrize("credentials", [True, False])
def test_the_origin_is_named_and_credentials_are_said_where_they_are_allowed(
    credentials: bool,
) -> None:
    fields = sent(replace(LISTED, allow_credentials=credentials))
    assert fields["Access-Control-Allow-Origin"] == A
    assert ("Access-Control-Allow-Credentials" in fields) is credentials


def test_nothing_is_said_to_a_refused_origin() -> None:
    request = Request("OPTIONS", "https://evil.test", "PUT")
    assert decide(replace(LISTED, allow_private_network=True, max_age=5), request).headers == ()
