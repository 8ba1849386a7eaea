"""A text as YAML reads as just this text."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.yaml_scalar import as_yaml
from tests.cors.explain.scenes import PAGE


@given(st.text(st.characters(max_codepoint=255), min_size=1))
def test_a_scalar_reads_as_its_text(text: str) -> None:
    """But for `${`, which the policy file itself takes for a variable unless it is doubled."""
    assert yaml.safe_load(f"- {as_yaml(text)}") == [text.replace("${", "$${")]


@pytest.mark.parametrize(
    "text",
    ["*", "null", "NO", "on", "1:30", "http://localhost:*", "a: b", "x #y", "~", "1e3", "1.5"],
)
def test_what_yaml_would_read_otherwise_is_quoted(text: str) -> None:
    assert as_yaml(text) == f'"{text}"'


@pytest.mark.parametrize("text", [PAGE, "x-requested-with", "PUT", "https://a.test", "90s", "1.5h"])
def test_what_is_plain_stays_plain(text: str) -> None:
    assert as_yaml(text) == text
