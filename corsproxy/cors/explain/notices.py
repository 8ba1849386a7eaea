"""What no console tells of a response: headers read as null, a missing Vary, lost cookies, ..."""

from collections.abc import Iterator

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import get
from corsproxy.cors.browser.redirect import shown_location
from corsproxy.cors.browser.verdict import exposed, follow, list_elements
from corsproxy.cors.decision import Action, Decision, Kind
from corsproxy.cors.explain.cookies import is_loopback, lost_cookies
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.policy import Policy
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.upstream_differences import names_for_pages, varies_by_origin

Notice = tuple[str, dict[str, str]]
"""The id of an entry of the catalogue, and the values that it quotes."""


def notices(
    attempt: Attempt, own_origin: str, status: int, headers: f.Fields
) -> list[ExplainedReason]:
    """Everything worth a word in a response from `own_origin` that the page may read."""
    found = [
        explained(reason, values) for reason, values in _of(attempt, own_origin, status, headers)
    ]
    cookies = lost_cookies(attempt, own_origin, f.values(headers, "Set-Cookie"))
    return list(dict.fromkeys([*found, *cookies]))


def _of(attempt: Attempt, own_origin: str, status: int, headers: f.Fields) -> Iterator[Notice]:
    onward = follow(attempt, own_origin + attempt.target, status, headers)
    if onward is not None and onward[0].origin == OPAQUE != attempt.origin:
        yield "redirect-taints-origin", {"location": shown_location(get(headers, "Location") or "")}
    if onward is None:
        yield from _hidden(attempt, headers)
    allow_origin = get(headers, f.ALLOW_ORIGIN) or "*"
    if allow_origin != "*" and not varies_by_origin(headers):
        yield "vary-missing", {"got": allow_origin}
    scheme = (get(headers, "WWW-Authenticate") or "").lower()
    if status == 401 and scheme.startswith("basic") and attempt.credentials:
        yield "password-prompt", {}
    policy = (get(headers, "Cross-Origin-Resource-Policy") or "").lower()
    if policy in ("same-origin", "same-site"):
        yield "resource-policy", {"got": policy}


def as_emulated(policy: Policy, decision: Decision) -> Iterator[Notice]:
    """What the emulated gateway does with a request that this proxy would treat otherwise."""
    if policy.emulate is None:
        return
    forwards = decision.action is Action.FORWARD
    if forwards and decision.kind is Kind.PREFLIGHT:
        what = "forwards the preflight to the upstream, which has to answer it"
    elif forwards and decision.refused:
        what = "forwards a refused request to the upstream; only the response is kept from the page"
    elif decision.refused:
        what = f"answers {decision.status} itself: the upstream is not reached"
    else:
        return
    yield "emulated", {"gateway": policy.emulate.title, "what": what}


def _hidden(attempt: Attempt, headers: f.Fields) -> Iterator[Notice]:
    """The headers that the page reads as null."""
    names = names_for_pages(exposed(attempt, headers).unreadable)
    if not names:
        return
    expose_headers = get(headers, f.EXPOSE_HEADERS) or ""
    listed = list_elements(expose_headers)
    values = {"names": ", ".join(names), "got": expose_headers}
    if listed is None:
        yield "expose-headers-malformed", values
    elif "*" in listed:
        yield "expose-headers-wildcard-with-credentials", values
    else:
        yield "headers-not-exposed", values


def before_any_request(attempt: Attempt, own_origin: str) -> list[ExplainedReason]:
    """What may keep the request from being sent at all, though the console shows a CORS error.

    Local network access. That "insecure pages are asked too, not refused outright" was observed of
    Firefox 153, and is read as of Firefox alone: Chromium demands a secure context
    (https://wicg.github.io/local-network-access/) and has a CorsError for just this,
    InsecureLocalNetwork. While the user is undecided the request waits, so this is a warning and
    no verdict: nothing has failed yet.
    """
    if is_loopback(attempt.origin) or attempt.origin == OPAQUE:
        return []
    values = {"origin": attempt.origin, "host": own_origin.partition("://")[2]}
    page_is_secure = not attempt.origin.startswith("http://")
    if is_loopback(own_origin):
        found = ["local-network-permission" if page_is_secure else "insecure-local-network"]
        if page_is_secure and own_origin.startswith("http://"):
            found.append("mixed-content-on-localhost")
        return [explained(reason, values) for reason in found]
    if page_is_secure and own_origin.startswith("http://"):
        return [explained("mixed-content", values)]
    return []


def preflights_still_cached(max_age: int | None, since_change: float) -> ExplainedReason | None:
    """What to say of old preflight responses, `since_change` seconds after the policy changed.

    `max_age` is that of the policy before; None for what browsers take then.
    """
    kept = Attempt("").browser
    limit = DEFAULT_MAX_AGE if max_age is None else min(max(max_age, 0), kept.max_age_limit)
    seconds_left = limit - since_change
    if seconds_left <= 0:
        return None
    return explained("preflight-cached", {"seconds": f"{seconds_left:.0f}", "max_age": str(limit)})
