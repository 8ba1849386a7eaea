"""Notes: what was found, by place, and not more than anyone reads."""

from corsproxy.config import ConfigError, load_text
from corsproxy.config.yaml_text.tree import MAX_DIAGNOSTICS, NodeError, Notes
from corsproxy.cors.span import Span


def test_what_follows_from_a_mistake_at_the_same_place_is_not_told() -> None:
    notes = Notes("f")
    notes.error("unset-variable", Span("f", 1, 5, 4), "not set")
    with notes.at(Span("f", 1, 2, 10)):
        raise NodeError("not-an-address", "no address")
    with notes.at(Span("f", 2, 2, 10)):
        raise NodeError("not-an-address", "no address")
    assert [(found.id, found.span.line) for found in notes.sorted] == [
        ("unset-variable", 1),
        ("not-an-address", 2),
    ]


def test_the_same_is_told_once() -> None:
    notes = Notes("f")
    for _ in range(3):
        notes.error("a", Span("f", 1, 1), "m")
    assert len(notes.sorted) == 1


def test_more_mistakes_than_anyone_reads_are_counted() -> None:
    text = "".join(f"key{i}: 1\n" for i in range(230))
    try:
        load_text(text.encode(), "f", {}, {}, offline=True)
    except ConfigError as error:
        *told, last = error.diagnostics
    assert len(told) == 200
    assert (last.id, last.message) == ("more-found", "30 more were found and are not shown")


def test_a_mistake_counts_even_where_it_is_not_told() -> None:
    notes = Notes("f")
    for i in range(MAX_DIAGNOSTICS):
        notes.warning("a", Span("f", i + 1, 1), "m")
    assert not notes.mistaken
    notes.error("b", Span("f", 1, 1), "m")
    assert notes.mistaken
    assert notes.sorted[-1].severity == "error"
