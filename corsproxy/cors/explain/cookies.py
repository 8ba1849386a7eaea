"""Set-Cookie: the attributes that make a browser drop the cookie, although CORS is content.

RFC 6265bis, 5.7 ("Storage Model"); a blocked response still stores its cookies.
"""

from collections.abc import Iterator

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.redirect import parts_of
from corsproxy.cors.neighbours import LOOPBACK
from corsproxy.cors.reasons import Told, told


def lost_cookies(attempt: Attempt, own_origin: str, lines: list[str]) -> Iterator[Told]:
    """Why the cookies of a response from `own_origin` do not survive, one sentence each."""
    for line in lines:
        name = line.partition("=")[0].strip()
        found = _lost(name, _attributes(line), attempt, own_origin)
        for reason, values in found:
            yield told(reason, {"cookie": name, **values})


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
    # Chromium takes http://localhost for secure enough, a name as 127.0.0.1 too.
    if secure and here.scheme == "http" and not is_loopback(own_origin):
        yield "cookie-secure-over-http", {}
    domain = attributes.get("domain", "").lstrip(".")
    if domain and host != domain and not host.endswith(f".{domain}"):
        yield "cookie-foreign-domain", {"domain": domain, "host": host}
    if demand := _demand(name, attributes):
        yield "cookie-prefix-broken", {"demand": demand}
    if policy != "none" and not same_site(attempt.origin, own_origin):
        values = {"same_site": policy.capitalize(), "origin": attempt.origin, "host": host}
        yield "cookie-same-site", values
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


def is_loopback(origin: str) -> bool:
    """Whether `origin` is on this machine."""
    host = parts_of(origin).hostname or ""
    return host in LOOPBACK or host == "::1" or host.endswith(".localhost")


def same_site(one: str, other: str) -> bool:
    """Whether two origins are the same site: scheme and host, not the port.

    Hosts that share a registrable domain are the same site, too; without the list of public
    suffixes, a shared ending of two labels or more passes for one.
    """
    first, second = parts_of(one), parts_of(other)
    if first.scheme != second.scheme:
        return False
    hosts = [(first.hostname or "").split("."), (second.hostname or "").split(".")]
    if hosts[0] == hosts[1]:
        return True
    named = all(len(host) > 1 and not host[-1].isdigit() for host in hosts)
    return named and hosts[0][-2:] == hosts[1][-2:]
