"""How an origin is spelled, and how one that is spelled wrong should be.

A browser spells an origin in one way only: lower case, default port left out, no path, a Unicode
host in punycode, an address in its shortest form. What is written otherwise matches nothing, so
`read_pattern` refuses it and names the spelling that would match.
"""

import ipaddress
import re
from typing import NamedTuple

OPAQUE = "null"
"""The origin of sandboxed frames, local files and some redirects, as it is sent."""

DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
"""URL standard, "special scheme": the port that is left out when an origin is spelled."""

MAX_PORT = 65535

_HOST = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]"
ORIGIN_SHAPE = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?"
)
"""The shape of what a browser sends, the opaque origin apart."""

_PATTERN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<subdomains>\*\.)?(?P<host>{_HOST})"
    r"(?::(?P<port>0|[1-9][0-9]{0,4}|\*))?"
)
_LOOSE = re.compile(
    r"\s*(?:(?P<scheme>[a-z][a-z0-9+.-]*):/{1,3}(?!/))?(?:[^/?#\\]*@)?"
    r"(?P<subdomains>\*\.)?(?P<host>\[[^]]*\]|[^/?#\\:*\s]*)"
    r"(?::0*(?P<port>[0-9]*|\*))?(?:[/?#\\].*)?\s*",
    re.IGNORECASE | re.DOTALL,
)
"""Anything from which a person could tell which origin was meant."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOOPBACK = re.compile(r"(?:.+\.)?localhost\.?|127(?:\.[0-9]+){1,3}|\[::1\]")
_SHAPE = "expected scheme://host or scheme://host:port"
_CAUSES = (
    (r"[^/]*$", _SHAPE),
    (r"[^/]*//[^/?#]*@", "an origin has no user name and no password"),
    (r"[^/]*//[^/?#]*[/?#]", "an origin ends after its host and port: no slash, path or query"),
    (r".*[^\x00-\x7f]", "a browser spells a Unicode host in punycode"),
    (r".*[A-Z]", "a browser spells an origin in lower case"),
    (r".*:0[0-9]+$", "a port has no leading zeros"),
)
"""What is wrong with a text that `_LOOSE` reads, the first that fits."""

_PAGELESS = {
    "file": "a page opened from a file has the origin null",
    "ws": "a WebSocket carries the origin of its page, which came over http",
    "wss": "a WebSocket carries the origin of its page, which came over https",
}


class PatternError(ValueError):
    """A text that names no set of origins; `fix` is a spelling that would, where one is near.

    >>> from corsproxy.cors.origin import OriginPattern
    >>> try:
    ...     OriginPattern.parse("https://App.example/")
    ... except PatternError as error:
    ...     print(error.fix)
    https://app.example
    """

    def __init__(self, message: str, fix: str | None = None, regex: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = f"{{regex: '{regex}'}}" if regex else fix
        self.regex = regex
        """A regex that says it, where no other pattern does; then `fix` is its mapping."""


class Spelled(NamedTuple):
    """The parts of an origin, or of a pattern of origins, as a browser spells them."""

    scheme: str
    host: str
    port: str = ""
    subdomains: bool = False

    def __str__(self) -> str:
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{'*.' if self.subdomains else ''}{self.host}{port}"


def read_pattern(text: str) -> Spelled:
    """Read the pattern `text`; raises PatternError unless a browser would spell it like this."""
    shape = _PATTERN.fullmatch(text)
    if shape is None:
        raise _misspelled(text)
    spelled = Spelled(
        shape["scheme"], shape["host"], shape["port"] or "", shape["subdomains"] is not None
    )
    _check_scheme(spelled)
    _check_host(spelled)
    _check_port(spelled)
    return spelled


def _check_scheme(spelled: Spelled) -> None:
    if (cause := _PAGELESS.get(spelled.scheme)) is not None:
        page = spelled._replace(scheme=spelled.scheme.replace("ws", "http"))
        raise PatternError(cause, _fixed(page))


def _check_host(spelled: Spelled) -> None:
    _check_punycode(spelled.host)
    address = spelled.host.startswith("[") or _ends_in_number(spelled.host)
    if not address or (spelled.scheme not in DEFAULT_PORTS and spelled.host[0] != "["):
        return  # a domain, or (URL standard, "opaque host") what is taken as it stands
    host = _spelled_address(spelled.host)
    if host != spelled.host:
        fix = _fixed(spelled._replace(host=host))
        raise PatternError(f"a browser spells the host {spelled.host!r} as {host!r}", fix)
    if spelled.subdomains:
        fix = _fixed(spelled._replace(subdomains=False))
        raise PatternError(f"the address {host} has no subdomains", fix)


def _check_punycode(host: str) -> None:
    """A label that stands for a Unicode one and cannot: no browser gets to such a host.

    https://url.spec.whatwg.org/#concept-domain-to-ascii
    """
    for label in host.split("."):
        if not label.startswith("xn--"):
            continue
        try:
            decoded = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            decoded = ""
        if decoded.isascii() or not decoded.isprintable():
            raise PatternError(f"{label!r} is not punycode, so no browser can open such a host")


def _check_port(spelled: Spelled) -> None:
    if spelled.port and spelled.port == DEFAULT_PORTS.get(spelled.scheme):
        fix = _fixed(spelled._replace(port=""))
        raise PatternError(f"a browser leaves out the default port of {spelled.scheme}", fix)
    if spelled.port == "0":
        # The URL standard could spell it, but nothing listens there: "any port" was meant.
        fix = _fixed(spelled._replace(port="*"))
        raise PatternError("no page comes from port 0", fix)
    if spelled.port.isdigit() and int(spelled.port) > MAX_PORT:
        raise PatternError(f"there is no port {spelled.port}; the highest is {MAX_PORT}")


def _ends_in_number(host: str) -> bool:
    """Whether the URL standard takes `host` for an IPv4 address ("ends in a number checker")."""
    return _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]) is not None


def _spelled_address(host: str) -> str:
    try:
        return f"[{_ipv6(host[1:-1])}]" if host.startswith("[") else _ipv4(host.removesuffix("."))
    except ValueError:
        if host.startswith("["):
            raise PatternError(f"{host} is not an IPv6 address") from None
        raise PatternError(
            f"a host whose last label is a number is an IPv4 address, and {host} is not valid"
        ) from None


def _ipv4(host: str) -> str:
    """Spell the address as the URL standard's IPv4 parser reads it: 127.1 is 127.0.0.1."""
    *bytes_, last = (_number(part) for part in host.split("."))
    value = last
    for place, byte in enumerate(bytes_, start=1):
        value += int.from_bytes([byte]) << 8 * (4 - place)
    if last >= 1 << 8 * (4 - len(bytes_)):
        raise ValueError(host)
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)


