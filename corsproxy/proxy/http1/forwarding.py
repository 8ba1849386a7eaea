"""Requests and responses as a gateway must pass them on (RFC 9110, 7.6; RFC 9112).

Only what concerns this connection is taken out and only what a gateway owes is put in; all other
fields keep their order, spelling, repetition and bytes. Both lanes use these tables and functions.
Texts are latin-1, so that every byte survives.
"""

import re
import secrets
from collections.abc import Iterable, Sequence

from corsproxy.config.address import HttpProxy, UpstreamAddress
from corsproxy.config.settings import Forward, ForwardedOrigin, RequestId
from corsproxy.cors import headers as f
from corsproxy.cors.secret_text import MASK
from corsproxy.proxy.http1.forwarded import FORWARDED, Told, forwarded
from corsproxy.proxy.http1.head_pieces import any_case
from corsproxy.proxy.http1.incoming_request import Client, Incoming

REQUEST_DROPPED = f.CONNECTION_SPECIFIC | FORWARDED | {"expect", "host", "proxy", "trailer"}
"""Request fields that never pass as they came, by name in lower case.

Host, X-Forwarded-* and Forwarded are written anew, Expect is answered here, trailers are dropped.
`Proxy` would become HTTP_PROXY in a CGI backend ("httpoxy").
"""

LOOK_ALIKES = frozenset(name for name in REQUEST_DROPPED if "-" in name) | {"content-length"}
"""Whose look-alikes never pass either: CGI and its heirs (WSGI, PHP, Rack) make the same variable,
HTTP_X_FORWARDED_FOR, of `X_Forwarded_For` and `X.Forwarded.For` (RFC 3875, 4.1.18)."""

RESPONSE_DROPPED = f.CONNECTION_SPECIFIC
"""Response fields that never pass as they came, by name in lower case."""

NEVER_NOMINATED = f.RESPONSE_NAMES | {
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "origin",
    "set-cookie",
    "vary",
    "via",
}
"""End-to-end by their meaning; `Connection` cannot remove them (7.6.1)."""

_MASKED = rb"\1 " + MASK.encode()
_REFERER_ORIGIN = re.compile(rb"(\r\nreferer:[\t ]*)https?://[^\t /?#\r]*+", re.IGNORECASE)

_REQUEST_ID = re.compile(rb"\r\nx-request-id:", re.IGNORECASE)

_AS_HYPHENS = str.maketrans("!#$%&'*+.^_`|~", "-" * 14)


class Looping(Exception):
    """The request has passed this very instance before (RFC 9110, 7.6.3)."""


