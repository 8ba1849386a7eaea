"""Options as JavaScript: what is a text stays one, and no slash ends a regex."""

import json

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.javascript import (
    Code,
    Keys,
    options,
    origin,
    origins,
    regex_literal,
    snippet,
    value,
)

KEYS = Keys("methods", "names", "exposed")


def test_a_slash_is_escaped_once() -> None:
    expected = r"/^https:\/\/(?:[a-z0-9_-]+\.)+a\.test$/"
    assert regex_literal(OriginPattern.parse("https://*.a.test")) == expected
    assert regex_literal(RegexPattern(r"https:\/\/a")).endswith(r"$)(?:https:\/\/a)$/")
    assert regex_literal(RegexPattern(r"https://a\\/")).endswith(r"(?:https:\/\/a\\\/)$/")


def test_single_origins_are_texts_and_patterns_regexes() -> None:
    policy = Policy.from_lists(origins=["https://a.test", "http://localhost:*"])
    assert origins(policy) == ["https://a.test", r"/^http:\/\/localhost(?::[1-9][0-9]{0,4})?$/"]
    assert origin(policy) == origins(policy)


def test_everybody_is_a_wildcard_and_beside_credentials_whoever_asks() -> None:
    assert origin(Policy.from_lists(origins=["*"])) == "*"
    reflected = Policy.from_lists(
        origins=["*"], credentials=True, dangerously_reflect_any_origin=True
    )
    assert origin(reflected) is True


def test_names_are_left_out_where_they_are_to_be_sent_back() -> None:
    echoed = Policy.from_lists(
        origins=["https://a.test"], headers=["*", "authorization"], credentials=True
    )
    assert "names" not in options(echoed, [], KEYS, ["Accept"])
    assert options(Policy(), [], KEYS, ["Accept"])["names"] == ["Accept"]
    assert options(Policy(max_age=-1), [], KEYS, [])["maxAge"] == 0


def test_a_text_cannot_be_left_and_code_stays_code() -> None:
    assert value('a"b') == json.dumps('a"b')
    assert value([Code("/a/"), "b", 1, True]) == '[/a/, "b", 1, true]'
    long = value(["x" * 50, "y" * 50], "  ")
    assert long.splitlines() == ["[", f'    "{"x" * 50}",', f'    "{"y" * 50}",', "  ]"]


def test_a_snippet_is_a_head_and_a_call() -> None:
    text = snippet(["// head"], "use(", {"a": 1, "b": "c"}, ");")
    assert text == '// head\n\nuse({\n  a: 1,\n  b: "c",\n});\n'
