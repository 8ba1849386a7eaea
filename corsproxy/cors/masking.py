"""Masking: secrets leave no trace in log, inspector, HAR file or metrics.

What is secret in a text is `cors.secret_text`'s affair; here the headers of a message are masked,
by their names. Whatever is near a secret and helps to understand stays: cookie names and
attributes, the scheme of Authorization. A value that is not understood is masked whole.
"""

import re

from corsproxy.cors import headers as f
from corsproxy.cors.secret_names import ordinary, secret_name, secret_pair
from corsproxy.cors.secret_text import MASK, masked_text

__all__ = ["MASK", "masked", "masked_text", "masked_value", "secret_name"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,15}(?= )")


def masked(fields: f.Fields) -> list[tuple[str, str]]:
    """The headers with every secret in their values replaced."""
    return [(name, masked_value(name, value)) for name, value in fields]


def masked_value(name: str, value: str) -> str:
    """The value of a header called `name` with what is secret in it replaced."""
    match name.lower():
        case "cookie" | "cookie2":
            return "; ".join(_cookie(pair) for pair in value.split(";"))
        case "set-cookie" | "set-cookie2":
            pair, semicolon, attributes = value.partition(";")
            return _cookie(pair) + semicolon + masked_text(attributes)
        case "authorization" | "proxy-authorization":
            scheme = _SCHEME.match(value)
            return f"{scheme[0]} {MASK}" if scheme else MASK
        case "host" | "x-forwarded-host":
            userinfo, _, host = value.rpartition("@")
            return f"{MASK}@{host}" if userinfo else value
        case "sec-websocket-protocol":
            return ", ".join(_protocols(f.elements(value)))
    return MASK if secret_pair(name, value) else masked_text(value)


def _cookie(pair: str) -> str:
    name, equals, _ = pair.strip().partition("=")
    return f"{name}={MASK}" if equals else MASK


def _protocols(names: list[str]) -> list[str]:
    """Names of protocols, without the tokens that pages put among them.

    A page's WebSocket can set no other header. A protocol is named by words and versions;
    what is not, or stands behind a word such as `bearer`, is a token.
    """
    before = ("", *names)
    return [
        MASK if secret_name(previous) or secret_name(name) or not ordinary(name) else name
        for previous, name in zip(before, names, strict=False)
    ]