def _ipv6(text: str) -> str:
    """Spell the address in hexadecimal; Python 3.13 would write ::ffff:7f00:1 with dots."""
    address = ipaddress.IPv6Address(text)
    if (mapped := address.ipv4_mapped) is None:
        return address.compressed
    return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"


def _misspelled(text: str) -> PatternError:
    """Say why `text` is no pattern, and the nearest text that is one."""
    if text == "*":
        message = '"*" names every origin, so nothing can stand beside it'
        return PatternError(message, 'either "*" alone or the other origins')
    if text.strip().lower() == OPAQUE:
        return PatternError("the opaque origin is spelled in lower case", f'"{OPAQUE}"')
    loose = _LOOSE.fullmatch(text)
    if loose is None or ("://" in text and not loose["scheme"]):
        return _misplaced_wildcard(text) if "*" in text else PatternError(_SHAPE)
    host = _ascii(loose["host"].lower())
    scheme = (loose["scheme"] or ("http" if _LOOPBACK.fullmatch(host) else "https")).lower()
    meant = Spelled(scheme, host, loose["port"] or "", loose["subdomains"] is not None)
    if (pageless := _PAGELESS.get(scheme)) is not None:
        return PatternError(pageless, _fixed(meant))
    cause = next((cause for shape, cause in _CAUSES if re.match(shape, text, re.DOTALL)), _SHAPE)
    return PatternError(cause, _fixed(meant))


def _misplaced_wildcard(text: str) -> PatternError:
    any_host = re.fullmatch(r"(https?)://\*(?::([1-9][0-9]{0,4}|\*))?/?", text)
    if any_host is None:
        glued = re.fullmatch(r"([a-z][a-z0-9+.-]*)://\*+\.?([^*:/]+)(?::([0-9]+|\*))?/?", text)
        fix = _fixed(Spelled(glued[1], glued[2], glued[3] or "", True)) if glued else None
        message = "`*` stands for whole subdomains (`://*.`) or for the port (`:*`) only"
        return PatternError(message, fix)
    scheme, port = any_host[1], any_host[2]
    suffix = "(:[0-9]+)?" if port == "*" else f":{port}"
    if port is None or port == DEFAULT_PORTS[scheme]:
        suffix = ""
    message = "`*` stands for the subdomains of a host, never for every host"
    return PatternError(message, regex=f"{scheme}://[^:]+{suffix}")


def _fixed(meant: Spelled) -> str | None:
    """Spell `meant` in the way that `read_pattern` accepts; None where there is none."""
    if meant.scheme == "file":
        return f'"{OPAQUE}"'
    if not _PATTERN.fullmatch(str(meant)):
        return None
    try:
        return str(read_pattern(str(meant)))
    except PatternError as error:
        return error.fix


def _ascii(host: str) -> str:
    """Spell a Unicode host in punycode; as it is where it cannot be a host."""
    if host.isascii():
        return host
    import idna  # its tables are large, and few programs meet this mistake

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host
