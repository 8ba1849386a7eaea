"""`${NAME}` and `${NAME:-default}`, replaced from the environment; `$${` is a literal `${`."""

import re
from collections.abc import Mapping

from corsproxy.config.diagnostics import Advice
from corsproxy.config.yaml_text.tree import Notes
from corsproxy.cors.span import Span

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)(?=\{)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
    r"|(?P<open>\{))"
)


def substitute(text: str, span: Span, notes: Notes, environ: Mapping[str, str]) -> tuple[str, bool]:
    """`text` with its references replaced, and whether there were any; mistakes are noted."""
    if "${" not in text:
        return text, False
    replaced = False

    def value(shape: re.Match[str]) -> str:
        nonlocal replaced
        if shape["escaped"]:
            return "$"
        where = _place(shape[0], shape.start(), span, notes)
        if shape["open"]:
            message = "expected ${NAME} or ${NAME:-default}; a literal ${ is written $${"
            notes.error("malformed-variable", where, message, "$${")
            return ""
        replaced = True
        # As in a shell, `:-` stands for an empty variable too.
        found = environ.get(shape["name"]) or shape["default"]
        if found is None:
            message = f"the variable {shape['name']} is not set"
            fix = Advice(f"${{{shape['name']}:-default}}")
            notes.error("unset-variable", where, message, fix)
            return ""
        return found

    return _REFERENCE.sub(value, text), replaced


def _place(reference: str, offset: int, span: Span, notes: Notes) -> Span:
    """Where `reference` stands in the line where its value begins, else the value's own place."""
    line = notes.lines[span.line - 1] if 0 < span.line <= len(notes.lines) else ""
    column = line.find(reference, span.column - 1 + offset) + 1
    return Span(span.source, span.line, column, len(reference)) if column else span
