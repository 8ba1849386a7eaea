"""The patch is YAML that reads as what was meant."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.explain import patch
from tests.cors.explain.scenes import ANY, PAGE, POLICY


@given(st.text(st.characters(max_codepoint=255), min_size=1))
def test_a_scalar_reads_as_its_text(text: str) -> None:
    assert yaml.safe_load(f"- {patch.scalar(text)}") == [text]


@pytest.mark.parametrize(
    "text", ["*", "null", "NO", "on", "1:30", "http://localhost:*", "a: b", "x #y", "~", "1e3"]
)
def test_what_yaml_would_read_otherwise_is_quoted(text: str) -> None:
    assert patch.scalar(text) == f'"{text}"'


@pytest.mark.parametrize("text", [PAGE, "x-requested-with", "PUT", "https://a.test"])
def test_what_is_plain_stays_plain(text: str) -> None:
    assert patch.scalar(text) == text


def test_several_patches_are_one() -> None:
    both = patch.together([patch.setting("a", ["1"]), patch.setting("b", ["2"])])
    assert yaml.safe_load(both) == {"cors": {"a": [1], "b": [2]}}
    assert patch.together([]) == ""


def test_credentials_need_origins_by_name() -> None:
    assert yaml.safe_load(patch.credentials_for(POLICY, PAGE)) == {
        "cors": {"allow_credentials": True}
    }
    assert yaml.safe_load(patch.credentials_for(ANY, PAGE)) == {
        "cors": {"allow_origins": [PAGE], "allow_credentials": True}
    }
