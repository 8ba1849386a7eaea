import json
from dataclasses import replace
from pathlib import Path

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import NETWORK_ERROR
from corsproxy.cors.policy import Mode
from corsproxy.watch.inspector import details as module
from corsproxy.watch.inspector.details import details, partner
from tests.watch.exchanges import PAGE, POLICY, STRANGER, exchange, failed, preflight, refused

NOW = 1_800_000_001.0


def at(second: float, made: Exchange) -> Exchange:
    return made._replace(started=1_800_000_000.0 + second)


def test_a_refusal_has_reason_place_patch_and_the_consoles_message() -> None:
    told = details(refused(), (), NOW)
    [check, method] = told["checks"]
    assert (check["passed"], method["passed"]) == (False, True)
    assert check["place"] == "config.yaml:3:3"
    assert told["patch"] == (f"cors:\n  allow_origins:\n    - {PAGE}\n    - {STRANGER}\n")
    assert told["console"].splitlines() == [
        "Chrome: MissingAllowOriginHeader",
        "Firefox: CORSMissingAllowOrigin",
        "WebKit: is not allowed by Access-Control-Allow-Origin",
    ]
    assert not told["outcome"]["readable"]["omit"]


def test_several_refusals_make_one_patch() -> None:
    told = details(preflight("PATCH", "x-b"), (), NOW)
    assert told["patch"].count("cors:") == 1
    assert "- PATCH\n" in told["patch"]
    assert "- x-b\n" in told["patch"]


def test_fields_are_marked_by_what_became_of_them() -> None:
    made = exchange(upstream=[("Access-Control-Allow-Origin", "*"), ("ETag", "1")])
    told = details(made, (), NOW)
    assert told["response"]["passed_on"]
    assert ["stripped", "Access-Control-Allow-Origin", "*"] in told["response"]["headers"]
    assert ["kept", "ETag", "1"] in told["response"]["headers"]
    assert ["added", "Access-Control-Allow-Origin", PAGE] in told["response"]["headers"]
    assert ["added", "Via", "1.1 corsproxy"] in told["request"]["headers"]


def test_a_response_of_our_own_is_all_added_and_a_request_that_stayed_is_all_kept() -> None:
    told = details(preflight(), (), NOW)
    assert {mark for mark, *_ in told["request"]["headers"]} == {"kept"}
    assert {mark for mark, *_ in told["response"]["headers"]} == {"added"}
    assert not told["response"]["passed_on"]


def test_a_request_and_its_preflight_are_shown_together() -> None:
    asked, actual = preflight("PUT", target="/a"), at(0.1, exchange("PUT", "/a"))
    assert details(actual, (actual, asked), NOW)["partner"]["id"] == asked.id
    assert details(asked, (actual, asked), NOW)["partner"]["id"] == actual.id


def test_the_nearest_partner_is_taken() -> None:
    early, asked = preflight("PUT"), at(10, preflight("PUT"))
    first, second = at(11, exchange("PUT")), at(12, exchange("PUT"))
    newest_first = (second, first, asked, early)
    assert partner(second, newest_first) is asked
    assert partner(asked, newest_first) is first


def test_what_came_before_its_preflight_does_not_follow_it() -> None:
    actual, asked = exchange("PUT"), at(1, preflight("PUT"))
    assert partner(actual, (asked, actual)) is None
    assert partner(asked, (asked, actual)) is None


def test_what_was_long_ago_belongs_to_something_else() -> None:
    asked, late = preflight("PUT"), at(100, exchange("PUT"))
    assert partner(late, (late, asked)) is None
    assert partner(asked, (late, asked)) is None


def test_an_exchange_is_not_its_own_partner() -> None:
    asked = preflight("OPTIONS")
    assert partner(asked, (asked,)) is None


def test_a_granted_preflight_that_nothing_followed_is_noticed_after_a_while() -> None:
    asked = preflight("PUT")
    ids = [notice["id"] for notice in details(asked, (asked,), NOW + 10)["notices"]]
    assert "actual-request-missing" in ids
    assert details(asked, (asked,), NOW)["notices"] == []


def test_validate_tells_the_differences() -> None:
    policy = replace(POLICY, mode=Mode.VALIDATE)
    assert details(exchange(policy=policy), (), NOW)["differences"]
    assert details(exchange(), (), NOW)["differences"] == []


def test_a_failure_is_told() -> None:
    told = details(failed(), (), NOW)
    assert (told["failure"], told["status"]) == ("refused", 502)
    assert told["detail"].endswith("refused the connection")


def test_no_secret_is_told() -> None:
    canary = "c4n4ry"
    made = exchange(
        "GET",
        f"/a?token={canary}",
        [
            ("Authorization", f"Bearer {canary}"),
            ("Proxy-Authorization", f"Basic {canary}"),
            ("Cookie", f"a={canary}"),
            ("X-Api-Key", canary),
            ("Referer", f"http://u:{canary}@h/?key={canary}"),
        ],
        origin=f"http://u:{canary}@h",
        upstream=[("Set-Cookie", f"s={canary}"), ("Location", f"/?code={canary}")],
    )
    asked = preflight("GET", target=f"/a?token={canary}", origin=f"http://u:{canary}@h")
    for told in (details(made, (asked,), NOW), details(asked, (made,), NOW + 10)):
        assert canary not in json.dumps(told)


def test_the_page_says_of_what_is_blocked_what_probe_and_explain_say() -> None:
    script = Path(module.__file__).with_name("page") / "scene.js"
    assert f"Blocked: {NETWORK_ERROR}." in script.read_text("utf-8")
