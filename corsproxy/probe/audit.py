"""audit: what a server shares with origins that it should not trust, graded from A to F.

Each trial is a GET and a preflight of the same origin. No browser is asked whether a response may
be read; `cors.browser.verdict` tells, with credentials and without.
"""

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from corsproxy.config.diagnostics import Diagnostic, Severity, render_github
from corsproxy.cors import headers as f
from corsproxy.cors.browser.cors_check import cors_check, get
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.browser.verdict import Attempt
from corsproxy.cors.escape import escaped
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.origin_spelling import ORIGIN_SHAPE
from corsproxy.cors.public_suffix import registrable_domain
from corsproxy.cors.upstream_differences import varies_by_origin
from corsproxy.probe.judge import Sender, url_without_secrets
from corsproxy.probe.junit import one_case
from corsproxy.probe.report import NO_FILE
from corsproxy.probe.trials import STRANGER, UNKNOWN, Trial, bracketed_host, trials


class Weakness(NamedTuple):
    """One thing that lowers the grade; `origin` is the one that showed it, "" for any."""

    id: str
    grade: str
    origin: str
    text: str
    fix: str


WILDCARD_WITH_CREDENTIALS = Weakness(
    "wildcard-with-credentials",
    "C",
    "",
    "Allow-Origin * stands beside Allow-Credentials, which no browser takes together",
    "list the origins that may send credentials, or drop Allow-Credentials",
)
ANY_ORIGIN = Weakness(
    "any-origin",
    "B",
    "",
    "any site may read the responses, without credentials: right for public data only",
    "list the origins, if the data is not public",
)
VARY_MISSING = Weakness(
    "vary-missing",
    "C",
    "",
    "Allow-Origin depends on Origin, and Vary does not say so: caches mix the responses up",
    "send Vary: Origin on every response",
)
VARY_MISSING_WITHOUT_ORIGIN = Weakness(
    "vary-missing-without-origin",
    "B",
    "",
    "without Origin, Vary does not name it: a cache gives that response to pages: blocked",
    "send Vary: Origin on every response, those to requests without Origin too",
)
FOREIGN_ORIGIN = Weakness(
    "foreign-origin",
    "B",
    "",
    "Allow-Origin names a host of another site, whoever asks: right only if that site is yours",
    "name the origins of your own pages",
)


