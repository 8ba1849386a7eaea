"""The kinds of values that a policy is made of: origins, methods and names."""

from collections.abc import Callable
from shlex import quote
from typing import Any

from corsproxy.config.diagnostics import Advice
from corsproxy.config.kinds.kind import SettingKind, each, list_nodes, text_of
from corsproxy.config.yaml_text.tree import Node, NodeError, Notes, Scalar, Settings
from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.cors.names import (
    WILDCARD,
    NameRejected,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OPAQUE, OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.secret_text import without_userinfo
from corsproxy.cors.yaml_scalar import as_yaml

_REGEX = "regex:"
"""How a flag or a variable says that what follows is a regex; a file says `{regex: ...}`."""


def is_wildcard(node: Node) -> bool:
    """Whether `node` is the text `*`."""
    return isinstance(node, Scalar) and node.text == WILDCARD


def _origins(node: Node, notes: Notes) -> Origins:
    listed = list_nodes(node, "a list of origins")
    if not listed:
        message = "an empty list allows no origin; so does leaving the setting out"
        raise NodeError("no-origin-listed", message, "[http://localhost:5173]")
    stars = [element for element in listed if is_wildcard(element)]
    if stars and len(listed) > 1:
        message = "`*` allows every origin and stands alone"
        fix = Advice('either "*" alone or the other origins')
        notes.error("wildcard-beside-origins", stars[0].span, message, fix)
    patterns = each((element for element in listed if not is_wildcard(element)), _origin, notes)
    return Origins(patterns) if len(stars) < len(listed) else Origins(any_origin=True)


def _origin(node: Node, notes: Notes) -> OriginPattern | RegexPattern:
    if isinstance(node, Settings):
        return _regex_setting(node, notes)
    text = text_of(node, "an origin")
    if isinstance(node, Scalar) and node.type is None and text.startswith(_REGEX):
        return _regex(text.removeprefix(_REGEX), node)
    try:
        return OriginPattern.parse(text, node.span)
    except PatternError as error:
        message = f"{without_userinfo(text)!r} is not an origin: {error.message}"
        raise NodeError("not-an-origin", message, _origin_fix(error, node)) from None


def _origin_fix(error: PatternError, node: Node) -> str | None:
    """The origin that was meant, as it is written where the wrong one stands."""
    if error.fix is None:
        return None
    written = not (isinstance(node, Scalar) and node.type is None)
    if error.regex:
        return f"{{regex: {as_yaml(error.regex)}}}" if written else quote(_REGEX + error.regex)
    if error.fix.strip('"') == OPAQUE:
        return error.fix if written else OPAQUE
    return as_yaml(error.fix) if written else error.fix


def _regex_setting(node: Settings, _: Notes) -> RegexPattern:
    if set(node.values) != {"regex"}:
        raise NodeError("not-an-origin", "expected an origin or {regex: ...}")
    value = node.values["regex"]
    return _regex(text_of(value, "a regex"), value)


def _regex(text: str, node: Node) -> RegexPattern:
    try:
        return RegexPattern(text, node.span)
    except PatternError as error:
        raise NodeError("not-a-regex", error.message) from None


def _names(expected: str, check: Callable[[str], str], id_: str) -> Callable[[Node, Notes], Names]:
    def name(node: Node, _: Notes) -> str:
        try:
            return check(text_of(node, expected))
        except NameRejected as error:
            raise NodeError(id_, error.message, error.fix) from None

    def read(node: Node, notes: Notes) -> Names:
        listed = list_nodes(node, f"a list of {expected.removeprefix('a ')}s")
        named = [element for element in listed if not is_wildcard(element)]
        return Names(tuple(each(named, name, notes)), any=len(named) < len(listed))

    return read


def _listing(items: Any) -> dict[str, Any]:
    return {"anyOf": [{"const": WILDCARD}, {"type": "array", "items": items}]}


_PATTERN_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"regex": {"type": "string"}},
            "required": ["regex"],
            "additionalProperties": False,
        },
    ]
}
_TOKEN_SCHEMA = {"type": "string", "pattern": f"^{TOKEN.pattern}$"}

ORIGINS = SettingKind(
    _origins,
    {"anyOf": [{"const": WILDCARD}, {"type": "array", "items": _PATTERN_SCHEMA, "minItems": 1}]},
    "ORIGIN",
    many=True,
)
METHODS = SettingKind(
    _names("a method", check_method, "method-never-sent"),
    _listing(_TOKEN_SCHEMA),
    "METHOD",
    many=True,
)
REQUEST_HEADER_NAMES = SettingKind(
    _names("a header name", check_request_name, "name-never-sent"),
    _listing(_TOKEN_SCHEMA),
    "NAME",
    many=True,
)
EXPOSED_NAMES = SettingKind(
    _names("a header name", check_exposed_name, "name-never-read"),
    _listing(_TOKEN_SCHEMA),
    "NAME",
    many=True,
)
