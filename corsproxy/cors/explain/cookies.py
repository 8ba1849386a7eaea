"""Set-Cookie: the attributes that make a browser drop the cookie, although CORS is content.

RFC 6265bis, 5.7 ("Storage Model"); a blocked response still stores its cookies.
"""

from collections.abc import Iterable, Iterator

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.url import parts_of
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.cors.public_suffix import registrable_domain
from corsproxy.cors.reasons import ExplainedReason, explained

MAX_COOKIES = 20
"""Of one response, that are looked at where each costs more than a few steps."""


def lost_cookies(attempt: Attempt, own_origin: str, lines: list[str]) -> Iterator[ExplainedReason]:
    """Why the cookies of a response from `own_origin` do not survive, one sentence each."""
    for line in lines:
        name = _cookie_name(line)
        found = _lost(name, _attributes(line), attempt, own_origin)
        for reason, values in found:
            yield explained(reason, {"cookie": name, **values})


def adapted_cookies(before: list[str], after: list[str]) -> Iterator[ExplainedReason]:
    """What was changed in the cookies of an upstream on their way to the browser."""
    for line, left in zip(before, after, strict=False):
        if line != left:
            changes = ", ".join(_changes(line, left))
            yield explained("cookie-adapted", {"cookie": _cookie_name(line), "changes": changes})


def _changes(line: str, left: str) -> Iterator[str]:
    """Each attribute that is not in `left` as it was in `line`."""
    attributes = _attributes(left)
    for text in line.split(";")[1:]:
        name, _, value = (part.strip(" \t") for part in text.partition("="))
        now = attributes.get(name.lower())
        if now is None:
            yield f"{name}={value} dropped" if value else f"{name} dropped"
        elif now != value.lower():
            yield f"{name}={value} is now {now}"


def shared_cookies(
    target: str, lines: list[str], other_upstreams: Iterable[str]
) -> Iterator[ExplainedReason]:
    """The cookies of a response that the browser sends to other upstreams, too: not by any origin.

    RFC 6265bis, 5.1.4 ("Paths and Path-Match"): by the path, and every port is the same.
    """
    for line in lines[:MAX_COOKIES]:
        path = _attributes(line).get("path", "")
        path = path if path.startswith("/") else _default_path(target)
        reached = [route for route in other_upstreams if _covers(path, route.lower())]
        if reached:
            values = {"cookie": _cookie_name(line), "path": path, "routes": ", ".join(reached)}
            yield explained("cookie-reaches-other-upstreams", values)


def _default_path(target: str) -> str:
    return target.partition("?")[0].lower().rpartition("/")[0] or "/"


def _covers(path: str, route: str) -> bool:
    above = path.rstrip("/")
    return route == path or route.startswith(f"{above}/")


def _cookie_name(line: str) -> str:
    return line.partition("=")[0].strip(" \t")


def _attributes(line: str) -> dict[str, str]:
    """The attributes by name, both in lower case; what stands twice counts as it stands last."""
    pairs = (part.partition("=") for part in line.split(";")[1:])
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _lost(
    name: str, attributes: dict[str, str], attempt: Attempt, own_origin: str
) -> Iterator[tuple[str, dict[str, str]]]:
    here = parts_of(own_origin)
    host = here.hostname or ""
    secure = "secure" in attributes
    policy = attributes.get("samesite", "lax")
    policy = policy if policy in ("none", "strict") else "lax"
    if policy == "none" and not secure:
        yield "cookie-needs-secure", {}
    # Chromium and Firefox take http://localhost for secure enough, and 127.0.0.1 too; WebKit none.
    if secure and here.scheme == "http":
        local = is_loopback(own_origin)
        yield "cookie-secure-on-localhost" if local else "cookie-secure-over-http", {}
    domain = attributes.get("domain", "").lstrip(".")
    if domain and host != domain and not host.endswith(f".{domain}"):
        yield "cookie-foreign-domain", {"domain": domain, "host": host}
    if demand := _demand(name, attributes):
        yield "cookie-prefix-broken", {"demand": demand}
    if policy != "none" and not same_site(attempt.origin, own_origin):
        values = {"same_site": policy.capitalize(), "origin": attempt.origin, "host": host}
        # Chromium alone takes no SameSite for Lax, and http and https of one host for two sites.
        stated = attributes.get("samesite") in ("lax", "strict")
        everywhere = stated and not same_site(_in_https(attempt.origin), _in_https(own_origin))
        yield "cookie-same-site" if everywhere else "cookie-same-site-in-chromium", values
    if not attempt.credentials:
        yield "cookie-without-credentials", {}


def _demand(name: str, attributes: dict[str, str]) -> str:
    """What a prefix of the name demands and the attributes do not give."""
    prefix = name[:9].lower()
    secure = "secure" in attributes
    if prefix.startswith("__secure-") and not secure:
        return "Secure"
    bare = "domain" not in attributes and attributes.get("path") == "/"
    if prefix.startswith("__host-") and not (secure and bare):
        return "Secure, Path=/ and no Domain"
    return ""


def _in_https(origin: str) -> str:
    return origin.replace("http://", "https://", 1)


def is_loopback(origin: str) -> bool:
    """Whether `origin` is on this machine."""
    return is_loopback_host(parts_of(origin).hostname or "")


def same_site(one: str, other: str) -> bool:
    """Whether two origins are the same site: scheme and registrable domain, not the port.

    HTML, "same site" (https://html.spec.whatwg.org/#same-site). Hosts without a registrable domain
    (addresses, single labels, public suffixes) are the same site as themselves only, the opaque
    origin not even that: two pages that have it may be strangers.
    """
    first, second = parts_of(one), parts_of(other)
    here, there = first.hostname, second.hostname
    if first.scheme != second.scheme or not here or not there:
        return False
    if here == there:
        return True
    if here.rpartition(".")[2] != there.rpartition(".")[2]:  # the common case, without the list
        return False
    domain = registrable_domain(here)
    return domain is not None and domain == registrable_domain(there)