class Forwarder:
    """How requests leave for one route's upstream: what is written anew and what is added.

    `prefix` is what the route takes from its paths; `pseudonym` is our name in Via; `proxy` is an
    HTTP proxy that reads the requests themselves.
    """

    def __init__(
        self,
        upstream: UpstreamAddress,
        forward: Forward,
        *,
        prefix: str = "",
        pseudonym: str,
        proxy: HttpProxy | None = None,
    ) -> None:
        host = forward.settled_host(upstream)
        self.upstream = upstream
        self.host = {"upstream": upstream.authority, "preserve": ""}.get(host, host)
        """What goes into Host; empty when the client's own does."""
        self.origin = forward.origin
        self.forwarded = forward.forwarded
        self.adds_request_id = forward.request_id is RequestId.ADD
        """Whether `identified` is to be asked, last of all."""
        self.prefix = prefix
        self.pseudonym = pseudonym
        changes = forward.request_headers
        cut = changes.names | ({"referer"} if self.origin is ForwardedOrigin.DROP else set())
        self._cut = _lines_of(cut).sub if cut else None
        put = "".join(f"{name}: {value}\r\n" for name, value, _ in changes.set)
        if proxy is not None and proxy.authorization:
            put += f"Proxy-Authorization: {proxy.authorization}\r\n"
        self._put = put.encode("latin-1")
        secret = {name.lower() for name, _, reference in changes.set if reference}
        self._mask = _lines_of(secret).sub if secret else None
        self.edits = bool(self._cut or self._put) or self.origin is ForwardedOrigin.REWRITE
        """Whether `edited` changes anything."""

    def request_head(
        self,
        incoming: Incoming,
        client: Client,
        *,
        target: str,
        framing: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """The head as it leaves for the upstream; raises Looping.

        `framing` are the fields of this hop: Transfer-Encoding, or Connection and Upgrade.
        """
        lines = [f"{incoming.method} {target} HTTP/1.1\r\nHost: {self.host_for(incoming.host)}"]
        lines += [f"{name}: {value}" for name, value in self.request_fields(incoming, client)]
        lines += [f"{name}: {value}" for name, value in framing]
        lines.append("\r\n")
        return self.edited("\r\n".join(lines).encode("latin-1"), incoming.host)

    def host_for(self, host: str) -> str:
        """The Host that the upstream sees; an HTTP/1.0 client may have sent none to preserve."""
        return self.host or host or self.upstream.authority

    def origin_for(self, host: str) -> str:
        """The upstream's own origin by the Host that it sees: with which it compares Origin."""
        return f"{self.upstream.scheme}://{self.host_for(host)}"

    def request_fields(self, incoming: Incoming, client: Client) -> list[tuple[str, str]]:
        """The fields as they leave, but for Host and framing, before `edited`; raises Looping."""
        if any(self.pseudonym in value for value in f.values(incoming.fields, "Via")):
            raise Looping
        dropped = REQUEST_DROPPED | nominated(incoming.fields)
        kept = [
            pair
            for pair in incoming.fields
            if (name := pair[0].lower()) not in dropped and not looks_alike(name)
        ]
        told = None
        if self.origin is not ForwardedOrigin.KEEP:
            kept = self._with_origin(kept, incoming.host)
        if self.origin is ForwardedOrigin.REWRITE:
            told = Told(self.upstream.scheme, self.host_for(incoming.host))
        if incoming.method in ("OPTIONS", "TRACE"):
            kept = [_one_hop_less(pair) for pair in kept]
        kept.append(("Via", f"{incoming.version} {self.pseudonym}"))
        return kept + forwarded(incoming, client, self.forwarded, prefix=self.prefix, told=told)

    def _with_origin(self, kept: list[tuple[str, str]], host: str) -> list[tuple[str, str]]:
        if self.origin is ForwardedOrigin.DROP:
            return [pair for pair in kept if pair[0].lower() != "origin"]
        return [
            (name, self.origin_for(host) if name.lower() == "origin" else value)
            for name, value in kept
        ]

    def edited(self, head: bytes, host: str) -> bytes:
        """The head with the lines changed that no rule of HTTP or CORS looks at.

        Both lanes ask for it, when all else is done. Referer follows Origin: backends without the
        one look at the other.
        """
        if self._cut is not None:
            head = self._cut(b"", head)
        if self.origin is ForwardedOrigin.REWRITE:
            told = self.origin_for(host).encode("latin-1")
            head = _REFERER_ORIGIN.sub(lambda found: found[1] + told, head)
        return head[:-2] + self._put + b"\r\n" if self._put else head

    def identified(self, head: bytes, request_id: str) -> bytes:
        """The head with our id, where it has none; nginx, Envoy and backends log that header."""
        if _REQUEST_ID.search(head):
            return head
        return b"%bX-Request-Id: %b\r\n\r\n" % (head[:-2], request_id.encode("ascii"))

    def shown(self, head: bytes) -> bytes:
        """A head that has left, without the secrets that the settings put into it."""
        return self._mask(_MASKED, head) if self._mask is not None else head


def _lines_of(names: Iterable[str]) -> re.Pattern[bytes]:
    """The header lines of these names (lower case here), but for the line end behind each."""
    return re.compile(rb"(\r\n" + any_case(map(str.encode, names)) + rb":)[^\r]*+")


def looks_alike(name: str) -> bool:
    """Whether a backend may take `name`, in lower case, for one that is ours to say."""
    hyphens = name.translate(_AS_HYPHENS)
    return hyphens != name and hyphens in LOOK_ALIKES


def new_pseudonym() -> str:
    """This process's name in Via: unique, so that chained instances are not taken for a loop."""
    return f"corsproxy-{secrets.token_hex(4)}"


def nominated(fields: f.Fields) -> frozenset[str]:
    """The names that Connection takes out of this message, in lower case."""
    value = f.joined(fields, "Connection")
    if value is None:
        return frozenset()
    return frozenset(element.lower() for element in f.elements(value)) - NEVER_NOMINATED


def response_fields(fields: f.Fields) -> list[tuple[str, str]]:
    """An upstream's fields without those that concern its connection to us."""
    dropped = RESPONSE_DROPPED | nominated(fields)
    return [pair for pair in fields if pair[0].lower() not in dropped]


def response_head(status: int, reason: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """The head of a response as it leaves for the client."""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def interim_head(status: int, reason: str, fields: f.Fields) -> bytes:
    """The 1xx head as it leaves for the client; b"" for 100, which is between upstream and us."""
    return b"" if status == 100 else response_head(status, reason, response_fields(fields))


def hops_left(incoming: Incoming) -> int | None:
    """Max-Forwards, where it counts (RFC 9110, 7.6.2); 0: the response is ours to give."""
    if incoming.method not in ("OPTIONS", "TRACE"):
        return None
    value = f.joined(incoming.fields, "Max-Forwards")
    return int(value) if value is not None and _is_count(value) else None


def _one_hop_less(pair: tuple[str, str]) -> tuple[str, str]:
    name, value = pair
    if name.lower() != "max-forwards" or not _is_count(value) or int(value) == 0:
        return pair
    return name, str(int(value) - 1)


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10
