"""A span prints as editors and terminals understand it."""

from corsproxy.cors.span import Span


def test_a_place_in_a_file_is_file_line_and_column() -> None:
    assert str(Span("config.yaml", 3, 7)) == "config.yaml:3:7"


def test_a_flag_is_its_name() -> None:
    assert str(Span("--allow-origin")) == "--allow-origin"
