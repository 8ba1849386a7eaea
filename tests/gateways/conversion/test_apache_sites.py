"""Apache: which route a path leads to, as it came and as it is decoded."""

import re

import pytest

from corsproxy.gateways.conversion.apache_sites import block, passes, places, quoted, refusals
from tests.gateways.converted import table

ROUTES = """- {path: /a, cors: {max_age: 5}}
- {path: /a/b, strip_path: true, cors: {max_age: 6}}"""


def test_one_route_needs_no_place_and_no_refusal() -> None:
    (site,) = table("- path: /a")
    assert list(refusals(site)) == []
    assert [where for where, _ in places(site)] == [""]
    assert list(passes(site)) == ['ProxyPass / "http://127.0.0.1:8000/" nocanon']


@pytest.mark.parametrize(
    ("path", "age"),
    [("/", None), ("/a", 5), ("/a/", 5), ("/ab", None), ("/a/b", 6), ("/a/b/c", 6), ("/a/bc", 5)],
)
def test_a_decoded_path_is_in_the_place_of_one_route(path: str, age: int | None) -> None:
    (site,) = table(ROUTES)
    found = [export.policy.max_age for where, export in places(site) if re.search(where, path)]
    assert found == [age]


def test_an_expression_that_fits_skips_all_that_come_after_it() -> None:
    (site,) = table(ROUTES)
    rules = [line for line in refusals(site) if line.startswith("RewriteRule")]
    assert [rule.rpartition(" ")[2] for rule in rules] == [
        "[E=CORS_TARGET:%1]",
        "[E=CORS_REFUSED:1,R=400,L]",
        "[S=3]",
        "[E=CORS_REFUSED:1,R=400,L]",
        "[S=1]",
        "[E=CORS_REFUSED:1,R=400,L]",
    ]


def test_a_prefix_that_is_taken_away_leaves_a_slash() -> None:
    (site,) = table(ROUTES)
    assert list(passes(site)) == [
        'ProxyPass /a/b/ "http://127.0.0.1:8000/" nocanon',
        'ProxyPass /a/b "http://127.0.0.1:8000/" nocanon',
        'ProxyPass /a "http://127.0.0.1:8000/a" nocanon',
        'ProxyPass / "http://127.0.0.1:8000/" nocanon',
    ]


def test_what_cannot_be_said_is_refused_and_leads_nowhere() -> None:
    (site,) = table("- {path: /a;b, cors: {max_age: 5}}")
    assert len(list(passes(site))) == 1
    assert [where for where, _ in places(site)] == ["^(?!/a;b(?:/|$))"]
    assert not [line for line in refusals(site) if "[S=" in line]


def test_a_section_ends_with_its_name_and_a_word_keeps_its_marks() -> None:
    assert list(block("If x", ["y"])) == ["<If x>", "    y", "</If>"]
    assert quoted('a\\b"') == '"a\\\\b\\""'
