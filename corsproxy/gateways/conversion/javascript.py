"""Options of the CORS packages for JavaScript: one object, by the names that each package has."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.forwarding import methods
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    LITERAL_METHODS,
    NO_PRIVATE_NETWORK,
    without_echoed_names,
    without_literal_methods,
    without_private_network,
)
from corsproxy.gateways.conversion.narrowing import ANY
from corsproxy.gateways.conversion.portable_regex import (
    ORIGINS_CUT,
    anchored,
    is_exact,
    with_portable_origins,
)

_WIDTH = 90
_INDENT = "  "
_SLASH = re.compile(r"\\.|/")
CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods" + ANY: LITERAL_METHODS,
    "allow_headers" + ANY: ECHOED_NAMES,
    "allow_private_network": NO_PRIVATE_NETWORK,
}
FORMS = {
    "esm": "an ES module: `import`",
    "commonjs": "CommonJS: `require`",
}


class Code(str):
    """An expression, which is written as it is; any other text is a string."""

    __slots__ = ()


class Keys(NamedTuple):
    """What a package calls its lists."""

    methods: str
    names: str
    exposed: str


def regex_literal(pattern: OriginPattern | RegexPattern) -> Code:
    """The regex that finds the origins of `pattern` and no others."""
    escaped = _SLASH.sub(lambda found: found[0] if len(found[0]) > 1 else r"\/", anchored(pattern))
    return Code(f"/{escaped}/")


def origins(policy: Policy) -> list[str]:
    """The origins: strings, and regexes of those that are patterns."""
    patterns = policy.allow_origins.patterns
    return [str(one) if is_exact(one) else regex_literal(one) for one in patterns]


def regexes(policy: Policy) -> list[str]:
    """The origins as regexes, each of them."""
    return [regex_literal(one) for one in policy.allow_origins.patterns]


def origin(policy: Policy) -> Any:
    """The option of express and fastify: `*`, true for the asking one, or the list."""
    if not policy.allow_origins.any:
        return origins(policy)
    return True if policy.allow_credentials else "*"


def said(policy: Policy) -> Policy:
    """What the options of express and fastify say."""
    policy = without_literal_methods(with_portable_origins(policy))
    if policy.allow_credentials:
        policy = without_echoed_names(policy)
    return without_private_network(policy)


def options(policy: Policy, origin: Any, keys: Keys, no_names: list[str]) -> dict[str, Any]:
    """The options that the packages share; `no_names` is written where no name is allowed.

    Where any name is and credentials are, the list is left out, and what is asked for sent back.
    """
    found: dict[str, Any] = {"origin": origin}
    found[keys.methods] = methods(policy.allow_methods).split(", ")
    names = policy.allow_headers
    if not (names.any and policy.allow_credentials):
        found[keys.names] = str(names).split(", ") if names else no_names
    if policy.expose_headers:
        found[keys.exposed] = str(policy.expose_headers).split(", ")
    if policy.allow_credentials:
        found["credentials"] = True
    if policy.max_age is not None:
        found["maxAge"] = max(policy.max_age, 0)
    return found


def snippet(head: Iterable[str], call: str, found: Mapping[str, Any], end: str) -> str:
    """The lines of `head`, and a call with the options as its last argument."""
    lines = (f"  {key}: {value(one, _INDENT)}," for key, one in found.items())
    return "\n".join((*head, "", f"{call}{{", *lines, f"}}{end}")) + "\n"


def value(one: Any, indent: str = "") -> str:
    """An expression for a text, a number, a truth value or a list of these."""
    if isinstance(one, Code):
        return one
    if not isinstance(one, list):
        return json.dumps(one)
    written = [value(element) for element in one]
    line = f"[{', '.join(written)}]"
    if len(line) <= _WIDTH:
        return line
    return "\n".join(("[", *(f"{indent}  {element}," for element in written), f"{indent}]"))
