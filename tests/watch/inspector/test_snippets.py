import json
import subprocess

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.watch.inspector.snippets import snippets
from corsproxy.watch.message_head import parse_head
from tests.watch.exchanges import OWN_ORIGIN, exchange, preflight

PAGE_SENDS = [
    ("User-Agent", "Mozilla"),
    ("Accept", "*/*"),
    ("Sec-Fetch-Mode", "cors"),
    ("Content-Type", "application/json"),
    ("X-A", 'it\'s "1"'),
    ("Cookie", "a=c4n4ry"),
    ("Content-Length", "3"),
]


def of(made: Exchange) -> dict[str, str]:
    return snippets(made, parse_head(made.request_head))


def arguments(made: Exchange) -> list[str]:
    """The words that a shell makes of the command."""
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}\n{of(made)['curl']}\n"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, encoding="utf-8")
    return done.stdout.split("\0")[:-1]


def options(made: Exchange) -> dict[str, object]:
    call = of(made)["fetch"]
    url, rest = call.removeprefix("await fetch(").removesuffix(")").split(", ", 1)
    assert json.loads(url).startswith(OWN_ORIGIN)
    found: dict[str, object] = json.loads(rest)
    return found


def test_curl_sends_what_the_page_sent() -> None:
    assert arguments(exchange("PUT", "/a?b='1'", PAGE_SENDS)) == [
        "-i", "-X", "PUT", f"{OWN_ORIGIN}/a?b='1'",
        "-H", "Origin: http://localhost:5173",
        "-H", "Accept: */*",
        "-H", "Content-Type: application/json",
        "-H", "X-A: it's \"1\"",
        "-H", "Cookie: a=***",
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "words"), [("GET", ["-i"]), ("HEAD", ["-I"])])
def test_curl_knows_some_methods_by_other_names(method: str, words: list[str]) -> None:
    assert arguments(exchange(method))[:-2] == [*words, f"{OWN_ORIGIN}/"]


def test_fetch_sets_what_a_page_can_set() -> None:
    assert options(exchange("PUT", "/a", PAGE_SENDS)) == {
        "method": "PUT",
        "credentials": "include",
        "headers": {"Content-Type": "application/json", "X-A": 'it\'s "1"'},
    }


def test_the_fetch_of_a_preflight_is_the_call_that_it_was_sent_for() -> None:
    assert options(preflight("PUT", "x-a,content-type")) == {
        "method": "PUT",
        "headers": {"x-a": "...", "content-type": "..."},
    }


@pytest.mark.parametrize("text", ["$(id)", "`id`", "';id;'", '"; id; "', "\\", "!!", "*"])
def test_nothing_in_a_request_is_run_by_the_shell(text: str) -> None:
    found = arguments(exchange("GET", f"/{text}", [("X-A", text)]))
    assert found[1] == f"{OWN_ORIGIN}/{text}"
    assert found[-1] == f"X-A: {text}"
