"""notices: what a browser does not report and a page still trips over, in a live answer."""

from collections.abc import Iterator

from corsproxy.cors import fields as f
from corsproxy.cors.browser import exposed, follow, list_elements
from corsproxy.cors.cors_check import get
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.reasons import Told, told
from corsproxy.probe.judge import Account, Step, origin_of

_OF_CONNECTIONS = frozenset(
    {"alt-svc", "connection", "date", "keep-alive", "server", "transfer-encoding", "vary", "via"}
)
"""Names that every server sends and no page wants: hidden ones of these are not worth a word."""


def notices(account: Account) -> list[Told]:
    """Everything worth a warning in these answers, each thing once."""
    found = [told(reason, values) for step in account.steps for reason, values in _of(step)]
    return list(dict.fromkeys(found))


Notice = tuple[str, dict[str, str]]
"""The id of an entry of the catalogue, and the values that it quotes."""


def _of(step: Step) -> Iterator[Notice]:
    if step.preflight:
        return
    yield from _tainted(step)
    if not step.verdict.readable:
        return
    if origin_of(step.url) != step.attempt.origin:
        yield from _hidden(step)
        yield from _cached_for_others(step)
    yield from _prompts(step)
    yield from _cookies(step)


def _tainted(step: Step) -> Iterator[Notice]:
    onward = follow(step.attempt, step.url, step.answer.status, step.answer.fields)
    if onward is not None and onward[0].origin == OPAQUE != step.attempt.origin:
        yield "redirect-taints-origin", {"location": get(step.answer.fields, "Location") or ""}


def _hidden(step: Step) -> Iterator[Notice]:
    """The fields that the page reads as null."""
    hidden = [
        name
        for name in exposed(step.attempt, step.answer.fields).unreadable
        if name not in _OF_CONNECTIONS | f.RESPONSE_NAMES and not name.startswith("set-cookie")
    ]
    said = get(step.answer.fields, f.EXPOSE_HEADERS) or ""
    if not hidden:
        return
    values = {"names": ", ".join(hidden), "got": said}
    if list_elements(said) is None:
        yield "expose-headers-malformed", values
    elif said.strip() == "*":
        yield "expose-headers-wildcard-with-credentials", values
    else:
        yield "fields-not-exposed", values


def _cached_for_others(step: Step) -> Iterator[Notice]:
    said = get(step.answer.fields, f.ALLOW_ORIGIN) or "*"
    varies = {name.lower() for name in f.elements(get(step.answer.fields, f.VARY) or "")}
    if said != "*" and varies.isdisjoint({"origin", "*"}):
        yield "vary-missing", {"got": said}


def _prompts(step: Step) -> Iterator[Notice]:
    if step.answer.status == 407:
        yield "proxy-authentication", {}
    scheme = (get(step.answer.fields, "WWW-Authenticate") or "").lower()
    if step.answer.status == 401 and scheme.startswith("basic") and step.attempt.credentials:
        yield "password-prompt", {}


def _cookies(step: Step) -> Iterator[Notice]:
    for line in f.values(step.answer.fields, "Set-Cookie"):
        name = line.partition("=")[0].strip()
        attributes = line.lower().replace(" ", "").split(";")[1:]
        if "samesite=none" in attributes and "secure" not in attributes:
            yield "cookie-needs-secure", {"cookie": name}
        if not step.attempt.credentials and origin_of(step.url) != step.attempt.origin:
            yield "cookie-without-credentials", {"cookie": name}
