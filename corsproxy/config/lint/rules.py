"""Lint: what is legal but unwise. One rule is one function; its name is the warning's id.

A rule yields the remarks that it has to make, mostly none. Its docstring says why it exists.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import product

from corsproxy.config.lint import origin_rules as o
from corsproxy.config.lint import policy_rules as p
from corsproxy.config.lint import proxy_rules as q
from corsproxy.config.lint.warning import LintWarning
from corsproxy.config.settings import Config
from corsproxy.config.yaml_text.tree import Notes
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span

LISTS = ("allow_methods", "allow_headers", "expose_headers")

POLICY_RULES: dict[Callable[[Policy], Iterator[LintWarning]], tuple[str, ...]] = {
    o.reflects_any_origin: ("dangerously_reflect_any_origin",),
    o.public_suffix_wildcard: ("allow_origins",),
    o.insecure_origin: ("allow_origins", "allow_credentials"),
    o.opaque_origin: ("allow_origins",),
    o.redundant_origin: ("allow_origins",),
    o.unescaped_dot: ("allow_origins",),
    o.regex_matches_any_origin: ("allow_origins",),
    p.max_age_capped: ("max_age",),
    p.wildcard_without_authorization: ("allow_headers",),
    p.lower_case_method: ("allow_methods",),
    p.needless_exposed_name: ("expose_headers",),
    p.private_network_unread: ("allow_private_network",),
}
"""Each with the settings that it looks at: what many routes inherit is judged once."""

LIST_RULES: tuple[Callable[[Policy, str], Iterator[LintWarning]], ...] = (
    p.covered_by_wildcard,
    p.duplicate_name,
)
"""Rules that look at one of LISTS at a time."""

PROXY_RULES: tuple[Callable[[Config], Iterator[LintWarning]], ...] = (
    q.no_origin_allowed,
    q.no_effect,
    q.listens_beyond_this_machine,
    q.admin_beyond_this_machine,
    q.any_host_allowed,
    q.upstream_not_verified,
)


def check_policies(config: Config, notes: Notes) -> None:
    """Note what is unwise about `config`; what routes inherit is told once, where it stands."""
    start = Span(notes.source, 1, 1) if notes.source else Span("--allow-origin")
    judged: set[Hashable] = set()
    for policy in config.policies:
        for rule, settings in POLICY_RULES.items():
            if _fresh((rule, *_keys(policy, settings)), judged):
                _note(rule.__name__, rule(policy), start, notes)
        for list_rule, setting in product(LIST_RULES, LISTS):
            if _fresh((list_rule, *_keys(policy, (setting,))), judged):
                _note(list_rule.__name__, list_rule(policy, setting), start, notes)
    for proxy_rule in PROXY_RULES:
        _note(proxy_rule.__name__, proxy_rule(config), start, notes)


def _keys(policy: Policy, settings: Iterable[str]) -> Iterator[Hashable]:
    """The values and where they stand. A value inherited is the very object: no need to compare."""
    for setting in settings:
        yield setting, id(getattr(policy, setting)), policy.span(setting)


def _fresh(key: Hashable, judged: set[Hashable]) -> bool:
    before = len(judged)
    judged.add(key)
    return len(judged) > before


def _note(name: str, remarks: Iterator[LintWarning], start: Span, notes: Notes) -> None:
    for remark in remarks:
        place = remark.place or start
        notes.warning(name.replace("_", "-"), place, remark.message, remark.fix)
