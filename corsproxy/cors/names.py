"""Names: the methods and the header names that a policy lists, and what may stand in each list.

The response headers of CORS are made of these lists, joined by commas. An entry that is not a token
(RFC 9110, 5.6.2) would end the list, the header or the message; one that no browser can send or
read would allow nothing. `Policy` refuses both, whoever built the list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.request import MAX_METHOD_BYTES

WILDCARD = "*"


class NameRejected(ValueError):
    """A method or header name that no policy can list; `fix` is what to write, where it is known.

    Attributes: `message` (str), one sentence; `fix` (str or None).
    """

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class EntryError(NamedTuple):
    """A wrong entry of a list: its index from 0, what is wrong, and what to write instead."""

    entry: int
    message: str
    fix: str | None


@dataclass(frozen=True)
class Names:
    """A list of methods or header names; `any` is the wildcard, which may stand beside names.

    What an entry may be depends on the setting, so `Policy` checks it. The outcome is kept here:
    thousands of routes may share one list, and it is checked once.

    >>> str(Names(("authorization",), any=True))
    '*, authorization'
    """

    listed: tuple[str, ...] = ()
    any: bool = False

    def __bool__(self) -> bool:
        return self.any or bool(self.listed)

    def __str__(self) -> str:
        return ", ".join(self.entries)

    @property
    def entries(self) -> tuple[str, ...]:
        """The list as it is written: the wildcard first, where it is there."""
        return ((WILDCARD,) if self.any else ()) + self.listed

    @cached_property
    def method_errors(self) -> tuple[EntryError, ...]:
        """The entries that are wrong in `allow_methods`."""
        return self._errors(check_method)

    @cached_property
    def request_name_errors(self) -> tuple[EntryError, ...]:
        """The entries that are wrong in `allow_headers`."""
        return self._errors(check_request_name)

    @cached_property
    def exposed_name_errors(self) -> tuple[EntryError, ...]:
        """The entries that are wrong in `expose_headers`."""
        return self._errors(check_exposed_name)

    def _errors(self, check: Callable[[str], str]) -> tuple[EntryError, ...]:
        found = []
        for index, name in enumerate(self.listed):
            if name == WILDCARD:  # a token, but in the header it would stand for every name
                found.append(EntryError(index, "`*` is the wildcard, not a name", "any=True"))
                continue
            try:
                check(name)
            except NameRejected as error:
                found.append(EntryError(index, error.message, error.fix))
        return tuple(found)


NO_NAMES = Names()


def check_method(text: str) -> str:
    """Return `text`, a method that a browser can ask for; raises NameRejected otherwise."""
    _check_token(text, "a method")
    if len(text) > MAX_METHOD_BYTES:
        raise NameRejected(f"a method has at most {MAX_METHOD_BYTES} bytes here")
    if text.upper() in fetch.FORBIDDEN_METHODS:
        raise NameRejected(f"no browser lets a page use the method {text}")
    if text != text.upper() and text.upper() in fetch.NORMALISED_METHODS:
        raise NameRejected(f"a browser always sends {text.upper()} in capitals", text.upper())
    return text


def check_request_name(text: str) -> str:
    """Return `text`, a request header that a script can set; raises NameRejected otherwise."""
    _check_token(text, "a header name")
    name = text.lower()
    if name in fetch.FORBIDDEN_REQUEST_NAMES or name.startswith(fetch.FORBIDDEN_REQUEST_PREFIXES):
        raise NameRejected(f"no script can set the request header {text}")
    if name in f.RESPONSE_NAMES:
        raise NameRejected(f"{text} is a response header; no request carries it")
    return text


def check_exposed_name(text: str) -> str:
    """Return `text`, a response header that a script can read; raises NameRejected otherwise."""
    _check_token(text, "a header name")
    name = text.lower()
    if name in fetch.FORBIDDEN_RESPONSE_NAMES:
        raise NameRejected(f"no script can read {text}, exposed or not")
    if name in f.REQUEST_NAMES:
        raise NameRejected(f"{text} is a request header; no response carries it")
    return text


def _check_token(text: object, what: str) -> None:
    """Raise NameRejected unless `text` is a token; `*` is one: a page may use it as a name."""
    if not isinstance(text, str) or not fetch.TOKEN.fullmatch(text):
        raise NameRejected(f"{text!r} is not {what}: expected a token")
