from dataclasses import replace
from pathlib import Path

from corsproxy.config.address import UnixAddress
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


def test_a_file_that_is_gone_is_shown_as_yaml(tmp_path: Path) -> None:
    config = from_file(tmp_path / "a.yaml", "upstream: http://h\n")
    (tmp_path / "a.yaml").unlink()
    assert any("upstream: http://h" in line for line in policy_view(config)["lines"])


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
