"""What the program says of itself: at its start, at a reload, at its end."""

import json
from pathlib import Path

import pytest

from corsproxy.cli import announcements
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.limits import MAX_ANNOUNCED

LOCAL = TcpAddress("127.0.0.1", 8080)
ADMIN = TcpAddress("127.0.0.1", 8081)
FLAGS = {"upstream": "http://127.0.0.1:8000"}


def config(text: str, source: str = "policy.yaml") -> Config:
    return load_text(text.encode(), source, {}, {}, offline=True).config


def of_flags(*origins: str) -> Config:
    flags = FLAGS | {"cors.allow_origins": origins}
    return load_text(None, "", {}, flags).config


def banner(
    config: Config, path: Path | None = None, listen: ListenAddress = LOCAL
) -> dict[str, str]:
    """The lines below the first, by their first word."""
    first, *lines = announcements.started(config, path, [listen], ADMIN).lines
    assert first.startswith("corsproxy ")
    return {name: rest.strip() for name, _, rest in (line.strip().partition(" ") for line in lines)}


def test_start_up_says_what_to_call_where_to_look_and_how_to_stop_in_five_lines() -> None:
    made = announcements.started(of_flags("http://localhost:5173"), None, [LOCAL], ADMIN)
    assert [line.split()[0] for line in made.lines[1:]] == ["call", "inspector", "policy", "stop"]
    assert max(map(len, made.lines)) <= 80


