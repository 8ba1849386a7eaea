"""Kinds of places: addresses, hosts, prefixes of paths, networks and files."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corsproxy.config import address
from corsproxy.config.kinds.kind import (
    SettingKind,
    closest_word,
    each,
    list_nodes,
    one,
    text_of,
)
from corsproxy.config.settings import ENVIRONMENT
from corsproxy.config.yaml_text.tree import Listing, Node, NodeError, Notes, Scalar
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import MAX_PORT
from corsproxy.cors.secret_text import without_userinfo
from corsproxy.cors.yaml_scalar import as_yaml

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_HOST_AND_PORT = re.compile(rf"(?:{_HOST.pattern})(?::(?P<port>[0-9]+))?")
_PREFIX = re.compile(r"/(?:[!$&'()+,;=:@/A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*")
"""RFC 3986, 3.3: what a path is made of; `*` left out, which is meant as a wildcard."""


def _address(parse: Callable[[str], Any]) -> Callable[[Node, Notes], Any]:
    def read(node: Node, _: Notes) -> Any:
        # A port alone is a number to YAML, and `off` a truth value; neither is one here.
        text = node.text if isinstance(node, Scalar) and node.type != "null" else ""
        try:
            return parse(text or text_of(node, "an address"))
        except address.AddressError as error:
            fix = error.fix and as_yaml(error.fix)
            raise NodeError("not-an-address", error.message, fix) from None

    return read


def _admin(text: str) -> address.ListenAddress | None:
    if text.lower() in ("off", "false"):
        return None
    try:
        return address.parse_listen(text, https=False)
    except address.AddressError as error:
        meant_off = text.isalpha() and text.lower() != "localhost"
        raise address.AddressError(error.message, "off" if meant_off else error.fix) from None


def _listen(node: Node, notes: Notes) -> tuple[address.ListenAddress, ...]:
    """One address, or a list of them; a text that is not YAML's may have several, by commas."""
    read = _address(address.parse_listen)
    listed = isinstance(node, Listing) or (isinstance(node, Scalar) and node.type is None)
    nodes = list_nodes(node, "a list of addresses") if listed else (node,)
    if not nodes:
        raise NodeError("no-address-listed", "expected an address to listen on", "127.0.0.1:8080")
    return tuple(each(nodes, read, notes))


def _tls(text: str) -> bool:
    if text != "auto":
        message = f"{text!r} is neither auto nor a certificate with its key"
        raise NodeError("unknown-value", message, "auto")
    return True


def _proxy(text: str) -> address.HttpProxy | str | None:
    return text if text == ENVIRONMENT else address.HttpProxy.parse(text)


def _host(text: str) -> str:
    if _HOST.fullmatch(text):
        return text
    lowered = text.lower().partition("://")[2] or text.lower()
    lowered = re.sub(r":[0-9]+$|/.*$", "", lowered)
    fix = as_yaml(lowered) if _HOST.fullmatch(lowered) else None
    what = without_userinfo(text)
    message = f"{what!r} is not a host name: expected one like api.localtest.me"
    raise NodeError("not-a-host", message, fix)


def _allowed_host(text: str) -> str:
    below = text.removeprefix("*.")
    return text if text == "*" or (below != text and _HOST.fullmatch(below)) else _host(text)


def _forward_host(text: str) -> str:
    shape = _HOST_AND_PORT.fullmatch(text)
    if shape is not None and number(shape["port"] or "0", MAX_PORT) is not None:
        return text
    what = without_userinfo(text)
    message = f"{what!r} is not a host: expected auto, upstream, preserve or a name"
    raise NodeError("not-a-host", message, closest_word(text, ("auto", "upstream", "preserve")))


def _prefix(text: str) -> str:
    if not text.startswith("/"):
        message = f"a route's path begins with a slash, and {text!r} does not"
        raise NodeError("not-a-path", message, as_yaml(f"/{text}"))
    segments = text.split("/")
    if not _PREFIX.fullmatch(text) or "." in segments or ".." in segments:
        fix = re.sub(r"/?[?#*].*$", "", text) or "/"
        how = "it is compared with the request's path character by character"
        message = f"{text!r} is not a path prefix: {how}"
        raise NodeError(
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
    raise NodeError(
        "not-a-network", f"{text!r} is not a network: expected one like 10.0.0.0/8", fix
    )


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise NodeError("not-a-file", f"{text!r} names no file")
    return Path(text)


_LISTEN_SCHEMA = {"type": ["string", "integer"], "minimum": 0, "maximum": MAX_PORT}
LISTEN = SettingKind(
    _listen,
    {"anyOf": [_LISTEN_SCHEMA, {"type": "array", "items": _LISTEN_SCHEMA, "minItems": 1}]},
    "ADDRESS",
    many=True,
)
TLS = one("auto, or a certificate with its key", _tls, {"const": "auto"}, "auto")
ADMIN = SettingKind(_address(_admin), {"type": ["string", "integer", "boolean"]}, "ADDRESS|off")
UPSTREAM = SettingKind(_address(address.UpstreamAddress.parse), {"type": "string"}, "URL")
PROXY = SettingKind(_address(_proxy), {"type": "string"}, f"URL|{ENVIRONMENT}")
HOST = one("a host name", _host, {"type": "string"}, "HOST")
ALLOWED_HOST = one("a host name", _allowed_host, {"type": "string"}, "HOST")
FORWARD_HOST = one("a host", _forward_host, {"type": "string"}, "auto|upstream|preserve|HOST")
PREFIX = one("a path", _prefix, {"type": "string", "pattern": "^/"}, "PATH")
NETWORK = one("a network", _network, {"type": "string"}, "NETWORK")
FILE = one("a path", _path, {"type": "string", "minLength": 1}, "FILE")
