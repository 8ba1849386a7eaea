"""An element taken out of a list."""

import pytest

from corsproxy.config.yaml_text.removal import Lists

LINES = "a:\n  - x\n  # about y\n  - y\n  - z\n"


@pytest.mark.parametrize(
    ("text", "element", "left"),
    [
        pytest.param("a: [x, y, z]\n", "x", "a: [y, z]\n", id="the first between brackets"),
        pytest.param("a: [x, y, z]\n", "y", "a: [x, z]\n", id="one in the middle"),
        pytest.param("a: [x, y, z]\n", "z", "a: [x, y]\n", id="the last"),
        pytest.param("a: [ü, y,\n  z]\n", "z", "a: [ü, y]\n", id="one of the next line"),
        pytest.param("a: [{r: x}, y]\n", "x", "a: [y]\n", id="a mapping"),
        pytest.param("b: {c: [x, y]}\n", "y", "b: {c: [x]}\n", id="one that stands deep"),
        pytest.param(LINES, "- x", LINES.replace("  - x\n", ""), id="the first line"),
        pytest.param(LINES, "- z", LINES.replace("  - z\n", ""), id="the last line"),
        pytest.param("a:\r\n- x\r\n- y\r\n", "- y", "a:\r\n- x\r\n", id="other line ends"),
        pytest.param("a:\n- x\n- y", "- y", "a:\n- x\n", id="no line end at all"),
        pytest.param("a:\n- r: x\n- y\n", "r: x", "a:\n- y\n", id="a mapping of its own line"),
    ],
)
def test_only_the_element_is_taken_out(text: str, element: str, left: str) -> None:
    found = Lists(text).removal(text.index(element) + (2 if element.startswith("- ") else 0))
    assert found is not None
    assert text[: found[0]] + text[found[1] :] == left


@pytest.mark.parametrize(
    ("text", "element"),
    [
        pytest.param("a: [x]\n", "x", id="the only one"),
        pytest.param("a:\n  - x # why\n  - y\n", "x", id="one with a comment"),
        pytest.param("a: [x, # why\n y]\n", "x", id="one with a comment between brackets"),
        pytest.param("a:\n  - - x\n    - y\n  - z\n", "x", id="one of a list in a list's line"),
        pytest.param("a: x\n", "x", id="none of a list"),
        pytest.param("a: [x, y\n", "x", id="no YAML"),
    ],
)
def test_nothing_is_taken_out_where_something_else_would_go_too(text: str, element: str) -> None:
    assert Lists(text).removal(text.index(element, 2)) is None


def test_what_aliases_name_again_and_again_is_looked_at_once() -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    text = "\n".join(["a0: &a0 [x, y]", *levels])
    assert Lists(text).removal(text.index("y")) == (text.index(", y"), text.index("]"))
    assert Lists("a: &a [x, *a]").removal(8) is not None
