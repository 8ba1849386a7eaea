from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corsproxy.config import load_text
from corsproxy.config.address import UnixAddress
from corsproxy.demo.servers import POLICY as POLICY_OF_THE_DEMO
from corsproxy.watch.inspector.policy_view import policy_view, tried
from tests.watch.exchanges import PAGE, POLICY, STRANGER
from tests.watch.world import CONFIG, from_file

ASKED = {"origin": PAGE, "method": "PUT"}


def test_a_file_is_shown_as_it_is_written(tmp_path: Path) -> None:
    text = "# ours\nupstream: http://127.0.0.1:8000\ncors:\n  allow_origins: [http://a.test]\n"
    config = from_file(tmp_path / "a.yaml", text)
    view = policy_view(config)
    assert view["lines"] == text.splitlines()
    assert (view["source"], view["writable"]) == (str(tmp_path / "a.yaml"), True)
    assert view["routes"] == [
        {"path": "/", "host": None, "upstream": "http://127.0.0.1:8000", "mode": "enforce"}
    ]


def test_a_secret_in_a_comment_is_masked(tmp_path: Path) -> None:
    config = from_file(tmp_path / "a.yaml", "# http://u:c4n4ry@h/\nupstream: http://h\n")
    assert policy_view(config)["lines"][0] == "# http://***@h/"


def test_a_policy_from_flags_is_shown_as_yaml() -> None:
    view = policy_view(CONFIG)
    assert (view["source"], view["writable"]) == (None, False)
    assert "cors:" in view["lines"]


def test_a_flag_that_a_reason_cites_has_its_line() -> None:
    flags = {"upstream": "http://h", "cors.allow_origins": ("http://a.test",), "har": "a.har"}
    config = load_text(None, "", {}, flags | {"forward.request_headers.remove": ("x-a",)}).config
    view = policy_view(config)
    lines = {flag: view["lines"][line - 1].strip() for flag, line in view["flags"].items()}
    assert lines["--allow-origin"] == lines["CORSPROXY_ALLOW_ORIGIN"] == "allow_origins:"
    assert lines["--remove-request-header"] == "remove: [x-a]"
    assert lines["--har"] == "har: a.har"
    assert str(config.policy.span("allow_origins")) in lines
    assert "--max-age" not in lines


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("listen: [\n")])
def test_the_lines_are_those_that_reasons_cite_whatever_became_of_the_file(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    text = "# ours\nupstream: http://h\ncors:\n  allow_origins: [http://a.test]\n"
    config = from_file(tmp_path / "a.yaml", text)
    change(tmp_path / "a.yaml")
    cited = config.policy.span("allow_origins")
    assert cited is not None
    assert "allow_origins" in policy_view(config)["lines"][cited.line - 1]


def test_a_policy_that_is_no_file_any_more_is_shown_as_it_was_read() -> None:
    text = POLICY_OF_THE_DEMO.read_text()
    ports = ("PAGE_PORT", "BACKEND_PORT", "PROXY_PORT", "INSPECTOR_PORT", "NOBODY_PORT")
    environ = {name: str(number) for number, name in enumerate(ports, 5000)}
    loaded = load_text(text.encode(), "policy.yaml", environ, {}).config
    config = replace(loaded, source=None)  # as the demo does, whose file belongs to the package
    refused = tried(config, {"origin": "http://localhost:5000"}, ["X-Unknown: 1"])
    (place,) = (check["place"] for check in refused["preflight"]["checks"] if not check["passed"])
    view = policy_view(config)
    assert (view["source"], view["read"]) == (None, True)
    assert "allow_headers" in view["lines"][int(place.split(":")[1]) - 1]


def test_a_call_is_tried_without_being_made() -> None:
    assert tried(CONFIG, ASKED, ["X-A: 1"])["outcome"] == "readable"
    told = tried(CONFIG, ASKED, ["X-A", "X-B"])
    assert (told["outcome"], told["reasons"][0]["id"]) == ("blocked", "names-not-allowed")
    assert "- x-b\n" in told["patch"]
    assert tried(CONFIG, ASKED | {"origin": STRANGER}, [])["outcome"] == "blocked"


def test_credentials_are_asked_for_by_name() -> None:
    config = replace(CONFIG, policy=POLICY)
    assert tried(config, ASKED, [])["outcome"] == "readable"
    assert tried(config, ASKED | {"credentials": "true"}, [])["outcome"] == "blocked"


def test_an_origin_that_no_browser_sends_is_a_mistake_with_its_fix() -> None:
    told = tried(CONFIG, {"origin": "http://A.test/"}, [])
    assert told["fix"] == "http://a.test"


def test_a_proxy_on_a_socket_has_an_origin_too() -> None:
    config = replace(CONFIG, listen=(UnixAddress("/run/a.sock"),))
    assert tried(config, {"origin": "http://localhost"}, [])["due"].startswith("the page has")
