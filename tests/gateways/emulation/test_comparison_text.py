"""A comparison as table and as JSON."""

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.reasons import explained
from corsproxy.gateways.emulation.comparison import Elsewhere
from corsproxy.gateways.emulation.comparison_text import comparison_json, table

WHY = explained("origin-malformed", {"origin": "x"})
FOUND = [
    Elsewhere("fetch", False, "answered 204", "forwarded", True, ()),
    Elsewhere("a-gateway", True, "refused 403", "not sent", False, (WHY,)),
    Elsewhere("other", False, "refused 403", "not sent", False, (WHY,)),
]
ATTEMPT = Attempt("https://a.test\x1b[31m", "PUT", credentials=True)


def test_columns_stand_below_each_other_and_each_reason_is_told_once() -> None:
    assert (
        table(ATTEMPT, FOUND)
        == f"""\
PUT from https://a.test\\x1b[31m, with credentials

gateway      preflight     request    the page
fetch        answered 204  forwarded  readable
a-gateway *  refused 403   not sent   blocked: origin-malformed
other        refused 403   not sent   blocked: origin-malformed

* from the gateway's documentation; nobody could run it

origin-malformed: {WHY.text}
"""
    )


def test_nothing_is_marked_where_all_were_seen() -> None:
    assert "*" not in table(ATTEMPT, FOUND[:1])


def test_as_json_it_has_the_same() -> None:
    found = comparison_json(ATTEMPT, FOUND)
    assert (found["method"], found["credentials"]) == ("PUT", True)
    fetch, other, _ = found["gateways"]
    assert (fetch["known"], fetch["outcome"], fetch["reasons"]) == ("observed", "readable", [])
    assert (other["known"], other["outcome"]) == ("documented", "blocked")
    assert [why["id"] for why in other["reasons"]] == ["origin-malformed"]
