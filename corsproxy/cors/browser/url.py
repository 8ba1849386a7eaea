"""URLs as a browser reads them, as far as origins and redirects go (the URL standard).

https://url.spec.whatwg.org/#url-parsing
"""

import re
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

from corsproxy.cors.nearest_origin import canonical
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import DEFAULT_PORTS, MAX_PORT

HTTP = frozenset({"http", "https"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:]+)(?::(?P<port>[0-9]*))?")
_HOST = re.compile(r"[^\x00-\x20\"#%/:<>?@\[\]\\^`{|}\x7f]+")
"""No "forbidden domain code point". https://url.spec.whatwg.org/#forbidden-domain-code-point"""
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_QUERY = re.compile(r"(?=[?#]|\Z)")
"""Where the path ends."""
_IGNORED = re.compile(r"^[\x00- ]+|[\x00- ]+$|[\t\n\r]")
"""The parser takes these out before it begins."""


def is_url(text: str) -> bool:
    """Whether a URL parser takes `text`: this alone tells "invalid" from "differs"."""
    shape = _SCHEME.fullmatch(text)
    if shape is None:
        return False
    if shape[1].lower() not in DEFAULT_PORTS:
        return True
    rest = shape[2].lstrip("/\\")
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if not (shape := _AUTHORITY.fullmatch(authority)) or not _is_host(shape["host"]):
        return False
    return not shape["port"] or number(shape["port"], MAX_PORT) is not None


def _is_host(text: str) -> bool:
    """The URL standard's host parser: percent signs decoded, UTF-8, and IPv4 where it ends so.

    https://url.spec.whatwg.org/#host-parsing
    """
    if text.startswith("["):
        return _IPV6.fullmatch(text) is not None
    try:
        host = unquote_to_bytes(text.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        return False
    if not _HOST.fullmatch(host):
        return False
    labels = host.removesuffix(".").split(".")
    return not _NUMBER.fullmatch(labels[-1]) or _is_ipv4(labels)


def _is_ipv4(labels: list[str]) -> bool:
    """Each part but the last is a byte; the last stands for all that are left."""
    if len(labels) > 4 or not all(map(_NUMBER.fullmatch, labels)):
        return False
    try:
        *bytes_, last = (_ipv4_number(label) for label in labels)
    except ValueError:
        return False
    return all(byte <= 255 for byte in bytes_) and last < 256 ** (4 - len(bytes_))


def _ipv4_number(label: str) -> int:
    if len(label) > 16:
        return 1 << 32  # beyond any address, without reading so many digits
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8 if label[0] == "0" else 10)


def resolved_url(base: str, location: str) -> SplitResult | None:
    """`location` as seen from `base`, an http or https URL; None where it is no URL."""
    target = _joined(base, _IGNORED.sub("", location))
    return urlsplit(target) if is_url(target) else None


def _joined(base: str, location: str) -> str:
    """`location` resolved, with what RFC 3986, and so Python, does not know.

    In http and https a backslash is a slash, there may be any number of slashes before the host,
    and `http:path` is relative to an http URL.
    """
    shape = _SCHEME.fullmatch(location)
    scheme = shape[1].lower() if shape else ""
    if scheme and scheme not in DEFAULT_PORTS:
        return location
    before, rest = _QUERY.split(shape[2] if shape else location, maxsplit=1)
    path = before.replace("\\", "/")
    absolute = path.startswith("//") or scheme not in ("", parts_of(base).scheme)
    if not absolute:
        return str(urljoin(base, path + rest))
    return f"{scheme or parts_of(base).scheme}://{path.lstrip('/')}{rest}"


def origin_of(url: str) -> str:
    """The origin of an http or https URL, as a browser spells it."""
    parts = parts_of(url)
    authority = parts.netloc.rpartition("@")[2]
    return canonical(f"{parts.scheme}://{authority}")


def parts_of(url: str) -> SplitResult:
    """The parts of a URL, which may come from anybody: all empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
