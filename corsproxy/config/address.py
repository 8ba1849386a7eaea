"""Addresses: where the proxy listens, and where the upstream is.

`parse` reads one spelling each and refuses what two readers could take for different places
(an IPv4 address in octal or with fewer than four numbers, a port out of range).
"""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import unquote

from corsproxy.cors.loopback import is_loopback_host
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import DEFAULT_PORTS, MAX_PORT
from corsproxy.cors.secret_text import userinfo_dropped, without_userinfo

_HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?)"
_LISTEN = re.compile(rf"(?:{_HOST}:)?(?P<port>[0-9]{{1,5}})")
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_URL = re.compile(rf"(?P<scheme>https?)://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?/?", re.IGNORECASE)
_PROXY = re.compile(
    rf"http://(?:(?P<userinfo>[^/?#@\s]*)@)?{_HOST}:(?P<port>[0-9]{{1,5}})/?", re.IGNORECASE
)
_SLIPPED_SCHEME = re.compile(r"(https?)(?::/(?!/)|//?|:(?=[^/0-9]))", re.IGNORECASE)
"""`http//`, `http:/` or `http:`, and no service called http with its port."""
_AUTHORITY = re.compile(r"[a-z]+://[^/?#]+", re.IGNORECASE)
_LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_NEAR_DOMAINS = {"internal", "local", "localhost"}
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


class AddressError(ValueError):
    """A text that names no address; `fix` is a spelling that would, where one is near."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a port to listen on; port 0 is any that is free. IPv6 without its brackets.

    `tls` says whether it speaks https; None where its text names no scheme, which another setting
    then decides (`settings.settled_listen`).
    """

    host: str
    port: int
    tls: bool | None = None

    @property
    def scheme(self) -> Literal["http", "https"]:
        """What clients speak here."""
        return "https" if self.tls else "http"

    @property
    def authority(self) -> str:
        """Host and port, as they stand in a URL; the port is always there."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The URL of its root, without the slash at its end."""
        return f"{self.scheme}://{self.authority}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback_host(self.host)

    @property
    def reachable(self) -> Self:
        """Where this machine reaches it: by loopback, where the host stands for all addresses."""
        return replace(self, host=_LOOPBACK_OF.get(self.host, self.host))

    def __str__(self) -> str:
        return self.authority if self.tls is None else self.url


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A socket in the file system."""

    path: str

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it: always."""
        return True

    def __str__(self) -> str:
        return f"unix:{self.path}"


ListenAddress = TcpAddress | UnixAddress


def own_origin(listen: Sequence[ListenAddress], page: str = "") -> str:
    """The origin of pages served from `listen`, as a page on this machine would name it.

    Of several addresses the one that a page of the origin `page` would call: of the same scheme,
    since https pages may call no http.
    """
    ports = [address for address in listen if isinstance(address, TcpAddress)]
    if not ports:
        return "http://localhost"
    alike = (address for address in ports if page.startswith(f"{address.scheme}://"))
    address = next(alike, ports[0])
    host = "localhost" if address.host in _LOOPBACK_OF else _bracketed(address.host)
    port = "" if str(address.port) == DEFAULT_PORTS[address.scheme] else f":{address.port}"
    return f"{address.scheme}://{host}{port}"


def parse_listen(text: str, *, https: bool = True) -> ListenAddress:
    """The address of `8080`, `host:port`, `[::1]:8080`, `https://host:port` or `unix:/path`.

    Without `https` no scheme may be named: what listens there speaks http.
    """
    if text.startswith("unix:"):
        return UnixAddress(_socket_path(text))
    if https and _SCHEME.match(text):
        return _listen_url(text)
    shape = _LISTEN.fullmatch(text)
    if shape is None:
        what = without_userinfo(text)
        expected = f"port, host:port{', https://host:port' * https} or unix:/path"
        message = f"{what!r} is not an address to listen on: expected {expected}"
        raise AddressError(message, _listen_fix(text))
    port = _port(shape["port"])
    with _completed(lambda host: TcpAddress(host, port)):
        return TcpAddress(_host(shape["host"] or "127.0.0.1"), port)


def _listen_url(text: str) -> TcpAddress:
    shape = _URL.fullmatch(text)
    if shape is None:
        what = without_userinfo(text)
        fix = _sound(_authority(userinfo_dropped(text)))
        message = f"{what!r} is not an address to listen on: expected https://host:port, no path"
        raise AddressError(message, fix)
    scheme = shape["scheme"].lower()
    port = _port(shape["port"] or DEFAULT_PORTS[scheme])
    with _completed(lambda host: TcpAddress(host, port, scheme == "https")):
        return TcpAddress(_host(shape["host"]), port, scheme == "https")


def _listen_fix(text: str) -> str | None:
    """What was meant by `:8080`, `*:8080`, `localhost` or a URL; no more open than it says."""
    place = userinfo_dropped(text).partition("://")[2] or text
    place = re.split(r"[/?#]", place, maxsplit=1)[0]
    if place.startswith("*:"):
        place = f"0.0.0.0{place[1:]}"
    host, colon, port = place.rpartition(":")
    if colon and not host:
        place = f"127.0.0.1:{port}"
    elif not colon:
        place = f"{place}:8080"
    try:
        return str(parse_listen(place)) if _LISTEN.fullmatch(place) else None
    except AddressError as error:
        return error.fix


