"""What is lost on the way to any gateway is told once, for all of them."""

from corsproxy.config.loading import load_text
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Loss


def losses(text: str, *carried: str) -> list[Loss]:
    config = load_text(f"upstream: http://127.0.0.1:8000\n{text}".encode(), "p.yaml", {}, {}).config
    return Export.of(config, carried=carried).losses


FORWARD = "cors: {allow_origins: [https://a.test], refused_request: forward"


def test_a_policy_that_forwards_what_it_refuses_loses_nothing() -> None:
    assert losses(f"{FORWARD}}}") == []


def test_what_no_line_says_is_placed_beside_the_origins() -> None:
    (loss,) = losses("cors: {allow_origins: [https://a.test]}")
    assert (loss.setting, str(loss.place)) == ("refused_request", "p.yaml:2:8")
    assert loss.fix == "refused_request: forward"


def test_each_manner_of_its_own_is_told() -> None:
    manners = "mode: validate, on_violation: block, refused_preflight: terse"
    told = [loss.setting for loss in losses(f"{FORWARD}, {manners}}}")]
    assert told == ["mode", "on_violation", "refused_preflight"]


def test_a_setting_that_is_not_carried_is_told_and_one_that_is_not() -> None:
    text = f"{FORWARD}}}\nforward: {{host: preserve, origin: drop}}"
    told = losses(text, "forward.host")
    assert [(loss.setting, str(loss.place)) for loss in told] == [("forward.origin", "p.yaml:3:35")]


def test_a_route_of_its_own_policy_is_told_and_one_that_is_like_the_rest_is_not() -> None:
    routes = "routes:\n  - path: /a\n  - path: /b\n    cors: {max_age: 5}"
    told = losses(f"{FORWARD}}}\n{routes}")
    assert [(loss.setting, str(loss.place)) for loss in told] == [("routes", "p.yaml:5:11")]


def test_the_catch_all_route_is_the_policy_that_is_exported() -> None:
    routes = "routes: [{path: /, cors: {max_age: 5}}]"
    text = f"upstream: http://127.0.0.1:8000\n{FORWARD}}}\n{routes}"
    export = Export.of(load_text(text.encode(), "p.yaml", {}, {}).config)
    assert (export.policy.max_age, export.losses) == (5, [])


def test_a_policy_that_is_not_enforced_grants_nothing() -> None:
    text = "upstream: http://127.0.0.1:8000\ncors: {allow_origins: [https://a.test], mode: strip}"
    export = Export.of(load_text(text.encode(), "p.yaml", {}, {}).config)
    assert not export.policy.allow_origins