@pytest.mark.parametrize(
    ("origins", "called"),
    [
        pytest.param(["http://localhost:5173"], "http://localhost:8080", id="on localhost"),
        pytest.param(["https://a.test"], "http://127.0.0.1:8080", id="elsewhere"),
    ],
)
def test_pages_on_localhost_are_told_to_call_localhost(origins: list[str], called: str) -> None:
    assert banner(of_flags(*origins))["call"].startswith(f"{called} in place of ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_what_listens_on_all_addresses_is_called_on_this_machine(host: str) -> None:
    address = TcpAddress(host, 8080)
    called = banner(of_flags("http://localhost:5173"), listen=address)["call"]
    assert called.partition(" ")[0] in ("http://localhost:8080", "http://[::1]:8080")


def test_nothing_is_said_of_calling_what_no_page_can_call() -> None:
    assert "call" not in banner(of_flags("http://a.test"), listen=UnixAddress("/run/a"))


@pytest.mark.parametrize(
    ("origins", "told"),
    [
        pytest.param([], "no origin", id="none"),
        pytest.param(["*"], "any origin", id="any"),
        pytest.param(["http://a.test"], "http://a.test (", id="one"),
        pytest.param(["http://a.test", "http://b.test"], "http://a.test and 1 more", id="two"),
    ],
)
def test_a_policy_of_flags_is_told_by_its_origins(origins: list[str], told: str) -> None:
    assert f"for {told}" in banner(of_flags(*origins))["policy"]


def test_a_policy_is_told_by_its_file() -> None:
    assert banner(config(""), Path("policy.yaml"))["policy"].startswith("policy.yaml, read again")
    assert banner(of_flags(), Path("/dev/stdin"))["policy"] == "/dev/stdin, read once"


def test_the_name_of_a_file_cannot_act_upon_the_terminal() -> None:
    assert "\033" not in banner(config("", "a\033[31m.yaml"), Path("a"))["policy"]


@pytest.mark.parametrize("count", [1, MAX_ANNOUNCED, MAX_ANNOUNCED + 5])
def test_routes_are_listed_and_many_are_counted(count: int) -> None:
    routes = "".join(f"- {{path: /r{n}}}\n" for n in range(count))
    lines = announcements.started(config(f"routes:\n{routes}"), None, [LOCAL], None).lines
    assert sum(line.startswith("  route ") for line in lines) == min(count, MAX_ANNOUNCED)
    assert ("             and 5 more" in lines) is (count > MAX_ANNOUNCED)


def test_an_admin_address_that_is_off_is_told() -> None:
    lines = announcements.started(config(""), None, [LOCAL], None).lines
    assert "  inspector  off, as admin is" in lines


def test_programs_get_the_same_as_one_object() -> None:
    made = announcements.started(config(""), Path("policy.yaml"), [LOCAL], ADMIN)
    assert json.loads(json.dumps(made.data)) == {
        "version": made.data["version"],
        "listen": ["http://127.0.0.1:8080"],
        "upstream": "http://upstream.invalid",
        "call": "http://127.0.0.1:8080",
        "admin": "http://127.0.0.1:8081",
        "policy": "policy.yaml",
        "emulates": [],
        "log": None,
    }


def test_each_gateway_that_is_emulated_is_told_once_and_how_it_is_known() -> None:
    routes = "- {path: /a, cors: {emulate: envoy}}\n- {path: /b, cors: {emulate: envoy}}\n"
    made = announcements.started(config(f"routes:\n{routes}"), None, [LOCAL], None)
    [line] = [line for line in made.lines if line.startswith("  emulates ")]
    assert line.startswith("  emulates   Envoy, as seen on Envoy 1.40")
    assert made.data["emulates"] == ["Envoy"]


def test_a_sentence_with_its_fix_is_two_values() -> None:
    made = announcements.told("error", "corsproxy: it is in use", "  fix: another port")
    assert made.data == {"text": "it is in use", "fix": "another port"}
    assert announcements.told("note", "all is well").data == {"text": "all is well"}


def test_a_reload_lists_what_changed_and_counts_what_is_too_much() -> None:
    old = config("")
    routes = "".join(f"- {{path: /r{n}}}\n" for n in range(MAX_ANNOUNCED + 4))
    new = config(f"log: {{level: debug}}\nroutes:\n{routes}")
    [made] = announcements.reloaded(old, new)
    assert made.lines[:2] == ["corsproxy: the settings were reloaded", "  routes: + /r0"]
    assert made.lines[-1] == "  and 5 more"
    assert made.data["changes"][-1] == "log.level: info -> debug"
    assert len(made.data["changes"]) == MAX_ANNOUNCED + 5
    [same] = announcements.reloaded(old, old)
    assert same.lines == ["corsproxy: the settings were reloaded; none changed"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "cors: {max_age: 600}", "cors: {max_age: 5}", "600 s", id="the policy changed"
        ),
        pytest.param("cors: {max_age: 600}", "cors: {max_age: 600}", "", id="it did not"),
        pytest.param("cors: {max_age: -1}", "cors: {}", "", id="no cache"),
        pytest.param("cors: {}", "cors: {max_age: 600}", "", id="a few seconds are no matter"),
        pytest.param(
            "{cors: {max_age: 9}, routes: [{path: /a, cors: {max_age: 60}}]}",
            "cors: {}",
            "60 s",
            id="the longest of all routes",
        ),
        pytest.param(
            "routes: [{path: /a, cors: {max_age: 60}}, {path: /b}]",
            "routes: [{path: /b}, {path: /a, cors: {max_age: 60}}]",
            "",
            id="routes in another order",
        ),
    ],
)
def test_a_reload_tells_of_old_preflight_responses(old: str, new: str, told: str) -> None:
    made = list(announcements.still_cached(config(old), config(new)))
    assert bool(made) is bool(told)
    assert told in "".join(line for one in made for line in one.lines)


@pytest.mark.parametrize(
    ("busy", "text", "seconds"),
    [
        pytest.param(False, "corsproxy: stopping", 0, id="idle"),
        pytest.param(
            True,
            "corsproxy: stopping; requests under way have 10 s to finish, Ctrl-C ends them now",
            10,
            id="busy",
        ),
    ],
)
def test_stopping_says_how_long_and_what_a_second_signal_does(
    busy: bool, text: str, seconds: int
) -> None:
    made = announcements.stopping(10.0, busy=busy)
    assert (made.lines, made.data) == ([text], {"seconds": seconds})
