"""The gateways are found by their files."""

from pathlib import Path

import pytest

from corsproxy import gateways
from corsproxy.gateways.conversion.registry import gateway, names

FILES = sorted(Path(gateways.__path__[0]).glob("*.py"))


def test_each_file_is_a_gateway_by_its_name() -> None:
    stems = {path.stem.replace("_", "-") for path in FILES if path.stem != "__init__"}
    assert stems <= {*names()}


def test_names_have_an_order() -> None:
    assert names() == sorted(names())


@pytest.mark.parametrize("name", names())
def test_each_gateway_has_a_title_and_is_good_for_something(name: str) -> None:
    found = gateway(name)
    assert found.title
    assert found.write or found.read or found.profile
    assert bool(found.forms) == bool(found.write)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_asks_for_another_gateway_by_its_name(path: Path) -> None:
    others = [name for name in names() if name.replace("-", "_") != path.stem]
    text = path.read_text()
    assert [name for name in others if f"gateways.{name.replace('-', '_')}" in text] == []


@pytest.mark.parametrize("name", names())
def test_each_gateway_has_its_section_in_the_docs(name: str) -> None:
    docs = Path(__file__).parents[3] / "docs"
    assert any(f"`{name}`" in page.read_text() for page in docs.glob("gateways*.md"))
