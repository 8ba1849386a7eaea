import re
from dataclasses import replace

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Mode
from corsproxy.cors.style import Style
from corsproxy.watch.log.terminal import Terminal
from corsproxy.watch.summary import WEBSOCKET_NOTE
from tests.watch.exchanges import PAGE, POLICY, STRANGER, exchange, failed, preflight, refused

CANARY = "c4n4ry"
NOW = 1_800_000_000.0


def test_a_request_is_one_line() -> None:
    line, *more = Terminal().lines(exchange("GET", "/a?b=1"))
    assert not more
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d GET     /a\?b=1 +200 +12 ms  http://localhost:5173 +granted", line
    )


@pytest.mark.parametrize("width", [0, 80, 120])
def test_a_long_path_keeps_its_end(width: int) -> None:
    long = "/seg" * 100 + "/users/42"
    lines = list(Terminal(lambda: Style(width=width)).lines(exchange("GET", long)))
    assert "rs/42 " in lines[0]
    assert lines[0].count("...") == 1


def test_a_refusal_adds_reason_place_and_fix() -> None:
    line, why, fix = Terminal().lines(refused())
    assert re.search(r"403 .*refused \(origin-not-allowed\)  id t3st-\d+$", line)
    assert why.strip().startswith(f"why: the origin '{STRANGER}' is not in allow_origins")
    assert why.endswith("[config.yaml:3:3]")
    assert fix.strip() == f"fix: add {STRANGER} to allow_origins"


def test_each_distinct_origin_and_reason_is_explained_once_and_counted_then() -> None:
    terminal = Terminal()
    first = [len(list(terminal.lines(refused(origin)))) for origin in (STRANGER, "http://b.test")]
    assert first == [3, 3]
    [again] = terminal.lines(refused())
    assert "(origin-not-allowed, 2 times)" in again


def test_a_preflight_is_explained_by_all_that_is_wrong_with_it() -> None:
    lines = list(Terminal().lines(preflight("PATCH", "x-b")))
    assert [line.strip()[:4] for line in lines[1:]] == ["why:", "fix:", "why:", "fix:"]


def login(line: str, left: str = "") -> Exchange:
    """A response that sets a cookie, which left as `left`."""
    one = exchange(upstream=[("Set-Cookie", line)])
    head = one.response_head.replace(line.encode(), (left or line).encode())
    return one._replace(response_head=head)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(login("s=1"), "", id="a cookie that is kept"),
        pytest.param(login("s=1; Domain=a.test", "s=1"), "was changed so that", id="adapted"),
        pytest.param(login("__Host-s=1"), "demands Secure", id="lost"),
    ],
)
def test_what_becomes_of_a_cookie_is_told_once(one: Exchange, told: str) -> None:
    terminal = Terminal()
    line, *rest = terminal.lines(one)
    assert "granted" in line
    assert [told in words for words in rest[:1]] == [True] * bool(told)
    assert [words.strip()[:5] for words in rest] == ["note:", "fix: "] * bool(told)
    assert len(list(terminal.lines(one))) == 1


def test_what_goes_on_has_its_line_before_its_end() -> None:
    terminal = Terminal()
    [line] = terminal.lines(login("__Host-s=1")._replace(open=True))
    assert line.endswith("granted, open")
    assert len(list(terminal.lines(login("__Host-s=1")))) == 3


def test_a_failure_names_the_upstream_once() -> None:
    terminal = Terminal()
    line, why = terminal.lines(failed())
    assert line.endswith("granted, upstream: refused")
    assert why.strip() == "why: the upstream http://127.0.0.1:8000 refused the connection"
    assert len(list(terminal.lines(failed()))) == 1


def test_what_only_the_browser_blocks_is_told_with_its_reason() -> None:
    terminal = Terminal()
    policy = replace(POLICY, mode=Mode.PASSTHROUGH)
    line, why, fix = terminal.lines(exchange(policy=policy))
    assert line.endswith("not judged, blocked by the browser (allow-origin-missing)")
    assert "has no Access-Control-Allow-Origin" in why
    assert fix.strip().startswith("fix: ")
    assert len(list(terminal.lines(exchange(policy=policy)))) == 1


def test_a_client_that_left_is_nobodys_failure() -> None:
    [line] = Terminal().lines(exchange()._replace(failure="client-gone", detail="it left"))
    assert line.endswith("granted, client-gone")


