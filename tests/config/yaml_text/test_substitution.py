"""${NAME} in a policy file."""

import pytest

from corsproxy.config.yaml_text.reader import read
from corsproxy.config.yaml_text.tree import Notes, Scalar

ENVIRON = {"HOST": "a.test", "EMPTY": "", "YAML": "[x, y]: &z"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("${HOST}", "a.test", id="set"),
        pytest.param("http://${HOST}:${PORT:-80}", "http://a.test:80", id="inside of a text"),
        pytest.param("${NONE:-}", "", id="an empty default"),
        pytest.param("${EMPTY:-b.test}", "b.test", id="an empty variable takes the default"),
        pytest.param("$${HOST}", "${HOST}", id="escaped"),
        pytest.param("$HOST", "$HOST", id="no braces, no reference"),
        pytest.param("${YAML}", "[x, y]: &z", id="a value is text and never YAML"),
    ],
)
def test_a_reference_is_replaced(text: str, value: str) -> None:
    notes = Notes("f.yaml")
    root = read(f"a: '{text}'\n".encode(), notes, ENVIRON)
    assert notes.sorted == []
    assert root is not None
    scalar = root.values["a"]
    assert isinstance(scalar, Scalar)
    assert scalar.text == value


@pytest.mark.parametrize(
    ("line", "column", "id_"),
    [
        pytest.param("a: x${NONE}", 5, "unset-variable", id="plain"),
        pytest.param("a: 'x ${HOST} ${NONE}'", 15, "unset-variable", id="quoted, the second one"),
        pytest.param("a: ${EMPTY}", 4, "unset-variable", id="an empty variable is as good as none"),
        pytest.param("a: ${NONE", 4, "malformed-variable", id="without an end"),
        pytest.param("a: '${1}'", 5, "malformed-variable", id="no name"),
    ],
)
def test_a_mistake_has_the_place_of_the_reference(line: str, column: int, id_: str) -> None:
    notes = Notes("f.yaml")
    read(line.encode(), notes, ENVIRON)
    (found,) = notes.sorted
    assert (found.id, found.span.column) == (id_, column)
