"""Ingresses read: hosts, the longest path first, and one without CORS beside others."""

import pytest

from corsproxy.gateways.conversion.gateway import Read
from corsproxy.gateways.conversion.ingress_routes import PREFIX
from corsproxy.gateways.ingress_nginx import read

A, B = "https://a.test", "https://b.test"


def ingress(origin: str, *rules: str, more: str = "", spec: str = "") -> str:
    cors = f"""    {PREFIX}enable-cors: "true"
    {PREFIX}cors-allow-origin: {origin}
"""
    listed = "".join(f"  - {rule}\n" for rule in rules)
    return f"""kind: Ingress
metadata:
  annotations:
    x: y
{cors if origin else ""}{more}
spec:
  {spec}
  rules:
{listed}"""


def rule(path: str, kind: str = "Prefix", host: str = "") -> str:
    named = f"host: {host}, " if host else ""
    return f"{{{named}http: {{paths: [{{path: {path}, pathType: {kind}}}]}}}}"


def found(*texts: str) -> Read:
    return read("---\n".join(texts), "ingress.yaml")


def routes(one: Read) -> list[tuple[str | None, str, str]]:
    return [
        (route.host, route.path, ",".join(map(str, route.policy.allow_origins.patterns)))
        for route in one.routes
    ]


def test_each_ingress_has_its_policy_and_one_without_is_passed_through() -> None:
    one = found(ingress(A, rule("/")), ingress(B, rule("/b")), ingress("", rule("/c")))
    assert routes(one) == [(None, "/b", B), (None, "/c", "")]
    assert str(*one.policy.allow_origins.patterns) == A
    assert (one.routes[1].policy.mode.value, one.losses) == ("passthrough", ())


def test_one_host_alone_is_not_named_and_several_are() -> None:
    one = found(ingress(A, rule("/", host="a.test")), ingress(B, rule("/b", host="a.test")))
    assert routes(one) == [(None, "/b", B)]
    one = found(ingress(A, rule("/", host="a.test")), ingress(B, "{host: b.test}"))
    assert routes(one) == [("a.test", "/", A), ("b.test", "/", B)]


def test_a_default_backend_takes_what_no_rule_does() -> None:
    one = found(ingress(A, rule("/a"), spec="defaultBackend: {}"), ingress(B, rule("/b")))
    assert (str(*one.policy.allow_origins.patterns), routes(one)) == (A, [(None, "/b", B)])


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("Exact", "/b alone is meant"),
        ("ImplementationSpecific", "/bx is meant, too"),
    ],
)
def test_another_edge_is_told(kind: str, told: str) -> None:
    (loss,) = found(ingress(A, rule("/")), ingress(B, rule("/b", kind))).losses
    assert loss.effect.startswith(told)


def test_a_prefix_that_is_taken_away_is_read() -> None:
    target = f"    {PREFIX}rewrite-target: /$2"
    one = found(ingress(A, rule("/")), ingress(B, rule("'/b(/|$)(.*)'"), more=target))
    assert [(route.path, route.strip_path) for route in one.routes] == [("/b", True)]
    assert one.losses == ()


def test_another_rewrite_and_another_expression_are_told() -> None:
    target = f"    {PREFIX}rewrite-target: /x"
    one = found(ingress(A, rule("/")), ingress(B, rule("/b"), more=target))
    assert [loss.setting for loss in one.losses] == ["strip_path"]
    target = f'    {PREFIX}use-regex: "true"'
    one = found(ingress(A, rule("/")), ingress(B, rule("'/b/[0-9]+'"), more=target))
    assert [loss.effect.partition(":")[0] for loss in one.losses] == ["the expression /b/[0-9]+"]
    assert routes(one) == []
