"""Where nothing but a regex is asked, one that matches too much is lost and told."""

import pytest

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.whole_regex import kept
from tests.gateways.converted import config


def went(origins: str) -> tuple[list[str], int]:
    export = Export.of(config(f"allow_origins: [{origins}]"))
    return [str(pattern) for pattern in kept(export)], len(export.losses)


def test_a_careful_regex_is_kept() -> None:
    assert went("{regex: 'https://[a-z]+'}") == (["regex https://[a-z]+"], 0)


@pytest.mark.parametrize("careless", [".*", "n.*", "[*]|https://a", "", "null|https://a"])
def test_one_that_matches_the_opaque_origin_the_star_or_nothing_is_lost(careless: str) -> None:
    assert went(f"https://a.test, {{regex: '{careless}'}}") == (["https://a.test"], 1)


def test_the_opaque_origin_may_be_matched_where_it_is_listed() -> None:
    assert went("'null', {regex: 'n.*'}") == (["null", "regex n.*"], 0)
