"""Which names carry a secret, and which values are too ordinary to be one.

A name is read as its words (`X-Auth-Key`, `authKey` and `auth_key` have the same), so `author`,
`monkey` and `keyword` carry nothing. Its last word says what a thing is: a `session_type` is a
type. What the words leave open, the value settles: `reset=1` is a switch, `reset=Zk3x9...` a key.
"""

import re
from enum import Enum, auto
from functools import lru_cache

from corsproxy.cors import headers as f

MAX_NAME_LENGTH = 128
"""Characters of a name that are looked at; a name that somebody chose has fewer."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]++|[A-Z]|[0-9]++")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET = _listed(
    """auth authn authorization authentication bearer credential credentials csrf xsrf jwt otp totp
    hotp key pass passphrase passcode passwd password passwords pw pwd pin secret secrets session
    sid sig signature token verifier assertion saml ticket cookie cookies"""
)
"""Words that make a name secret, wherever in it they stand."""

_ENDING = re.compile(
    r"(?:token|secret|passphrase|passwd|password|signature|credentials?|jwt|sess(?:ion)?id"
    r"|saml(?:response|request|art)?|(?:api|access|private|secret|auth|master|shared|account"
    r"|subscription|function|application|client|signing|encryption|license)key)\Z"
)
"""Words that were written as one: `accesstoken`, `PHPSESSID`, `apikey`."""

_HEADS = _listed(
    """age alg algorithm at banner consent count date domain duration email enabled end endpoint
    expiration expires expiry field format groups header hint in info input issuer label lang
    length level limit method mode name names number path policy provider realm remaining required
    role roles scheme scope scopes size start state status time timeout ttl type types uri url user
    username version"""
)
"""Last words of names that only speak of a secret."""

_IDENTIFIED = frozenset({"account", "app", "client", "key", "kms", "tenant", "ticket", "user"})
"""What an `id` after it names in public; a session's id is its key."""

_ORDINARY_KEYS = _listed(
    """cache field foreign group idempotency index lookup message object order partition primary
    public routing row shard sort surrogate translation"""
)
"""Words before `key` that make it one to find or order things by."""

_CODES = _listed(
    """access activation auth authorization backup confirmation device invite login mfa recovery
    reset sms verification verify"""
)
"""Words beside `code` that make it one to get in by; a `country_code` is none."""

_SUSPICIOUS = _listed(
    """access activate activation confirm confirmation grant hmac invitation invite license login
    mac magic nonce recovery refresh reset share sign state unlock unsubscribe verification
    verify"""
)
"""Words that make a name secret where its value looks random."""

_NEVER_SECRET = f.RESPONSE_NAMES | {"authentication-info", "proxy-authentication-info"}

_SWITCH = re.compile(r"(?i:true|false|yes|no|on|off|null|none|undefined)|[0-9]{0,3}")
_WORDS = re.compile(r"[A-Za-z]{0,20}[0-9]{0,4}(?:[-_.~][A-Za-z]{0,20}[0-9]{0,4})*+")
_RANDOM = re.compile(r"(?=[^0-9]*+[0-9])(?=[^A-Za-z]*+[A-Za-z])[\w.~+/=-]{16,}+")


class Hint(Enum):
    """What a name says of the value beside it."""

    SECRET = auto()
    SUSPICIOUS = auto()
    """Secret where it looks random."""
    NONE = auto()


def secret_name(name: str) -> bool:
    """Whether a field or a query key of this name carries a secret."""
    return hint(name) is Hint.SECRET


def secret_pair(name: str, value: str) -> bool:
    """Whether `value` is a secret where it stands beside `name`, in a query or a text."""
    hinted = hint(name)
    if hinted is Hint.NONE or not value or _SWITCH.fullmatch(value):
        return False
    if hinted is Hint.SUSPICIOUS:
        return random(value)
    return not (name == "key" and value.islower() and ordinary(value))


def ordinary(value: str) -> bool:
    """Whether `value` is made of words and short numbers: `created_at`, `v12.stomp`."""
    return _WORDS.fullmatch(value) is not None


def random(value: str) -> bool:
    """Whether `value` looks as if nobody had thought of it: long, with letters and digits."""
    return _RANDOM.fullmatch(value) is not None and not ordinary(value)


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def hint(name: str) -> Hint:
    """What `name` says of its value; of a very long one, its beginning and its end."""
    half = MAX_NAME_LENGTH // 2
    return _hint(name if len(name) <= MAX_NAME_LENGTH else f"{name[:half]}-{name[-half:]}")


@lru_cache(1024)
def _hint(name: str) -> Hint:
    lower = name.lower()
    if lower.startswith("sec-") or lower in _NEVER_SECRET:
        return Hint.NONE  # what begins with Sec- is the browser's own, and no script's
    words = words_of(name)
    if _secret(words):
        return Hint.SECRET
    return Hint.NONE if _SUSPICIOUS.isdisjoint(words) else Hint.SUSPICIOUS


def _secret(words: list[str]) -> bool:
    if not words or words[-1] in _HEADS:
        return False
    before = ["", *words[:-1]]
    if words[-1] == "id" and before[-1] in _IDENTIFIED:
        return False
    if words in (["code"], ["x", "code"]) or ("code" in words and not _CODES.isdisjoint(words)):
        return True
    if _ENDING.search("".join(words)):
        return True
    return any(
        (word in _SECRET or _ENDING.search(word) is not None)
        and not (word == "key" and previous in _ORDINARY_KEYS)
        for word, previous in zip(words, before, strict=True)
    )
