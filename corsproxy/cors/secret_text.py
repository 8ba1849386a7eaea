"""Texts without their secrets: targets, URLs, sentences, heads and content that are quoted.

A secret is told by the name beside it (`secret_names`), by its place (the userinfo of a URL) or by
its form (a JWT, a token with the prefix of a well-known issuer), encoded up to three times or not.
Each expression here costs linear time, whatever it meets: what is repeated is possessive, and what
begins anywhere begins at the edge of a run. A text is cut first, then masked: what is not shown
costs nothing.
"""

import re
from urllib.parse import quote, unquote, unquote_plus

from corsproxy.cors.secret_names import Hint, hint, ordinary, random, secret_pair

MASK = "***"
SHORTEST_TOKEN = 20
MAX_NESTING = 3
"""How often a value is decoded: a URL in a URL in a URL."""

_PAIR = re.compile(r"(?<![^\s?&;#\"'<>(,{/])([^=&;#?\s\"'<>(,{/]++)=([^&;#\s\"'<>]*+)")
_USERINFO = re.compile(r"(?<=//)(?:[^/?#@\s\"]*+@)++")
_AUTHORITY = re.compile(r"(?<![^\s\"'])(?:[^\s/?#@\"']++@)++(?=[^\s/?#@:]{1,255}+:[0-9])")
_HOST_AND_PORT = re.compile(r"[^/?#\s:]{0,255}:[0-9]{1,5}")
_RUN = re.compile(r"(?<![\w.-])[\w.-]{20,}+")  # SHORTEST_TOKEN
_ENCODED = re.compile(r"[^/?#&;=\s\"'<>]++")
_SEGMENT = re.compile(r"(?<=/)([A-Za-z][\w.-]{2,31})/([^/?#\s\"'<>]{16,}+)")
_MEMBER = re.compile(
    r"(?<![\w.$-])([\w.$-]++)(\\*+[\"']\s{0,4}+:\s{0,4}+)"
    r"(\\*+\"(?:[^\"\\]|\\.)*+\"?|\\*+'(?:[^'\\]|\\.)*+'?|[^\s,}\]&\"']++)",
    re.DOTALL,
)
_LINE = re.compile(r"(?<![^\"'\r\n])([\w.-]++)(:[ \t]++)([\"']?[^\r\n\"']++)")
_COOKIE = re.compile(
    r"(?<![A-Za-z])((?:set-)?cookie2?[\s:=]{1,4}+)[^\s=;\"']++=[^\r\n\"']*+", re.IGNORECASE
)
_ISSUED = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[opsru]_|github_pat_|glpat-|xox[a-z]-|[rs]k_(?:live|test)_|sk-|AIza"
    r"|ya29\.|npm_|hf_|SG\.)[\w.-]++"
)
_WORD = re.compile(r"[^\s\"']++")
_AUTHORITY_END = re.compile(r"[/?#@\s\"]")
_LINE_WORDS = frozenset(
    {
        "apikey", "authorization", "cookie", "jwt", "passphrase", "passwd", "password", "pwd",
        "secret", "token",
    }
)  # fmt: skip
"""Names of one word that are no word of a sentence where a colon follows."""
_MARKS = "/?#&=\"' \t\n"
"""Where one part of a text ends and the next begins."""


def without_userinfo(text: str) -> str:
    """`text`, which is or was meant as one URL, with `***` for all that stands before its last `@`.

    For errors about what somebody typed. `masked_text` looks for URLs within a text, and ends a
    user name where a URL ends it; what was typed may be no URL at all, because of the very `/`, `#`
    or blank in its password.

    >>> without_userinfo("http://user:pa/ss@api.example/x")
    'http://***@api.example/x'
    """
    scheme, rest = _scheme_and_rest(text)
    userinfo, _, place = rest.rpartition("@")
    return f"{scheme}{MASK}@{place}" if userinfo else text


def userinfo_dropped(text: str) -> str:
    """The URL that is left of `text` without its user name and password: what works instead."""
    scheme, rest = _scheme_and_rest(text)
    return scheme + rest.rpartition("@")[2]


def userinfo_starred(line: str) -> str:
    """`line` of a file with a star for each character before an `@`: every column stays."""
    return _WORD.sub(lambda word: _starred(word[0]), line) if "@" in line else line


def _starred(word: str) -> str:
    scheme, rest = _scheme_and_rest(word)
    userinfo, at, place = rest.rpartition("@")
    return f"{scheme}{'*' * len(userinfo)}{at}{place}"