class Audit(NamedTuple):
    """The grade is that of the worst weakness."""

    url: str
    tried: int
    weaknesses: tuple[Weakness, ...]

    @property
    def grade(self) -> str:
        """A: nothing is shared that should not be; F: any site reads what the user may read."""
        return max((weakness.grade for weakness in self.weaknesses), default="A")

    @property
    def passed(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.grade in "AB"


class ProbedResponse(NamedTuple):
    """What came back for one origin, None for none."""

    origin: str | None
    headers: f.Fields


class Auditor:
    """Asks `url` for one origin after the other; `own` are headers that go with each GET."""

    def __init__(self, client: Sender, url: str, page_headers: f.Fields = ()) -> None:
        self._client = client
        self._url = url
        self._page_headers = page_headers
        self.responses: list[ProbedResponse] = []

    async def ask(self, origin: str | None) -> list[ProbedResponse]:
        """A GET, and for an origin its preflight too."""
        named = [] if origin is None else [(f.ORIGIN, origin)]
        headers = [*named, ("Accept", "*/*"), *self._page_headers]
        responses = [await self._client.send("GET", self._url, headers)]
        if origin is not None:
            asked = [*named, (f.REQUEST_METHOD, "PUT"), (f.REQUEST_HEADERS, "authorization")]
            responses.append(await self._client.send("OPTIONS", self._url, asked))
        found = [ProbedResponse(origin, response.headers) for response in responses]
        self.responses += found
        return found


async def audit(
    client: Sender, url: str, trusted: str | None = None, page_headers: f.Fields = ()
) -> Audit:
    """The audit of `url`; look-alikes are made of its own origin and of `trusted`."""
    auditor = Auditor(client, url, page_headers)
    await auditor.ask(None)
    found = [*_weaknesses_shown_by(STRANGER, await auditor.ask(STRANGER.origin))]
    reflects = bool(found)
    bases = dict.fromkeys(base for base in (origin_of(url), trusted) if base and base != OPAQUE)
    tried = (*UNKNOWN[1:], *(trial for base in bases for trial in trials(base)))
    for trial in tried:
        weaknesses = [*_weaknesses_shown_by(trial, await auditor.ask(trial.origin))]
        if not reflects:  # else each look-alike would only repeat it
            found += weaknesses
    if trusted is not None:
        await auditor.ask(trusted)
    found += [*_open_to_all(auditor.responses), *_cacheable(auditor.responses)]
    found += _foreign(auditor.responses, bases)
    each_once: dict[str, Weakness] = {}
    for weakness in found:
        each_once.setdefault(weakness.id, weakness)
    worst_first = sorted(each_once.values(), key=lambda one: one.grade, reverse=True)
    return Audit(url, len(tried) + 1, tuple(worst_first))


def _weaknesses_shown_by(trial: Trial, responses: list[ProbedResponse]) -> Iterator[Weakness]:
    """What `trial` got to read, told once; `*` is another matter."""
    granted = [headers for _, headers in responses if get(headers, f.ALLOW_ORIGIN) == trial.origin]
    if not granted:
        return
    with_credentials = Attempt(trial.origin, credentials=True)
    if any(cors_check(with_credentials, headers) is None for headers in granted):
        text = f"{trial.text}, with the user's credentials"
        yield Weakness(trial.id, trial.worst, trial.origin, text, trial.fix)
    else:
        yield Weakness(trial.id, trial.mild, trial.origin, trial.text, trial.fix)


def _open_to_all(responses: list[ProbedResponse]) -> Iterator[Weakness]:
    wildcards = [headers for _, headers in responses if get(headers, f.ALLOW_ORIGIN) == "*"]
    if wildcards:
        yield ANY_ORIGIN
    if any(get(headers, f.ALLOW_CREDENTIALS) == "true" for headers in wildcards):
        yield WILDCARD_WITH_CREDENTIALS


def _cacheable(responses: list[ProbedResponse]) -> Iterator[Weakness]:
    """Answers made for one origin, or for none, which a cache may hand to another."""
    depends = [a for a in responses if get(a.headers, f.ALLOW_ORIGIN) not in (None, "*")]
    for one in depends:
        if not varies_by_origin(one.headers):
            yield VARY_MISSING._replace(origin=one.origin or "")
            return
    if depends and not all(varies_by_origin(a.headers) for a in responses if a.origin is None):
        yield VARY_MISSING_WITHOUT_ORIGIN


def _foreign(responses: list[ProbedResponse], bases: Collection[str]) -> Iterator[Weakness]:
    """An origin that is named although another one asked, of neither the server nor its pages.

    Nor of this machine: what listens here is nobody else's.
    """
    sites = {_site(base) for base in bases}
    for asked, headers in responses:
        named = get(headers, f.ALLOW_ORIGIN) or ""
        spelled = named not in (asked, OPAQUE) and ORIGIN_SHAPE.fullmatch(named)
        if spelled and _site(named) not in sites and not is_loopback_host(bracketed_host(named)):
            yield FOREIGN_ORIGIN._replace(origin=named)
            return


def _site(origin: str) -> str:
    host = bracketed_host(origin)
    return registrable_domain(host) or host


def audit_text(audit: Audit) -> str:
    """The grade, then each weakness with what showed it and what would help."""
    lines = [
        f"{audit.grade}  {escaped(url_without_secrets(audit.url))}, {audit.tried} origins tried"
    ]
    for weakness in audit.weaknesses:
        shown_by = f" (Origin: {weakness.origin})" if weakness.origin else ""
        lines += [
            f"  {weakness.grade}  {weakness.text}{shown_by} [{weakness.id}]",
            f"     fix: {weakness.fix}",
        ]
    if not audit.weaknesses:
        lines.append("  nothing is shared with any of them")
    return "\n".join(lines) + "\n"


def audit_json(audit: Audit) -> str:
    """One object; its keys are stable."""
    data = {
        "grade": audit.grade,
        "url": url_without_secrets(audit.url),
        "tried": audit.tried,
        "weaknesses": [weakness._asdict() for weakness in audit.weaknesses],
    }
    return json.dumps(data, indent=2) + "\n"


def audit_junit(audit: Audit) -> str:
    """One test case; each weakness of a failed audit is in its message."""
    failure = None
    if not audit.passed:
        why = "; ".join(weakness.text for weakness in audit.weaknesses)
        failure = f"grade {audit.grade}: {why}"
    name = f"{url_without_secrets(audit.url)} shares nothing with strangers"
    return one_case("corsproxy probe --audit", name, failure)


def audit_github(audit: Audit) -> str:
    """Annotations in GitHub Actions: errors where the audit failed."""
    severity = Severity.WARNING if audit.passed else Severity.ERROR
    where = f"{escaped(url_without_secrets(audit.url))} is graded {audit.grade}: "
    return render_github(
        Diagnostic(weakness.id, severity, where + weakness.text, NO_FILE, weakness.fix)
        for weakness in audit.weaknesses
    )
