"""Origins to ask a server for: those that a policy names, and those that it should not."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.probe.trials import LIKE_LOCALHOST, NO_ORIGIN, NOBODY, STRANGER, Trial, trials
from corsproxy.probe.verify.regex_sample import regex_sample

ANY = "any"
"""The subject of a difference that covers all others of its kind."""

DEVELOPMENT = tuple(
    f"http://localhost{port}" for port in ("", ":3000", ":4200", ":5173", ":8000", ":8080")
)
"""Pages under development, which are left behind in many a list."""


_HTTP = re.compile("https?://")


class Asking(NamedTuple):
    """An origin to ask for. `subject` is what it stands for, `about` says so in a sentence.

    `sent` is whether some browser sends it: what no browser sends is nobody's to read.
    """

    origin: str
    subject: str = ""
    about: str = ""
    sent: bool = True


def samples_of(pattern: OriginPattern | RegexPattern) -> list[str]:
    """Some of the origins that `pattern` names; none for a regex that is hard to read."""
    if isinstance(pattern, RegexPattern):
        found = [sample] if (sample := regex_sample(pattern.text)) else []
    elif pattern.exact:
        return [str(pattern)]
    else:
        below = ("verify.", "a.verify.") if pattern.subdomains else ("",)
        ports = ("", "8443") if pattern.port == "*" else (pattern.port,)
        parts = [(label + pattern.host, port) for port in ports for label in below]
        found = [f"{pattern.scheme}://{host}{port and ':' + port}" for host, port in parts]
    return [origin for origin in found if pattern.matches(origin)]


def allowed(policy: Policy) -> list[str]:
    """Samples of all that `policy` allows, each once, the plain ones first."""
    if policy.allow_origins.any:
        return [STRANGER.origin]
    found = (origin for one in _in_order(policy) for origin in samples_of(one))
    return list(dict.fromkeys(found))


def unsampled(policy: Policy) -> list[str]:
    """The patterns of which no sample could be made."""
    return [str(one) for one in policy.allow_origins.patterns if not samples_of(one)]


def unknown(policy: Policy) -> Iterator[Asking]:
    """Whom no policy means: a stranger, the opaque origin, another case, forgotten pages."""
    yield Asking(STRANGER.origin, ANY, STRANGER.text)
    yield _of_trial(NOBODY)
    yield _of_trial(LIKE_LOCALHOST)
    yield _of_trial(NO_ORIGIN)._replace(sent=False)
    named = [origin for origin in allowed(policy) if origin not in (OPAQUE, STRANGER.origin)]
    if named:
        scheme, _, host = named[0].partition("://")
        about = "an allowed host in capitals, which comes from no browser, is allowed"
        yield Asking(f"{scheme}://{host.upper()}", "other-case", about, sent=False)
    for origin in DEVELOPMENT:
        yield Asking(origin, origin, "a page under development is allowed")


def look_alikes(policy: Policy) -> list[Asking]:
    """What attackers try against each origin that is allowed, each kind of all of them in turn."""
    if policy.allow_origins.any:
        return []
    above = list(_above_wildcards(policy))
    found = [
        Asking(one, f"above {one}", f"{one}, above the subdomains, is allowed") for one in above
    ]
    firsts = [one for pattern in _in_order(policy) for one in samples_of(pattern)[:1]]
    bases = dict.fromkeys(one for one in (*above, *firsts) if _HTTP.match(one))
    each = [[_of_trial(trial, base) for trial in trials(base)] for base in bases]
    in_turn: Iterable[Asking | None] = (one for row in zip_longest(*each) for one in row)
    found += [asking for asking in in_turn if asking is not None]
    return list({asking.origin: asking for asking in reversed(found)}.values())[::-1]


def _above_wildcards(policy: Policy) -> Iterator[str]:
    """The host that a wildcard stands before, which it does not name."""
    for one in policy.allow_origins.patterns:
        if isinstance(one, OriginPattern) and one.subdomains:
            port = "" if one.port in ("", "*") else f":{one.port}"
            yield f"{one.scheme}://{one.host}{port}"


def _of_trial(trial: Trial, base: str = "") -> Asking:
    return Asking(trial.origin, f"{trial.id} {base}".rstrip(), trial.text)


def _in_order(policy: Policy) -> list[OriginPattern | RegexPattern]:
    """The plain origins first: they are what most pages have."""

    def width(pattern: OriginPattern | RegexPattern) -> int:
        if isinstance(pattern, RegexPattern):
            return 2
        return 0 if pattern.exact else 1

    return sorted(policy.allow_origins.patterns, key=width)
