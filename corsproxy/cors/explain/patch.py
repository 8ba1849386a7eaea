"""The fix as YAML: the setting as it should read, ready to be put into the policy file.

A value that would be a pattern there (`literal`) makes none: "" comes back. Of a long list only the
end is written, below a comment that says how many stand before: a patch is made for each refusal,
and must not cost more than the request.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from corsproxy.cors.origin import RegexPattern
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.policy_value import is_name, is_origin
from corsproxy.cors.yaml_scalar import as_yaml

_TOP = "cors:\n"
MAX_LISTED = 20
"""Elements of a list that are all written; of a longer one the last few are."""
MAX_TAIL = 3
MAX_ELEMENT = 512
"""Characters of an element that is added; what is longer no browser sends."""
T = TypeVar("T")


def origins_with(policy: Policy, origin: str) -> str:
    """`allow_origins` of `policy` with `origin` added."""
    if not is_origin(origin):
        return ""
    shown, left_out = _shown(policy.allow_origins.patterns)
    listed = [
        f"{{regex: {as_yaml(pattern.text)}}}"
        if isinstance(pattern, RegexPattern)
        else as_yaml(str(pattern))
        for pattern in shown
    ]
    return setting("allow_origins", [*listed, as_yaml(origin)], left_out)


def names_with(key: str, names: Names, added: Iterable[str]) -> str:
    """A list of methods or names with `added` to it."""
    new = [name for name in added if len(name) <= MAX_ELEMENT]
    if not all(map(is_name, new)):
        return ""
    shown, left_out = _shown((("*",) if names.any else ()) + names.listed)
    return setting(key, [as_yaml(name) for name in dict.fromkeys((*shown, *new))], left_out)


def credentials_for(policy: Policy, origin: str) -> str:
    """`allow_credentials`, and origins by name in the place of the wildcard."""
    allowed = "  allow_credentials: true\n"
    if policy.allow_origins.any and not is_origin(origin):
        return ""
    named = setting("allow_origins", [as_yaml(origin)]) if policy.allow_origins.any else _TOP
    return named + allowed


def together(patches: Iterable[str]) -> str:
    """Several patches as one; "" for none."""
    settings = "".join(text.removeprefix(_TOP) for text in patches)
    return _TOP + settings if settings else ""


def placed(patch: str, policy: Policy, top: Policy, path: str, host: str | None) -> str:
    """The patch where it works: in the route at `path`, or at the top for what that inherits."""
    keys = [line.strip().partition(":")[0] for line in patch.splitlines() if line[2:3].isalpha()]
    if all(policy.span(key) == top.span(key) for key in keys):
        return patch
    lines = [f"  - path: {as_yaml(path)}", *([f"    host: {as_yaml(host)}"] if host else [])]
    lines += [f"    {line}" for line in patch.splitlines()]
    return "routes:\n" + "".join(f"{line}\n" for line in lines)


def setting(key: str, elements: list[str], left_out: int = 0) -> str:
    """The setting as a block of YAML under `cors`; a comment stands for what is left out."""
    comment = f"    # ... the {left_out} before stay as they are\n" if left_out else ""
    return f"{_TOP}  {key}:\n{comment}" + "".join(f"    - {element}\n" for element in elements)


def _shown(present: Sequence[T]) -> tuple[Sequence[T], int]:
    """The elements of a list that are written, and how many stand before them."""
    if len(present) <= MAX_LISTED:
        return present, 0
    return present[-MAX_TAIL:], len(present) - MAX_TAIL
