from hypothesis import given
from hypothesis import strategies as st

from corsproxy.watch.message_head import Mark, compared, parse_head

FIELDS = st.lists(st.tuples(st.sampled_from("abAB"), st.sampled_from("12")), max_size=6)


def test_a_head_is_its_first_line_and_its_field_lines() -> None:
    head = parse_head(b"GET /\xe9 HTTP/1.1\r\nHost: a\r\nX-A:  b\xff \r\nX-A:\r\n\r\n")
    assert head.start == "GET /\xe9 HTTP/1.1"
    assert head.headers == (("Host", "a"), ("X-A", "b\xff"), ("X-A", ""))


def test_no_head_has_no_fields() -> None:
    assert parse_head(b"") == ("", ())


def test_each_line_is_kept_added_or_stripped_and_stands_where_it_stood() -> None:
    came = [("Server", "x"), ("Access-Control-Allow-Origin", "*"), ("ETag", "1")]
    left = [("server", "x"), ("ETag", "1"), ("Vary", "Origin")]
    assert [(line.mark, line.name) for line in compared(came, left)] == [
        (Mark.KEPT, "server"),
        (Mark.STRIPPED, "Access-Control-Allow-Origin"),
        (Mark.KEPT, "ETag"),
        (Mark.ADDED, "Vary"),
    ]


@given(FIELDS, FIELDS)
def test_nothing_is_lost_and_nothing_invented(
    came: list[tuple[str, str]], left: list[tuple[str, str]]
) -> None:
    lines = compared(came, left)
    assert [(name, value) for mark, name, value in lines if mark is not Mark.STRIPPED] == left
    before = [(name.lower(), value) for mark, name, value in lines if mark is not Mark.ADDED]
    assert sorted(before) == sorted((name.lower(), value) for name, value in came)