def test_a_refusal_of_ours_is_not_blamed_on_the_upstream() -> None:
    made = exchange()._replace(failure="misdirected-request", detail="no such host")
    line, why = Terminal().lines(made)
    assert line.endswith("granted, misdirected-request")
    assert why.strip() == "why: no such host"


def test_a_flood_is_counted_and_its_refusals_are_still_explained() -> None:
    terminal = Terminal()
    for number in range(200):
        list(terminal.lines(exchange(started=NOW + number / 1000)))
    assert list(terminal.lines(exchange(started=NOW + 0.5))) == []
    assert len(list(terminal.lines(refused(started=NOW + 0.6)))) == 3
    assert list(terminal.lines(refused(started=NOW + 0.6))) == []
    assert terminal.waiting
    [summary] = terminal.later(NOW + 1.1)
    assert summary.endswith("153 more requests: 151 granted, 2 refused")


def test_a_batch_of_a_flood_is_counted_but_for_what_went_wrong() -> None:
    terminal = Terminal()
    wrong = [refused(started=NOW), failed()]
    made = [exchange(started=NOW), exchange(started=NOW, origin=None), *wrong]
    assert terminal.count_plain(made, NOW) == wrong
    [summary] = terminal.later(NOW + 1)
    assert summary.endswith("2 more requests: 1 granted, 1 unjudged")
    assert Terminal(patient=True).count_plain(made, NOW) == made


def test_a_patient_reader_is_told_everything() -> None:
    terminal = Terminal(patient=True)
    lines = [line for _ in range(100) for line in terminal.lines(refused())]
    assert len(lines) == 300


def test_a_websocket_says_once_that_browsers_do_not_guard_it() -> None:
    terminal = Terminal()
    opened = exchange(fields=[("Upgrade", "websocket")], status=101)
    assert [WEBSOCKET_NOTE in line for line in terminal.lines(opened)] == [False, True]
    assert len(list(terminal.lines(opened))) == 1


def test_a_preflight_that_nothing_followed_is_told_once() -> None:
    terminal = Terminal()
    line, why, fix = terminal.unfollowed(preflight())
    assert line.endswith("preflight granted, then nothing")
    assert "no actual request followed within 5 s" in why
    assert "allow_credentials" in fix
    assert list(terminal.unfollowed(preflight())) == []


def test_without_colour_there_is_no_escape_and_with_colour_it_ends() -> None:
    made = refused()
    plain = "\n".join(Terminal().lines(made))
    coloured = "\n".join(Terminal(lambda: Style(colour=True)).lines(made))
    assert "\033" not in plain
    assert re.sub(r"\033\[\d+m", "", coloured) == plain
    assert coloured.count("\033[0m") * 2 == coloured.count("\033[")


@pytest.mark.parametrize("byte", range(256))
def test_no_byte_of_a_request_reaches_the_terminal_as_it_is(byte: int) -> None:
    character = chr(byte)
    made = exchange(f"G{character}T", f"/a{character}b", origin=f"http://a{character}b")
    lines = list(Terminal().lines(made))
    assert len(lines) <= 5
    for line in lines:
        assert line.isascii()
        assert line.isprintable()


@pytest.mark.parametrize(
    "text", ["\u2028", "\u2029", "\u202e", "\u2066", "\x9b31m", "\x1b]0;a\x07"]
)
def test_what_turns_or_ends_a_line_is_shown_as_an_escape(text: str) -> None:
    made = exchange()._replace(target=f"/{text}", failure="malformed", detail="garbage")
    assert all(line.isascii() and line.isprintable() for line in Terminal().lines(made))


def test_a_long_target_is_cut() -> None:
    [line] = Terminal().lines(exchange(target=f"/{'a' * 100_000}"))
    assert len(line) < 400


def test_no_secret_is_written() -> None:
    made = exchange(
        target=f"/?token={CANARY}",
        fields=[("Authorization", f"Bearer {CANARY}"), ("Cookie", f"a={CANARY}")],
        origin=f"http://u:{CANARY}@h",
    )
    assert CANARY not in "\n".join(Terminal(patient=True).lines(made))
    assert PAGE in "\n".join(Terminal().lines(exchange()))
