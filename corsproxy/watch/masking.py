"""Masking: secrets leave no trace in log, inspector, HAR file or metrics.

What is secret is told by names: of fields, of query keys, and the userinfo of a URL. Whatever is
near a secret and helps to understand stays: cookie names and attributes, the scheme of
Authorization. A value that is not understood is masked whole.
"""

import re
from urllib.parse import unquote_plus

from corsproxy.cors import fields as f

MASK = "***"

_TELLTALE = re.compile(
    r"token|secret|passw|pwd|apikey|accesskey|privatekey|credential|signature|session|jwt|bearer"
    r"|authorization|cookie|csrf|xsrf"
)
"""In a name without its punctuation, in lower case."""
_SECRET_WORDS = frozenset({"auth", "key", "sid", "sig", "code", "assertion", "otp", "pin"})
"""A whole query key, or a field's name after `X-`."""
_NEVER_SECRET = frozenset({"sec-websocket-key", "sec-purpose"}) | f.RESPONSE_NAMES

_PAIR = re.compile(r"(?<=[?&;#])([^=&;#?\s]+)=([^&;#\s\"'<>]*)")
_USERINFO = re.compile(r"(?<=//)[^/?#@\s\"]*@(?:[^/?#@\s\"]*@)*")
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]*(?:\.[\w-]*)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,15}(?= )")


def masked(fields: f.Fields) -> list[tuple[str, str]]:
    """The fields with every secret in their values replaced."""
    return [(name, masked_value(name, value)) for name, value in fields]


def masked_value(name: str, value: str) -> str:
    """The value of a field called `name` with what is secret in it replaced."""
    match name.lower():
        case "cookie" | "cookie2":
            return "; ".join(_cookie(pair) for pair in value.split(";"))
        case "set-cookie" | "set-cookie2":
            pair, semicolon, attributes = value.partition(";")
            return _cookie(pair) + semicolon + masked_text(attributes)
        case "authorization" | "proxy-authorization":
            scheme = _SCHEME.match(value)
            return f"{scheme[0]} {MASK}" if scheme else MASK
        case lower if secret_name(lower):
            return MASK
    return masked_text(value)


def masked_text(text: str) -> str:
    """`text` (a target, a URL, a sentence) without secret query values and userinfo."""
    # Most texts have none of the three, and to look for one character is much cheaper.
    if "@" in text:
        text = _USERINFO.sub(f"{MASK}@", text)
    if "=" in text:
        text = _PAIR.sub(_pair, text)
    return _JWT.sub(MASK, text) if "eyJ" in text else text


def secret_name(name: str) -> bool:
    """Whether a field or a query key of this name carries a secret."""
    lower = name.lower()
    if lower in _NEVER_SECRET:
        return False
    if lower.removeprefix("x-") in _SECRET_WORDS:
        return True
    return _TELLTALE.search(re.sub(r"[^a-z0-9]", "", lower)) is not None


def _pair(pair: re.Match[str]) -> str:
    secret = pair[2] and secret_name(unquote_plus(pair[1]))
    return f"{pair[1]}={MASK}" if secret else pair[0]


def _cookie(pair: str) -> str:
    name, equals, _ = pair.strip().partition("=")
    return f"{name}={MASK}" if equals else MASK
