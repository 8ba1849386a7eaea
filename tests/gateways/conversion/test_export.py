"""What is lost on the way to any gateway is told once, for all of them."""

import contextlib
from pathlib import Path

import pytest

from corsproxy.config.loading import load_text
from corsproxy.config.schema import ROUTE
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.registry import gateway, names

PEM = Path(__file__).parents[2] / "cases" / "lint" / "pem"


def losses(text: str) -> list[Loss]:
    config = load_text(f"upstream: http://127.0.0.1:8000\n{text}".encode(), "p.yaml", {}, {}).config
    return Export.of(config).losses


def each(text: str, *carried: str) -> list[Export]:
    config = load_text(f"upstream: http://127.0.0.1:8000\n{text}".encode(), "p.yaml", {}, {}).config
    return Export.each(config, carried=carried)


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
    told = each(text, "forward.host")[-1].losses
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


def test_each_route_is_exported_with_its_own_policy_the_catch_all_last() -> None:
    exports = each(f"{FORWARD}}}\nroutes:\n  - path: /\n  - path: /b\n    cors: {{max_age: 5}}")
    assert [(one.route.path, one.policy.max_age) for one in exports] == [("/b", 5), ("/", None)]
    assert exports[-1].written("").losses == ()


def test_what_routes_inherit_is_lost_once_and_what_is_their_own_where_it_stands() -> None:
    text = "cors: {allow_origins: [https://a.test]}\nroutes:\n  - path: /b\n    cors: {max_age: 5}"
    told = each(f"{text}\n  - path: /c\n    cors: {{mode: strip}}")[-1].written("").losses
    places = [(loss.setting, str(loss.place)) for loss in told]
    assert places.count(("refused_request", "p.yaml:2:8")) == 1
    assert ("mode", "p.yaml:7:18") in places


def test_a_setting_of_all_is_lost_once_however_many_routes_there_are() -> None:
    text = f"{FORWARD}}}\ntimeouts: {{head: 7}}\nroutes:\n  - path: /b\n    cors: {{max_age: 5}}"
    assert [loss.setting for loss in each(text)[-1].losses] == ["timeouts.head"]


def test_an_upstream_that_a_route_trusts_otherwise_is_told() -> None:
    text = f"{FORWARD}}}\nroutes:\n  - path: /b\n    upstream_tls: {{verify: false}}"
    (loss,) = each(text)[-1].losses
    assert (loss.setting, str(loss.place)) == ("routes", "p.yaml:4:11")


def test_a_loss_of_a_route_is_placed_in_it() -> None:
    text = f"{FORWARD}}}\nroutes:\n  - path: /b\n    upstream: unix:/tmp/api"
    first, last = each(text)
    first.lose("upstream", "x", "y")
    last.lose("upstream", "x", "y")
    assert [str(loss.place) for loss in first.losses] == ["p.yaml:5:15", "p.yaml:1:11"]


OF_A_ROUTE = {
    "host": "host: x.test\n    cors: {max_age: 5}",
    "upstream": "upstream: http://127.0.0.1:9",
    "strip_path": "strip_path: true",
    "upstream_tls.verify": "upstream_tls: {verify: false}",
    "upstream_tls.ca": "upstream_tls: {ca: certificate.pem}",
    "upstream_tls.certificate": "upstream_tls: {certificate: certificate.pem, key: key.pem}",
    "upstream_tls.key": "upstream_tls: {certificate: certificate.pem, key: other-key.pem}",
    "upstream_tls.server_name": "upstream_tls: {server_name: x.test}",
    "cors.mode": "cors: {mode: strip}",
    "cors.emulate": "cors: {emulate: nginx}",
    "cors.on_violation": "cors: {on_violation: block}",
    "cors.refused_preflight": "cors: {refused_preflight: terse}",
    "cors.refused_request": "cors: {refused_request: reject}",
    "cors.allow_origins": "cors: {allow_origins: [https://b.test]}",
    "cors.allow_methods": "cors: {allow_methods: [PATCH]}",
    "cors.allow_headers": "cors: {allow_headers: [x-a]}",
    "cors.expose_headers": "cors: {expose_headers: [x-a]}",
    "cors.allow_credentials": "cors: {allow_credentials: true}",
    "cors.max_age": "cors: {max_age: 5}",
    "cors.allow_private_network": "cors: {allow_private_network: true}",
    "cors.dangerously_reflect_any_origin": (
        "cors: {allow_origins: ['*'], allow_credentials: true, "
        "dangerously_reflect_any_origin: true}"
    ),
}
"""What makes a difference, of each setting that a route may have beside its path."""


def test_each_setting_of_a_route_is_in_the_table() -> None:
    assert OF_A_ROUTE.keys() | {"path"} == {setting.key for setting in ROUTE}


@pytest.mark.parametrize("path", ["/a", "/"])
@pytest.mark.parametrize("setting", OF_A_ROUTE)
@pytest.mark.parametrize("name", [name for name in names() if gateway(name).forwards])
def test_a_setting_of_a_route_is_carried_or_told(name: str, setting: str, path: str) -> None:
    write = gateway(name).write
    assert write is not None
    start = "upstream: https://x.test\ncors: {allow_origins: [https://a.test]}\nroutes:"
    given = OF_A_ROUTE[setting]
    plain = given.partition("\n")[2].strip() if setting == "host" else ""
    with contextlib.chdir(PEM):
        without, with_it = [
            write(load_text(text.encode(), "p.yaml", {}, {}, offline=True).config, "")
            for text in (f"{start}\n  - path: {path}\n    {one}\n" for one in (plain, given))
        ]
    if (setting, path) not in NO_DIFFERENCE:
        assert with_it != without


NO_DIFFERENCE = {
    ("strip_path", "/"),  # there is nothing to strip
    ("cors.emulate", "/"),  # how this proxy decides, until the gateway itself does
}
