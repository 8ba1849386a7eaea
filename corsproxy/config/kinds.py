"""Kinds of values: how each is read, and how a JSON Schema describes it.

A reader takes one node and gives the value. It raises Mistake for a wrong value as a whole; a
wrong element of a list is noted, so that all of them are told at once.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy.config import address
from corsproxy.config.quoting import as_yaml
from corsproxy.config.tree import Listing, Mistake, Node, Notes, Scalar

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_TAKEN_FOR = {"bool": "a truth value", "int": "a number", "float": "a number", "null": "nothing"}
_PREFIX = re.compile(r"/(?:[!$&'()+,;=:@/A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*")
"""RFC 3986, 3.3: what a path is made of; `*` left out, which is meant as a wildcard."""

_COMMA = re.compile(r",(?![^{]*\})")
"""Between elements, not inside of a regex's `{1,3}`."""


class Kind(NamedTuple):
    """One kind of value. `metavar` names it in help; `many` is a list, `switch` true or false."""

    read: Callable[[Node, Notes], Any]
    schema: Mapping[str, Any]
    metavar: str
    many: bool = False
    switch: bool = False


def text_of(node: Node, expected: str) -> str:
    """The text of a scalar that YAML takes for text; raises Mistake for anything else."""
    if not isinstance(node, Scalar):
        found = "a list" if isinstance(node, Listing) else "a mapping"
        raise Mistake("expected-text", f"expected {expected}, not {found}")
    if node.type in (None, "str"):
        return node.text
    if not node.text:
        raise Mistake("empty-value", f"nothing stands here: expected {expected}")
    taken = _TAKEN_FOR.get(node.type or "", f"a {node.type}")
    message = f"YAML takes {node.text} for {taken}: expected {expected}"
    raise Mistake("yaml-type", message, f'"{node.text}"')


def elements(node: Node, expected: str) -> tuple[Node, ...]:
    """The elements of a list; those between commas where the text is no YAML's; `"*"` alone."""
    if isinstance(node, Listing):
        return node.items
    text = text_of(node, expected)
    assert isinstance(node, Scalar)
    if node.type is None:
        parts = (part.strip() for part in _COMMA.split(text))
        return tuple(Scalar(part, node.span) for part in parts if part)
    if text == "*":
        return (node,)
    raise Mistake("expected-list", f"expected {expected}, not one text", f"[{as_yaml(text)}]")


def one(
    expected: str, parse: Callable[[str], Any], schema: Mapping[str, Any], metavar: str
) -> Kind:
    """A text that `parse` reads; what it raises becomes a Mistake."""
    return Kind(lambda node, _: parse(text_of(node, expected)), schema, metavar)


def many(expected: str, element: Kind) -> Kind:
    """A list of `element`s, as a tuple."""

    def read(node: Node, notes: Notes) -> tuple[Any, ...]:
        return tuple(each(elements(node, expected), element.read, notes))

    schema = {"type": "array", "items": element.schema}
    return Kind(read, schema, element.metavar, many=True)


def each(nodes: Iterable[Node], read: Callable[[Node, Notes], Any], notes: Notes) -> Iterable[Any]:
    """What `read` makes of each node; a mistake is noted at its node, and the next one read."""
    for node in nodes:
        with notes.at(node.span):
            yield read(node, notes)


def optional(kind: Kind) -> Kind:
    """`kind`, or null for none."""

    def read(node: Node, notes: Notes) -> Any:
        if isinstance(node, Scalar) and node.type == "null" and node.text:
            return None
        return kind.read(node, notes)

    return kind._replace(read=read, schema={"anyOf": [kind.schema, {"type": "null"}]})


def choice(values: type[StrEnum]) -> Kind:
    """One of an enumeration's values."""
    return one(
        _listed(values), lambda text: chosen(text, values), {"enum": list(values)}, "|".join(values)
    )


