"""Diagnostics as people, programs and GitHub read them."""

import pytest

from corsproxy.config import ConfigError, load_text
from corsproxy.config.diagnostics import (
    Diagnostic,
    Severity,
    render,
    render_github,
    shown,
)
from corsproxy.cors.span import Span

MISTAKE = Diagnostic(
    "unknown-key",
    Severity.ERROR,
    "no setting is called 'orgins'",
    Span("config.yaml", 3, 3, 6),
    "origins",
    "  orgins: [https://app.example:443]",
)
FLAG = Diagnostic("out-of-range", Severity.WARNING, "too many, 100%: x", Span("--max-age"))


def test_people_see_the_place_the_line_a_caret_and_the_fix() -> None:
    assert render([MISTAKE]) == (
        "config.yaml:3:3: error: no setting is called 'orgins' [unknown-key]\n"
        "    3 |   orgins: [https://app.example:443]\n"
        "      |   ^^^^^^\n"
        "  fix: origins\n"
    )


def test_a_flag_has_no_line() -> None:
    assert render([FLAG]) == "--max-age: warning: too many, 100%: x [out-of-range]\n"


def test_colour_adds_escapes_and_nothing_else() -> None:
    coloured = render([MISTAKE, FLAG], colour=True)
    for escape in ("\033[31m", "\033[33m", "\033[1m", "\033[2m", "\033[0m"):
        assert escape in coloured
        coloured = coloured.replace(escape, "")
    assert coloured == render([MISTAKE, FLAG])


def test_github_gets_commands_in_which_nothing_can_end_early() -> None:
    assert render_github([MISTAKE, FLAG]) == (
        "::error file=config.yaml,line=3,col=3,endColumn=9,title=unknown-key::"
        "no setting is called 'orgins'%0Afix: origins\n"
        "::warning file=--max-age,title=out-of-range::too many, 100%25: x\n"
    )


def test_github_is_told_of_no_file_where_there_is_none() -> None:
    found = Diagnostic("some-id", Severity.ERROR, "m", Span(""), None)
    assert render_github([found]) == "::error title=some-id::m\n"


def test_nothing_that_a_terminal_acts_upon_is_printed() -> None:
    assert shown("a\x1b[31m\n\u202e\x9bü") == r"a\x1b[31m\n\u202e\x9bü"


def test_of_a_very_long_line_the_part_around_the_mistake_is_shown() -> None:
    line = f"a: [{'x, ' * 5000}wrong, {'y, ' * 5000}]"
    column = line.index("wrong") + 1
    found = Diagnostic("some-id", Severity.ERROR, "m", Span("f", 1, column, 5), None, line)
    _, shown_line, caret, _ = render([found]).split("\n")
    assert len(shown_line) < 250
    assert shown_line[caret.index("^") : caret.rindex("^") + 1] == "wrong"


@pytest.mark.parametrize("before", ["a", "\u65e5\u672c", "\u00e9"])
def test_the_caret_stands_below_what_is_wrong_whatever_is_before_it(before: str) -> None:
    text = f'upstream: http://h\ncors: {{allow_origins: ["http://{before}.test", x y]}}\n'
    with pytest.raises(ConfigError) as caught:
        load_text(text.encode(), "f", {}, {})
    [found] = [one for one in caught.value.diagnostics if "x y" in one.message]
    _, line, caret, *_ = render([found]).splitlines()
    columns = sum(2 if letter > "\u3000" else 1 for letter in line[: line.index("x y")])
    assert caret.index("^") == columns
