"""What a format cannot say is cut and told, entry by entry, and nothing else is."""

from dataclasses import replace

import pytest

from corsproxy.cors.names import Names
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.narrowing import ANY, Cut, first, narrow
from tests.gateways.converted import of_policy

A, B = OriginPattern.parse("https://a.test"), OriginPattern.parse("https://b.test")
POLICY = Policy(
    Origins([A, B]),
    Names(("PUT",), any=True),
    Names(("x-a", "Authorization"), any=True),
    Names(("etag",)),
    allow_credentials=True,
    max_age=-1,
    refused_request=RefusedRequest.FORWARD,
)
SETTINGS = ("allow_origins", "allow_methods", "allow_headers", "expose_headers", "max_age")
CUTS = {name: Cut(name, "") for name in (*SETTINGS, "allow_credentials")} | {
    name + ANY: Cut(name + ANY, "") for name in SETTINGS
}

CASES = {
    "nothing": (POLICY, []),
    "an origin": (replace(POLICY, allow_origins=Origins([A])), ["allow_origins"]),
    "what a wildcard covers is no cut": (replace(POLICY, allow_methods=Names(any=True)), []),
    "a wildcard": (replace(POLICY, allow_methods=Names(("PUT",))), ["allow_methods *"]),
    "both": (replace(POLICY, allow_methods=Names()), ["allow_methods *", "allow_methods"]),
    "what no wildcard covers": (replace(POLICY, allow_headers=Names(any=True)), ["allow_headers"]),
    "the age that is sent is the same": (replace(POLICY, max_age=0), []),
    "another age": (replace(POLICY, max_age=1), ["max_age"]),
    "credentials": (replace(POLICY, allow_credentials=False), ["allow_credentials"]),
}


@pytest.mark.parametrize(("said", "told"), CASES.values(), ids=CASES.keys())
def test_each_cut_is_told(said: Policy, told: list[str]) -> None:
    export = Export.of(of_policy(POLICY))
    narrow(export, said, CUTS)
    assert [loss.effect for loss in export.losses] == told
    assert export.policy == said


def test_of_a_list_that_is_too_long_the_first_are_kept_each_once() -> None:
    assert first(Names(("a", "a", "b", "c"), any=True), 2) == Names(("a", "b"), any=True)
