"""Cookies of the upstream's as the client's browser keeps them: Set-Cookie, attribute by attribute.

An upstream makes its cookies for the address at which it expects to be called. Called by way of
this proxy, a browser would drop some of them, without a word in its console, and send others to
the wrong paths. So, where the client's address makes the difference, and only there:

- `Domain` goes where the browser would refuse it for the name that the client called; the cookie
  then belongs to that name alone.
- `Path` gets the prefix that `strip_path` took, as a reference does (`rewriting`).
- `Secure` goes where the browser keeps no such cookie: over plain http, but for this machine, which
  Chromium and Firefox take for secure enough, and WebKit does not. `SameSite=None` and
  `Partitioned`, which the same browsers refuse without it, go with it; WebKit keeps None.

A name that begins with `__Host-` or `__Secure-` is a promise on these very attributes (4.1.3): such
a cookie is left alone where keeping the promise matters, and `cors.explain` says why it is lost.
Values, expiry and HttpOnly are never touched.

RFC 6265bis, 5.7 ("Storage Model"):
https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-storage-model
"""

import re
from typing import NamedTuple, Self

from corsproxy.cors import headers as f
from corsproxy.cors.browser.url import parts_of
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.cors.public_suffix import registrable_domain
from corsproxy.proxy.http1.rewriting import with_prefix

Pairs = list[tuple[str, str]]

SET_COOKIE = "set-cookie"

_WITHOUT_SECURE = frozenset({"partitioned", "samesite=none", "secure"})

_DOMAIN = re.compile(rb"(?i)\r\nset-cookie:[^\r]*?;[\t ]*domain[\t =;\r]").search
_DOMAIN_OR_SECURE = re.compile(
    rb"(?i)\r\nset-cookie:[^\r]*?;[\t ]*(?:domain|secure)[\t =;\r]"
).search
_ANY = re.compile(rb"(?i)\r\nset-cookie:[^\r]*?;[\t ]*(?:domain|path|secure)[\t =;\r]").search
"""A Set-Cookie with an attribute that may have to change."""

_WEBKIT = re.compile(
    rb"\r\nuser-agent:(?=[^\r]*AppleWebKit/)(?![^\r]*(?:Chrome|Chromium)/)", re.IGNORECASE
)
"""Safari, and every browser on iOS; Chromium names WebKit too, and itself."""


class CookieRewriting(NamedTuple):
    """How one upstream's cookies become those of the address that the client called."""

    prefix: str
    """What its route took from its paths, without the slash at its end; "" for nothing."""

    def changes(self, own_origin: str, head: bytes) -> bool:
        """Whether `response_fields` may change anything in this head of an upstream's."""
        if self.prefix:
            return _ANY(head) is not None
        over_http = own_origin.startswith("http:")
        return (_DOMAIN_OR_SECURE if over_http else _DOMAIN)(head) is not None

    def response_fields(self, fields: f.Fields, own_origin: str, request_head: bytes) -> Pairs:
        """`fields` with each Set-Cookie as the browser that sent `request_head` keeps it.

        `own_origin` is the proxy's, as the client named it; "" where it named none: then only the
        prefix is put back.
        """
        if not any(name.lower() == SET_COOKIE for name, _ in fields):
            return list(fields)
        receiver = Receiver.of(own_origin, request_head)
        return [
            (name, self._adapted(value, receiver)) if name.lower() == SET_COOKIE else (name, value)
            for name, value in fields
        ]

    def _adapted(self, line: str, receiver: "Receiver") -> str:
        pair, *texts = line.split(";")
        name = pair.partition("=")[0].strip(" \t").lower()
        if name.startswith("__host-"):
            return line
        attributes = [_attribute(text) for text in texts]
        bound = name.startswith("__secure-") or not any(key == "secure" for key, _ in attributes)
        dropped = frozenset() if bound else receiver.dropped
        kept = [
            self._with_prefix(text) if key == "path" and self.prefix else text
            for text, (key, value) in zip(texts, attributes, strict=True)
            if key not in dropped
            and f"{key}={value}" not in dropped
            and not (key == "domain" and receiver.refuses(value))
        ]
        return ";".join((pair, *kept))

    def _with_prefix(self, text: str) -> str:
        name, equals, path = text.partition("=")
        path = path.strip(" \t")
        if not path.startswith("/"):  # the browser takes the directory that was called
            return text
        whole = self.prefix if path == "/" else with_prefix(self.prefix, path)
        return f"{name}{equals}{whole}"


class Receiver(NamedTuple):
    """Who gets a cookie: a browser, by the name that it called, and what it would not keep."""

    host: str
    """As it was called; "" where that is not known."""
    dropped: frozenset[str]
    """Attributes, "name" or "name=value" in lower case, which go where Secure cannot be kept."""

    @classmethod
    def of(cls, own_origin: str, request_head: bytes) -> Self:
        """By the origin that the client named, and the User-Agent that it sent."""
        called = parts_of(own_origin)
        host = called.hostname or ""
        if called.scheme != "http":
            return cls(host, frozenset())
        if _WEBKIT.search(request_head):
            return cls(host, _WITHOUT_SECURE - {"samesite=none"})
        return cls(host, frozenset() if is_loopback_host(host) else _WITHOUT_SECURE)

    def refuses(self, domain: str) -> bool:
        """Whether a cookie with that Domain is not kept (RFC 6265bis, 5.7, steps 8 to 10)."""
        name = domain.removeprefix(".")
        if not name or not self.host or name == self.host:
            return False
        return not self.host.endswith(f".{name}") or registrable_domain(name) is None


def _attribute(text: str) -> tuple[str, str]:
    """The name and the value of an attribute, both in lower case."""
    name, _, value = text.partition("=")
    return name.strip(" \t").lower(), value.strip(" \t").lower()
