"""Ingresses of ingress-nginx, read: a server for each host, and in it the longest path.

Prefix is of whole segments, ImplementationSpecific of text. A rewrite makes expressions of all
paths; that of the documentation, `/api(/|$)(.*)` with `/$2`, takes a prefix away.
"""

import re
from collections.abc import Callable, Iterator

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import Edge, Rule

PREFIX = "nginx.ingress.kubernetes.io/"

_EDGES = {"Prefix": Edge.SEGMENT, "Exact": Edge.WHOLE}
_CUT = re.compile(r"(/[A-Za-z0-9/._~-]+)\(/\|\$\)\(\.\*\)")
_SPECIAL = re.compile(r"[\\*+?()\[\]{}|^$]")


def rules(root: Located, policy: Callable[[Located], Policy]) -> list[Rule]:
    """The rules of all Ingresses in the text, as they are tried."""
    found = [rule for ingress in _ingresses(root) for rule in _of(ingress, policy(ingress))]
    return sorted(found, key=lambda rule: (rule.edge is not Edge.WHOLE, -len(rule.path)))


def _ingresses(root: Located) -> Iterator[Located]:
    for node in root.everything():
        backend = node.path("spec", "defaultBackend")
        if text_at(node, "kind") == "Ingress" and (backend or items_at(node, "spec", "rules")):
            yield node


def _of(ingress: Located, policy: Policy) -> Iterator[Rule]:
    notes = ingress.path("metadata", "annotations")
    target = text_at(notes, f"{PREFIX}rewrite-target")
    by_regex = bool(target) or text_at(notes, f"{PREFIX}use-regex") == "true"
    backend = ingress.path("spec", "defaultBackend")
    if backend is not None:
        yield Rule(backend.span, policy)
    for one in items_at(ingress, "spec", "rules"):
        host = text_at(one, "host").lower() or None
        paths = items_at(one, "http", "paths")
        for at in paths:
            yield _rule(at, host, policy, target, by_regex=by_regex)
        if not paths:
            yield Rule(one.span, policy, host)


def _rule(at: Located, host: str | None, policy: Policy, target: str, *, by_regex: bool) -> Rule:
    path = text_at(at, "path") or "/"
    edge = _EDGES.get(text_at(at, "pathType"), Edge.TEXT)
    rule = Rule(at.span, policy, host, path, Edge.SEGMENT if path == "/" else edge)
    if (cut := _CUT.fullmatch(path)) and target == "/$2":
        return rule._replace(path=cut[1], edge=Edge.SEGMENT, strip_path=True)
    if target:
        effect, fix = "the upstream gets the path as it came", "rewrite-target: /$2"
        rule = rule._replace(losses=(Loss("strip_path", at.span, effect, fix),))
    if by_regex and _SPECIAL.search(path):
        return rule._replace(asks=f"the expression {path}", path=_SPECIAL.split(path)[0] or "/")
    return rule
