"""What an export has made of a pattern is that pattern again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.foreign_regex import as_exported
from corsproxy.gateways.conversion.origin_regex import regex
from tests.cors.strategies import PATTERNS

HERE = Span("x", 1, 1)


@given(pattern=st.sampled_from(PATTERNS))
def test_a_pattern_is_read_back(pattern: OriginPattern | RegexPattern) -> None:
    assert as_exported(regex(pattern), HERE) == pattern


@pytest.mark.parametrize("text", ["https://a.test", "(?:a)|(?:b)", "https://.*", "(", "x"])
def test_what_no_export_has_made_is_not_taken_for_one(text: str) -> None:
    assert as_exported(text, HERE) is None
