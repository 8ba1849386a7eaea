"""JSON from strangers: each value knows its place, so that an error can say where it is.

Members that nobody asks for are dropped while the text is read: of a HAR of many megabytes, most of
it the content of responses, little stays.
"""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, NoReturn

from corsproxy.cors.escape import escaped
from corsproxy.limits import RECORD_MAX_BRACKETS

Pairs = list[tuple[str, Any]]
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


class RecordError(Exception):
    """What is wrong with a record, and where; `fix` is what helps."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


WRONG_SHAPE = "save it anew from the browser's network panel"


class Node(NamedTuple):
    """A value, and the way to it. null is the same as nothing."""

    value: object
    place: str = ""

    def member(self, name: str) -> "Node":
        """The member of an object; a node of nothing where it has none."""
        members = self._expected(dict) or {}
        return Node(members.get(name), f"{self.place}.{name}" if self.place else name)

    def has(self, name: str) -> bool:
        """Whether an object has this member, be it null."""
        return name in (self._expected(dict) or {})

    def elements(self) -> "Iterator[Node]":
        """The elements of a list; none of nothing."""
        for number, element in enumerate(self._expected(list) or ()):
            yield Node(element, f"{self.place}[{number}]")

    def text(self) -> str:
        """The text; "" for nothing."""
        return self._expected(str) or ""

    def flag(self) -> bool:
        """Whether it is true."""
        return self._expected(bool) or False

    def number(self, limit: int) -> int:
        """A number from 0 to `limit`; 0 for nothing, which HAR and Playwright also call -1."""
        value = self.value
        if value is None or value == -1:
            return 0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(f"a number, not {_kind(value)}")
        if not 0 <= value <= limit:
            self._wrong(f"a number from 0 to {limit}")
        return round(value)

    def needed(self) -> "Node":
        """Itself, where there is something."""
        if self.value is None:
            self._wrong("something, and there is nothing")
        return self

    def _expected(self, kind: type) -> Any:
        if self.value is not None and not isinstance(self.value, kind):
            self._wrong(f"{_KINDS[kind]}, not {_kind(self.value)}")
        return self.value

    def _wrong(self, expected: str) -> NoReturn:
        raise RecordError(f"{self.place or 'the whole'}: expected {expected}", WRONG_SHAPE)


def read(data: bytes, names: Collection[str]) -> Node:
    """The tree of `data`, of objects the members called `names`; raises RecordError.

    How many objects and lists there are is counted first: what is made of them is dear.
    """
    if not data.strip():
        raise RecordError("the file is empty", WRONG_SHAPE)
    if data.count(b"{") + data.count(b"[") > RECORD_MAX_BRACKETS:
        raise RecordError("it has more objects and lists than any HAR", WRONG_SHAPE)

    def chosen(pairs: Pairs) -> dict[str, Any]:
        return {name: value for name, value in pairs if name in names}

    text = _decoded(data)
    try:
        return Node(json.loads(text, object_pairs_hook=chosen))
    except json.JSONDecodeError as error:
        raise _not_json(error, text) from None
    except RecursionError:
        raise RecordError("it is nested too deeply for a HAR", WRONG_SHAPE) from None
    except ValueError:  # more digits than Python reads
        raise RecordError("a number in it is too long to be read", WRONG_SHAPE) from None


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        message = f"byte {error.start}: not text in {error.encoding}"
        raise RecordError(message, WRONG_SHAPE) from None


def _not_json(error: json.JSONDecodeError, text: str) -> RecordError:
    place = f"line {error.lineno}, column {error.colno}"
    if error.msg.startswith("Unterminated string") or not text[error.pos :].strip():
        return RecordError(f"{place}: the file ends before the JSON does", WRONG_SHAPE)
    return RecordError(f"{place}: not JSON: {escaped(error.msg.lower())}", WRONG_SHAPE)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
