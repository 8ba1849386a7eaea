"""Go: lists of strings, and the function that says whether an origin is allowed."""

import json
from collections.abc import Iterable, Iterator

from corsproxy.cors.origin import OPAQUE, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.origin_regex import SHAPE, regex
from corsproxy.gateways.conversion.portable_regex import is_exact


def strings(texts: Iterable[str]) -> str:
    """A slice of strings."""
    return f"[]string{{{', '.join(json.dumps(text) for text in texts)}}}"


def all_exact(policy: Policy) -> bool:
    """Whether the origins can be a list, and there is one."""
    patterns = policy.allow_origins.patterns
    return bool(patterns) and all(map(is_exact, patterns))


def allows(policy: Policy) -> str:
    """The function of an origin; it uses what `declarations` declares."""
    found = [f"{name}.MatchString(origin)" for name in _expressions(policy)]
    grants = " && ".join(found) or json.dumps(policy.allow_origins.any)
    return f"func(origin string) bool {{ return {grants} }}"


def declarations(policy: Policy) -> Iterator[str]:
    """The regexes of `allows`, each compiled once."""
    for name, expression in _expressions(policy).items():
        quoted = f"`{expression}`" if "`" not in expression else json.dumps(expression)
        yield f"var {name} = regexp.MustCompile({quoted})"


def _expressions(policy: Policy) -> dict[str, str]:
    """The regexes that an origin has to match, all of them; Go's are those of a policy."""
    patterns = policy.allow_origins.patterns
    if not patterns:
        return {}
    found = {"allowedOrigins": f"^(?:{'|'.join(map(regex, patterns))})$"}
    if any(isinstance(one, RegexPattern) for one in patterns):
        opaque = f"|{OPAQUE}" if OPAQUE in map(str, patterns) else ""
        found["anOrigin"] = f"^(?:{SHAPE}{opaque})$"
    return found