def chosen(text: str, values: type[StrEnum]) -> StrEnum:
    """The member of `values` that `text` names; raises Mistake, with the nearest one."""
    if text in list(values):
        return values(text)
    raise Mistake("unknown-value", f"{text!r} is none of {_listed(values)}", nearest(text, values))


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `text` was probably meant to be."""
    import difflib

    return next(iter(difflib.get_close_matches(text, list(known), n=1)), None)


def _listed(values: Iterable[str]) -> str:
    *most, last = values
    return f"{', '.join(most)} or {last}"


def _boolean(node: Node, _: Notes) -> bool:
    text = node.text.lower() if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and text in ("true", "false") and node.type in (None, "bool"):
        return text == "true"
    meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    fix = meant.get(text, text if text in ("true", "false") else None)
    raise Mistake("expected-boolean", "expected true or false", fix)


def integer(least: int, most: int, unit: str) -> Kind:
    """A whole number in decimal digits; octal, hexadecimal and 1:30 are other numbers in YAML."""
    expected = f"expected a whole number of {unit}, {least} or more"

    def read(node: Node, _: Notes) -> int:
        if not isinstance(node, Scalar) or not re.fullmatch(r"-?(0|[1-9][0-9]*)", node.text):
            raise Mistake("expected-number", expected, _as_decimal(node))
        if node.type == "str":
            raise Mistake("expected-number", f"{expected}, unquoted", node.text)
        if len(node.text) > len(str(most)) or not least <= int(node.text) <= most:
            raise Mistake(
                "out-of-range", f"{node.text} is out of range: {expected}, {most} at most"
            )
        return int(node.text)

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most}, "NUMBER")


def _as_decimal(node: Node) -> str | None:
    """What 1:30, 0x10, 010 and 1_000 were meant to be: what YAML says, but for leading zeros."""
    if not isinstance(node, Scalar) or node.type != "int":
        return None
    text = node.text.replace("_", "")
    if ":" in text:
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return str(total)
    try:
        return str(int(text, 10 if text.isdigit() else 0))
    except ValueError:
        return None


def _seconds(node: Node, _: Notes) -> float:
    expected = "expected seconds, a number above 0"
    if not isinstance(node, Scalar) or not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", node.text):
        fix = None
        if isinstance(node, Scalar) and (shape := re.fullmatch(r"([0-9]+)(s|m)", node.text)):
            fix = str(int(shape[1]) * (60 if shape[2] == "m" else 1))
        raise Mistake("expected-number", expected, fix)
    if node.type == "str":
        raise Mistake("expected-number", f"{expected}, unquoted", node.text)
    if float(node.text) == 0:
        raise Mistake("out-of-range", f"{node.text} is out of range: {expected}")
    return float(node.text)


def _address(parse: Callable[[str], Any]) -> Callable[[Node, Notes], Any]:
    def read(node: Node, _: Notes) -> Any:
        # A port alone is a number to YAML, and `off` a truth value; neither is one here.
        text = node.text if isinstance(node, Scalar) and node.type != "null" else ""
        try:
            return parse(text or text_of(node, "an address"))
        except address.AddressError as error:
            fix = error.fix and as_yaml(error.fix)
            raise Mistake("not-an-address", error.message, fix) from None

    return read


def _admin(text: str) -> address.ListenAddress | None:
    return None if text.lower() in ("off", "false") else address.parse_listen(text)


def _host(text: str) -> str:
    if _HOST.fullmatch(text):
        return text
    lowered = text.lower().partition("://")[2] or text.lower()
    lowered = re.sub(r":[0-9]+$|/.*$", "", lowered)
    fix = as_yaml(lowered) if _HOST.fullmatch(lowered) else None
    raise Mistake(
        "not-a-host", f"{text!r} is no host name: expected one like api.localtest.me", fix
    )


def _forward_host(text: str) -> str:
    host, colon, port = text.rpartition(":") if text[-1:].isdigit() else (text, "", "1")
    known = _HOST.fullmatch(host) if colon else _HOST.fullmatch(text)
    if known and port.isdigit():
        return text
    message = f"{text!r} is no host: expected upstream, preserve or a name"
    raise Mistake("not-a-host", message, nearest(text, ("upstream", "preserve")))


def _prefix(text: str) -> str:
    if not text.startswith("/"):
        message = f"a route's path begins with a slash, and {text!r} does not"
        raise Mistake("not-a-path", message, as_yaml(f"/{text}"))
    segments = text.split("/")
    if not _PREFIX.fullmatch(text) or "." in segments or ".." in segments:
        fix = re.sub(r"/?[?#*].*$", "", text) or "/"
        message = (
            f"{text!r} is no prefix of a path: it is compared with what comes, letter by letter"
        )
        raise Mistake(
            "not-a-path", message, fix if fix != text and _PREFIX.fullmatch(fix) else None
        )
    return text


def _network(text: str) -> IpNetwork:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        fix = as_yaml(str(ipaddress.ip_network(text, strict=False)))
    except ValueError:
        fix = None
    raise Mistake("not-a-network", f"{text!r} is no network: expected one like 10.0.0.0/8", fix)


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise Mistake("not-a-file", f"{text!r} names no file")
    return Path(text)


BOOLEAN = Kind(_boolean, {"type": "boolean"}, "", switch=True)
SECONDS = Kind(_seconds, {"type": "number", "exclusiveMinimum": 0}, "SECONDS")
LISTEN = Kind(
    _address(address.parse_listen),
    {"type": ["string", "integer"], "minimum": 0, "maximum": 65535},
    "ADDRESS",
)
ADMIN = Kind(_address(_admin), {"type": ["string", "integer", "boolean"]}, "ADDRESS|off")
UPSTREAM = Kind(_address(address.UpstreamAddress.parse), {"type": "string"}, "URL")
HOST = one("a host name", _host, {"type": "string"}, "HOST")
FORWARD_HOST = one("a host", _forward_host, {"type": "string"}, "upstream|preserve|HOST")
PREFIX = one("a path", _prefix, {"type": "string", "pattern": "^/"}, "PATH")
NETWORK = one("a network", _network, {"type": "string"}, "NETWORK")
FILE = one("a path", _path, {"type": "string", "minLength": 1}, "FILE")
