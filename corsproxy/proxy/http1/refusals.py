"""Refusals by HTTP's own rules (not CORS): a status, and a sentence that says why."""

from collections.abc import Sequence
from http import HTTPStatus

Pairs = Sequence[tuple[str, str]]


class Refusal(Exception):
    """The request goes no further: the status and the sentence to answer it with."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        id: str = "",  # noqa: A002 - the word of Exchange.failure
        fields: Pairs = (),
        close: bool = False,
        fix: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.id = id or phrase(status).lower().replace(" ", "-")
        self.fields = tuple(fields)
        self.close = close
        self.fix = fix
        """What helps, in one line; "" where the sentence says it, or nothing does."""


def phrase(status: int) -> str:
    """The reason phrase of a status."""
    return HTTPStatus(status).phrase


def too_large(target_bytes: int, max_bytes: int) -> Refusal:
    """The response to a head beyond the limit: 414 where the target alone takes half of it."""
    long = target_bytes > max_bytes // 2
    what = "target is so long that its head" if long else "head"
    message = f"the request's {what} is larger than {max_bytes} bytes (limits.header_bytes)"
    return Refusal(414 if long else 431, message, close=True)


def malformed(detail: str) -> Refusal:
    """The response to what is not HTTP; where the next request begins is not known any more."""
    return Refusal(400, detail, id="malformed-request", close=True)
