"""The comments of a file stay with the settings that they are about."""

import pytest

from corsproxy.config.loading import gather
from corsproxy.config.yaml_text.tree import Notes
from corsproxy.cors.span import Span
from corsproxy.learn.comments import WRITTEN, Comments
from corsproxy.learn.given_text import sections


def learned_anew(content: str) -> str:
    notes = Notes("policy.yaml")
    given = gather(content.encode(), notes, {"HOST": "a.test"}, {})
    found = sections(given, Comments(notes.lines))
    return "".join(f"{line}\n" for lines in found.values() for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("# Ours,\n# and only here.\nlisten: 8080\n", id="above a setting"),
        pytest.param("listen: 8080 # ours\n", id="beside it"),
        pytest.param('upstream: "http://${HOST}/#a" # not # this\n', id="not within quotes"),
        pytest.param('har: "a.har #1"\n', id="what only looks like one"),
        pytest.param("allowed_hosts: [a.test, b.test] # both\n", id="behind a list"),
        pytest.param("allowed_hosts: []\n", id="where there is none"),
        pytest.param(
            "allowed_hosts:\n  # The first.\n  - a.test\n  - b.test # the second\n",
            id="in a list of lines",
        ),
        pytest.param(
            "# How long.\ntimeouts: # s\n  # At most.\n  head: 5 # seconds\n",
            id="of a group and in it",
        ),
        pytest.param(
            "forward:\n  request_headers: # d\n    set:\n      # Of the test.\n      X-A: b # c\n",
            id="deep inside",
        ),
    ],
)
def test_comments_stay(content: str) -> None:
    assert learned_anew(content) == content


def test_what_a_blank_line_keeps_apart_is_about_nothing() -> None:
    assert learned_anew("# A licence.\n\nlisten: 8080\n") == "listen: 8080\n"


def test_the_line_that_is_written_anyway_is_not_written_twice() -> None:
    assert learned_anew(f"{WRITTEN}\n# Ours.\nlisten: 8080\n") == "# Ours.\nlisten: 8080\n"


def test_an_alias_has_no_comment_of_its_anchor() -> None:
    text = learned_anew("listen: &a 8080 # here\nadmin: *a\n")
    assert text == "listen: 8080 # here\nadmin: 8080\n"


def test_a_flag_has_no_comment_and_a_text_without_the_group_neither() -> None:
    comments = Comments(["# a", "listen: 8080"])
    assert comments.above(Span("--listen")) == []
    assert comments.of_group("cors") == ["cors:"]
    assert comments.of_inner_group("set") == "set:"


def test_a_group_in_one_line_has_its_comment_beside_its_settings() -> None:
    assert learned_anew("log: {level: info} # all\n") == "log:\n  level: info # all\n"
