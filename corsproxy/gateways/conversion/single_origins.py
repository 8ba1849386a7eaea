"""Which of a policy's origins go to a gateway that has a list of single ones, or `*`.

Nothing but http and https is documented for such lists; and `*` never goes with credentials.
"""

from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.gateways.conversion.export import Export

_SCHEMES = ("http", "https")


def is_single(pattern: OriginPattern | RegexPattern) -> bool:
    """Whether such a list can name it."""
    return isinstance(pattern, OriginPattern) and pattern.exact and pattern.scheme in _SCHEMES


def single_origins(export: Export, *, if_none: str) -> list[str]:
    """The texts of the list, or `*`; `if_none` is the effect of an empty one."""
    if export.policy.allow_origins.any:
        return [WILDCARD]
    found = []
    for i, one in enumerate(export.policy.allow_origins.patterns):
        if is_single(one):
            found.append(str(one))
        else:
            effect = f"{one} is no single http or https origin: pages of it are refused"
            export.lose("allow_origins", effect, "list each origin", i)
    if not found:
        export.lose("allow_origins", if_none, "allow at least one origin")
    return found


def credentials(export: Export) -> bool:
    """Whether they are allowed; lost beside `*`."""
    policy = export.policy
    if policy.allow_credentials and policy.allow_origins.any:
        fix = "list the origins that may send credentials"
        for setting in ("allow_credentials", "dangerously_reflect_any_origin"):
            export.lose(setting, "credentials are not allowed beside `*`", fix)
        return False
    return policy.allow_credentials
