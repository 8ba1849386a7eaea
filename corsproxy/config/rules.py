"""Lint: what is legal but unwise. One rule is one function; its name is the warning's id.

A rule yields the remarks that it has to make, mostly none. Its docstring says why it exists.
"""

from collections.abc import Callable, Iterator

from corsproxy.config import origin_rules as o
from corsproxy.config import policy_rules as p
from corsproxy.config import proxy_rules as q
from corsproxy.config.remark import Remark
from corsproxy.config.settings import Config
from corsproxy.config.tree import Notes
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span

POLICY_RULES: tuple[Callable[[Policy], Iterator[Remark]], ...] = (
    o.reflects_any_origin,
    o.public_suffix_wildcard,
    o.insecure_origin,
    o.opaque_origin,
    o.redundant_origin,
    o.unescaped_dot,
    o.regex_matches_any_origin,
    p.max_age_capped,
    p.wildcard_without_authorization,
    p.covered_by_wildcard,
    p.duplicate_name,
    p.lower_case_method,
    p.needless_exposed_name,
    p.private_network_unread,
)
PROXY_RULES: tuple[Callable[[Config], Iterator[Remark]], ...] = (
    q.no_origin_allowed,
    q.no_effect,
    q.listens_beyond_this_machine,
    q.admin_beyond_this_machine,
    q.any_host_allowed,
    q.upstream_not_verified,
)


def judge(config: Config, notes: Notes) -> None:
    """Note what is unwise about `config`; what routes inherit is told once, where it stands."""
    start = Span(notes.source, 1, 1) if notes.source else Span("--allow-origin")
    for policy in config.policies:
        for policy_rule in POLICY_RULES:
            _note(policy_rule.__name__, policy_rule(policy), start, notes)
    for proxy_rule in PROXY_RULES:
        _note(proxy_rule.__name__, proxy_rule(config), start, notes)


def _note(name: str, remarks: Iterator[Remark], start: Span, notes: Notes) -> None:
    for remark in remarks:
        place = remark.place or start
        notes.warning(name.replace("_", "-"), place, remark.message, remark.fix)
