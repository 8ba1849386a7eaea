"""YAML's parser events, and what its syntax errors mean to the one who made them."""

import re
from collections.abc import Iterator, Sequence

import yaml

from corsproxy.config.diagnostics import Advice
from corsproxy.config.yaml_text.tree import NodeError
from corsproxy.cors.span import Span

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTED = re.compile(r"""(["'])[^\s,\[\]{}]*""")
_STARRED = re.compile(r"\*[^\s,\[\]{}]*")


class Unreadable(Exception):
    """The text is no YAML from `span` on, or none that is read here."""

    def __init__(self, span: Span, mistake: NodeError) -> None:
        super().__init__(mistake.message)
        self.span = span
        self.mistake = mistake


def events(text: str, lines: Sequence[str], source: str) -> Iterator[yaml.Event]:
    """The events of `text`; raises Unreadable at the first that cannot be made."""
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.reader.ReaderError as error:
        mistake = NodeError("control-character", "a control character, which YAML does not allow")
        raise Unreadable(_place_of(text, error, source), mistake) from None
    except yaml.MarkedYAMLError as error:
        raise _explained(error, lines, source) from None


def starred(line: str, column: int) -> str:
    """The word that begins with a star at `column`, as it has to be quoted."""
    shape = _STARRED.match(line, column)
    return f'"{shape[0] if shape else "*"}"'


def _explained(error: yaml.MarkedYAMLError, lines: Sequence[str], source: str) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    at = (mark.line, mark.column) if mark else (0, 0)
    line = lines[at[0]] if at[0] < len(lines) else ""
    if "alias" in (error.context or "") and error.context_mark:
        at = error.context_mark.line, error.context_mark.column
        message = "an unquoted `*` begins an alias in YAML"
        mistake = NodeError("unquoted-star", message, starred(line, at[1]))
    elif "quoted scalar" in (error.context or "") and error.context_mark:
        return _unclosed(error.context_mark, lines, source)
    elif line[at[1] : at[1] + 1] == "\t" or line[: at[1]].endswith("\t"):
        message = "YAML is indented with spaces, not tabs"
        mistake = NodeError("tab", message, Advice("two spaces instead"))
    else:
        message = ", ".join(filter(None, (error.context, error.problem))) or "not read"
        mistake = NodeError("yaml-syntax", f"this is not YAML: {message}")
    return Unreadable(Span(source, at[0] + 1, at[1] + 1), mistake)


def _unclosed(mark: yaml.Mark, lines: Sequence[str], source: str) -> Unreadable:
    """Where the quote was opened; the end of the text, where it is missed, says nothing."""
    line = lines[mark.line] if mark.line < len(lines) else ""
    found = _QUOTED.match(line, mark.column)
    quote, word = (found[1], found[0]) if found else ('"', "")
    mistake = NodeError("unclosed-quote", "the quote that is opened here has no end", word + quote)
    span = Span(source, mark.line + 1, mark.column + 1, max(len(word), 1))
    return Unreadable(span, mistake)


def _place_of(text: str, error: yaml.reader.ReaderError, source: str) -> Span:
    """Where the character stands; the C parser counts bytes, so the character is looked for."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    at = found.start() if found else min(error.position or 0, len(text))
    before = text[:at]
    return Span(source, before.count("\n") + 1, at - before.rfind("\n"))
