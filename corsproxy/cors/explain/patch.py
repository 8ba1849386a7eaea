"""The fix as YAML: the setting as it should read, ready to be put into the policy file.

A value that would be a pattern there (`literal`) makes none: "" comes back.
"""

import re
from collections.abc import Iterable

from corsproxy.cors.literal import is_name, is_origin
from corsproxy.cors.origin import RegexPattern
from corsproxy.cors.policy import Names, Policy

_TOP = "cors:\n"
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./+-]*(?::[A-Za-z0-9_./+-]+)*")
_NOT_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def origins_with(policy: Policy, origin: str) -> str:
    """`allow_origins` of `policy` with `origin` added."""
    if not is_origin(origin):
        return ""
    listed = [
        f"{{regex: {_quoted(pattern.text)}}}"
        if isinstance(pattern, RegexPattern)
        else scalar(str(pattern))
        for pattern in policy.allow_origins.patterns
    ]
    return setting("allow_origins", [*listed, scalar(origin)])


def names_with(key: str, names: Names, added: Iterable[str]) -> str:
    """A list of methods or names with `added` to it."""
    added = tuple(added)
    if not all(map(is_name, added)):
        return ""
    present = (("*",) if names.any else ()) + names.listed
    return setting(key, [scalar(name) for name in dict.fromkeys((*present, *added))])


def credentials_for(policy: Policy, origin: str) -> str:
    """`allow_credentials`, and origins by name in the place of the wildcard."""
    allowed = "  allow_credentials: true\n"
    if policy.allow_origins.any and not is_origin(origin):
        return ""
    named = setting("allow_origins", [scalar(origin)]) if policy.allow_origins.any else _TOP
    return named + allowed


def together(patches: Iterable[str]) -> str:
    """Several patches as one; "" for none."""
    settings = "".join(text.removeprefix(_TOP) for text in patches)
    return _TOP + settings if settings else ""


def setting(key: str, elements: list[str]) -> str:
    """The setting as a block of YAML under `cors`."""
    return f"{_TOP}  {key}:\n" + "".join(f"    - {element}\n" for element in elements)


def scalar(text: str) -> str:
    """`text` as YAML that reads as just this text."""
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _NOT_TEXT
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    body = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{body}"'