@dataclass(frozen=True, slots=True)
class UpstreamAddress:
    """Where requests are forwarded to: a scheme, a host and a port, or a unix socket's `path`."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that `http://host[:port]`, `https://...` or `unix:/path` names."""
        if text.startswith("unix:"):
            return cls("http", "localhost", 80, _socket_path(text))
        shape = _URL.fullmatch(text)
        if shape is None:
            raise _url_mistake(text)
        scheme: Literal["http", "https"] = "https" if shape["scheme"].lower() == "https" else "http"
        port = _port(shape["port"] or DEFAULT_PORTS[scheme])
        if port == 0:
            raise AddressError("an upstream needs a port from 1 to 65535")
        with _completed(lambda host: cls(scheme, host, port)):
            return cls(scheme, _host(shape["host"]), port)

    @property
    def near(self) -> bool:
        """Whether it is on this machine, in this network, or has a name that only they know.

        Loopback, private and link-local addresses, sockets, names of one label (those of compose
        services) and below `.localhost`, `.local` (RFC 6762, 3) and `.internal` (reserved by ICANN
        for private use; `host.docker.internal`).
        """
        try:
            return not ipaddress.ip_address(self.host).is_global
        except ValueError:
            labels = self.host.removesuffix(".").split(".")
            return len(labels) == 1 or labels[-1] in _NEAR_DOMAINS

    @property
    def authority(self) -> str:
        """What goes into Host: the default port left out, `localhost` for a unix socket."""
        host = _bracketed(self.host)
        return host if str(self.port) == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class HttpProxy:
    """An HTTP proxy on the way to upstreams. `userinfo` ("name:password") is a secret."""

    host: str
    port: int
    userinfo: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The proxy that `http://[name:password@]host:port` names."""
        shape = _PROXY.fullmatch(text)
        if shape is None:
            message = f"{without_userinfo(text)!r} is not a proxy: expected http://host:port"
            raise AddressError(message)
        return cls(_host(shape["host"]), _port(shape["port"]), unquote(shape["userinfo"] or ""))

    @property
    def authorization(self) -> str:
        """What goes into Proxy-Authorization (RFC 7617); "" for nothing."""
        if not self.userinfo:
            return ""
        return f"Basic {b64encode(self.userinfo.encode()).decode('ascii')}"

    def __str__(self) -> str:
        return f"http://{_bracketed(self.host)}:{self.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _completed(address_of: Callable[[str], object]) -> Iterator[None]:
    """Make the fix for a host the fix for the whole address."""
    try:
        yield
    except AddressError as error:
        fix = error.fix and str(address_of(error.fix))
        raise AddressError(error.message, fix) from None


def _socket_path(text: str) -> str:
    path = text.removeprefix("unix:")
    if not path.startswith("/") or "\0" in path or path.endswith("/"):
        raise AddressError(f"{text!r} names no socket: expected unix:/path")
    return path


def _port(text: str) -> int:
    port = number(text, MAX_PORT)
    if port is None:
        raise AddressError(f"there is no port {text}; the highest is {MAX_PORT}")
    return port


def _host(text: str) -> str:
    """`text` in lower case, without brackets, if every reader takes it for the same host."""
    if text.startswith("["):
        try:
            return ipaddress.IPv6Address(text[1:-1]).compressed
        except ValueError:
            raise AddressError(f"{text} is not an IPv6 address") from None
    if ".." in text:
        raise AddressError(f"{text!r} is not a host: a label is empty")
    last = text.rstrip(".").rpartition(".")[2]
    if not _NUMBER.fullmatch(last):
        return text.lower()
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        message = f"{text} is not an IPv4 address in the usual form: expected four decimal numbers"
        raise AddressError(message, _legacy_ipv4(text)) from None


def _legacy_ipv4(text: str) -> str | None:
    """The address that the C library would read in `text` (octal, hexadecimal, fewer numbers)."""
    import socket  # for a mistake's fix only

    try:
        return socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        return None


def _sound(text: str) -> str | None:
    """The upstream nearest to `text`."""
    try:
        return str(UpstreamAddress.parse(text)) if _URL.fullmatch(text) else None
    except AddressError as error:
        return error.fix


def _authority(text: str) -> str:
    """The scheme and the authority of `text`; "" where it has none."""
    shape = _AUTHORITY.match(text)
    return shape[0] if shape else ""


def _url_mistake(text: str) -> AddressError:
    """Why `text` is no upstream. What stands before an `@` is a secret and never repeated."""
    absolute = text if "://" in text else f"http://{text}"
    if slipped := _SLIPPED_SCHEME.match(text):
        absolute = f"{slipped[1]}://{text[slipped.end() :]}"
    fix = _sound(_authority(absolute))
    if "@" in text and not fix:
        fix = _sound(_authority(userinfo_dropped(absolute)))
        return AddressError("the upstream's URL must not contain a user name or password", fix)
    if "://" not in text:
        fix = _sound(f"http://127.0.0.1:{text}") if text.isdecimal() else fix
        message = (
            f"{text!r} is not an upstream: expected http://host:port, https://host or unix:/path"
        )
        return AddressError(message, fix)
    if fix:
        path = text.partition("://")[2].partition("/")[2].partition("?")[0].partition("#")[0]
        called = f"http://localhost:8080/{path.rstrip('/')}/..." if path else "the proxy with it"
        message = (
            "an upstream has no path, query or fragment: each request keeps its own;"
            f" leave it out here, and call {called}"
        )
        return AddressError(message, fix)
    if not text.isascii():
        return AddressError(f"{text!r} is not an upstream: a host is written in ASCII (punycode)")
    return AddressError(f"{text!r} is not an upstream: expected http://host:port or https://host")
