"""Where an upstream's own response differs from the policy, and where it may say it otherwise."""

import pytest

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.headers import Fields
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy
from corsproxy.cors.upstream_differences import asked_by, differences, names_for_pages

PAGE = "http://localhost:5173"
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
TRUE = ("Access-Control-Allow-Credentials", "true")
VARY = ("Vary", "Accept, ORIGIN")
METHODS = "Access-Control-Allow-Methods"
NAMES = "Access-Control-Allow-Headers"
EXPOSE = "Access-Control-Expose-Headers"
POLICY = Policy(
    allow_origins=Origins([OriginPattern.parse(PAGE)]),
    allow_methods=Names(("PUT", "DELETE")),
    allow_headers=Names(("X-A",)),
    expose_headers=Names(("ETag",)),
    allow_credentials=True,
    max_age=600,
    mode=Mode.VALIDATE,
)
ANY = Policy(
    allow_origins=Origins(any_origin=True),
    allow_methods=Names((), any=True),
    allow_headers=Names((), any=True),
    expose_headers=Names((), any=True),
    mode=Mode.VALIDATE,
)


def found(
    policy: Policy, request: Request, *fields: tuple[str, str], status: int = 200
) -> list[str]:
    return [told.id for told in differences(policy, decide(policy, request), status, fields)]


GET = Request("GET", PAGE)
PUT = Request("OPTIONS", PAGE, "PUT", "x-a")
AGE = ("Access-Control-Max-Age", "600")
GRANTED = (ALLOWED, TRUE, VARY, (METHODS, "PUT"), (NAMES, "x-a"), AGE)


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        pytest.param(GET, (ALLOWED, TRUE, VARY), id="a response"),
        pytest.param(GET, (ALLOWED, TRUE, VARY, ("ETag", "1"), (EXPOSE, "etag")), id="exposing"),
        pytest.param(GET, (ALLOWED, TRUE, ("Vary", "*"), ("Date", "x")), id="vary on everything"),
        pytest.param(PUT, GRANTED, id="a preflight that echoes what was asked"),
        pytest.param(
            PUT,
            (ALLOWED, TRUE, VARY, (METHODS, "GET, PUT, DELETE"), (NAMES, "X-A"), AGE),
            id="a preflight that lists all",
        ),
        pytest.param(Request("GET"), (("Access-Control-Allow-Origin", "*"),), id="no CORS request"),
        pytest.param(Request("GET", "http://evil.test"), (ALLOWED,), id="refused by both"),
    ],
)
def test_upstream_and_policy_agree(request_: Request, fields: Fields) -> None:
    assert found(POLICY, request_, *fields) == []


def test_a_policy_without_limits_agrees_with_whatever_is_granted() -> None:
    star = ("Access-Control-Allow-Origin", "*")
    assert found(ANY, PUT, star, (METHODS, "PUT, PURGE"), (NAMES, "x-a, x-b")) == []
    assert found(ANY, GET, star, ("ETag", "1"), (EXPOSE, "*")) == []
    assert found(ANY, GET, star, ("ETag", "1")) == ["upstream-hides-names"]


@pytest.mark.parametrize(
    ("request_", "status", "fields", "reasons"),
    [
        pytest.param(GET, 200, (), ["allow-origin-missing"], id="no fields"),
        pytest.param(GET, 200, (ALLOWED, VARY), ["allow-credentials-not-true"], id="credentials"),
        pytest.param(GET, 200, (ALLOWED, TRUE), ["vary-missing"], id="no Vary"),
        pytest.param(PUT, 404, GRANTED, ["preflight-status-not-ok"], id="preflight refused"),
        pytest.param(
            PUT,
            204,
            (ALLOWED, TRUE, VARY, (METHODS, "PATCH"), (NAMES, "x-a, x-b")),
            [
                "allow-methods-lacks-method",
                "upstream-grants-methods",
                "upstream-grants-names",
                "upstream-max-age",
            ],
            id="several at once",
        ),
        pytest.param(
            Request("OPTIONS", PAGE, "PURGE"),
            204,
            (ALLOWED, TRUE, VARY, AGE),
            [],
            id="refused by both, at the method",
        ),
        pytest.param(
            Request("OPTIONS", PAGE, "PURGE"),
            204,
            (ALLOWED, TRUE, VARY, AGE, (METHODS, "PURGE")),
            ["upstream-grants-methods"],
            id="granted by the upstream alone",
        ),
        pytest.param(
            Request("PURGE", PAGE),
            200,
            (ALLOWED, TRUE, VARY, ("X-B", "1"), (EXPOSE, "X-B")),
            [],
            id="an actual request that is refused is not compared further",
        ),
    ],
)
def test_differences(request_: Request, status: int, fields: Fields, reasons: list[str]) -> None:
    assert found(POLICY, request_, *fields, status=status) == reasons


def test_a_response_that_renews_a_stored_one_is_not_judged() -> None:
    assert found(POLICY, GET, status=304) == []


def test_a_wildcard_is_more_than_a_list() -> None:
    star = ("Access-Control-Allow-Origin", "*")
    assert found(POLICY, GET, star) == [
        "allow-origin-wildcard-with-credentials",
        "upstream-grants-any-origin",
    ]


def test_the_words_for_a_preflight_name_the_twin_of_the_error() -> None:
    [told] = differences(POLICY, decide(POLICY, PUT), 204, [])
    assert told.chrome == "PreflightMissingAllowOriginHeader"


def test_the_attempt_behind_a_request_asks_for_the_names_that_were_asked() -> None:
    request = Request("OPTIONS", PAGE, "GET", "accept,,content-type,x-a")
    assert asked_by(request, credentials=True).unsafe_names == ("accept", "content-type", "x-a")
    assert asked_by(Request("GET"), credentials=False).origin == ""


def test_names_that_no_page_asks_for_are_left_out() -> None:
    assert names_for_pages(["date", "etag", "set-cookie", "access-control-max-age"]) == ["etag"]