def _scheme_and_rest(text: str) -> tuple[str, str]:
    before, mark, rest = text.partition("://")
    return (before + mark, rest) if mark else ("", text)


def masked_text(text: str, longest: int | None = None) -> str:
    """`text` without its secrets; what has more than `longest` characters is cut, and ends in dots.

    Cut here and not afterwards: a secret that the cut has split is masked, too.
    """
    if longest is None or len(text) <= longest:
        return _masked(text, 0)
    if "@" in text and text[0] != "/":
        text = _authority_masked(text)
    return f"{_masked(_tail_masked(text[:longest]), 0)}..."


def _masked(text: str, depth: int) -> str:
    # Most texts have none of these, and to look for one character is much cheaper.
    if "%" in text and depth < MAX_NESTING:
        text = _ENCODED.sub(lambda run: _decoded(run[0], depth + 1), text)
    if "@" in text:
        text = _USERINFO.sub(f"{MASK}@", text)
        text = _AUTHORITY.sub(f"{MASK}@", text)
    if "=" in text:
        text = _COOKIE.sub(rf"\1{MASK}", text) if "ookie" in text else text
        text = _PAIR.sub(_pair, text)
    if ":" in text:
        text = _MEMBER.sub(_member, text) if '":' in text or "':" in text else text
        text = _LINE.sub(_line, text) if ": " in text or ":\t" in text else text
    if len(text) >= SHORTEST_TOKEN:
        text = _SEGMENT.sub(_segment, text)
        text = _RUN.sub(_token, text)
    return text


def _authority_masked(text: str) -> str:
    """A target that is an authority, as CONNECT has it, and that will be cut before its `@`."""
    userinfo, _, host = text.rpartition("@")
    whole = _HOST_AND_PORT.fullmatch(host) and not any(mark in userinfo for mark in "/?# ")
    return f"{MASK}@{host}" if whole else text


def _decoded(run: str, depth: int) -> str:
    """A run of characters without delimiters; encoded once, it may hold some."""
    if "%" not in run:
        return run
    decoded = unquote(run)
    if decoded == run:
        return run
    shown = _masked(decoded, depth)
    return run if shown == decoded else quote(shown, safe="*:,!$()@~")


def _pair(pair: re.Match[str]) -> str:
    name = pair[1]
    secret = pair[2] != MASK and secret_pair(unquote_plus(name) if "%" in name else name, pair[2])
    return f"{name}={MASK}" if secret else pair[0]


def _member(member: re.Match[str]) -> str:
    value = member[3].strip("\\\"'")
    if not secret_pair(member[1], value):
        return member[0]
    return f"{member[1]}{member[2]}{MASK}"


def _line(line: re.Match[str]) -> str:
    named = "-" in line[1] or "_" in line[1] or line[1].lower() in _LINE_WORDS
    secret = named and secret_pair(line[1], line[3].lstrip("\"'"))
    return f"{line[1]}{line[2]}{MASK}" if secret else line[0]


def _segment(segments: re.Match[str]) -> str:
    secret = random(segments[2]) and hint(segments[1]) is not Hint.NONE
    return f"{segments[1]}/{MASK}" if secret else segments[0]


def _token(run: re.Match[str]) -> str:
    """A JWT (Base64 of `{"`, and a dot somewhere after it), or what an issuer has marked as its."""
    text = run[0]
    start = text.find("eyJ")
    if 0 <= start < text.rfind(".") - 7:
        return f"{text[:start]}{MASK}"
    issued = _ISSUED.search(text)
    return f"{text[: issued.start()]}{MASK}" if issued and random(issued[0]) else text


def _tail_masked(text: str) -> str:
    """`text`, which was cut, without what the cut may have left of a secret at its end."""
    head, mark, tail = _parted(text)
    authority = text.rfind("//")
    if authority >= 0 and _AUTHORITY_END.search(text, authority + 2) is None:
        return f"{text[:authority]}//{MASK}"
    name = _parted(head)[2]
    beside = name == "CONNECT" or (hint(name) is not Hint.NONE and not ordinary(tail))
    hidden = beside or "%" in tail or "eyJ" in tail or _ISSUED.search(tail) is not None
    return f"{head}{mark}{MASK}" if hidden else text


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before the last mark, the mark, and what stands after it."""
    at = max(text.rfind(mark) for mark in _MARKS)
    return (text[:at], text[at], text[at + 1 :]) if at >= 0 else ("", "", text)
