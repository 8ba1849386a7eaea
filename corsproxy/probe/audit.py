"""audit: what a server shares with origins that it should not trust, graded from A to F.

Each trial is a GET and a preflight of the same origin. No browser is asked whether an answer may
be read; `cors.browser` tells, with credentials and without.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from corsproxy.cors import fields as f
from corsproxy.cors.browser import Attempt
from corsproxy.cors.cors_check import cors_check, get
from corsproxy.cors.escape import escaped
from corsproxy.cors.redirect import origin_of
from corsproxy.probe.client import Answer
from corsproxy.probe.judge import Sender, shown
from corsproxy.probe.trials import NOBODY, STRANGER, Trial, trials


class Weakness(NamedTuple):
    """One thing that lowers the grade; `origin` is the one that showed it, "" for any."""

    id: str
    grade: str
    origin: str
    text: str
    fix: str


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


async def audit(client: Sender, url: str, trusted: str | None = None) -> Audit:
    """The audit of `url`; look-alikes are made of its own origin and of `trusted`."""
    found: dict[str, Weakness] = {}
    tried = 0
    answers = await _answers(client, url, STRANGER.origin)
    for weakness in (*_open_to_all(answers), *_shared(STRANGER, answers)):
        found[weakness.id] = weakness
    bases = dict.fromkeys(base for base in (origin_of(url), trusted) if base and base != "null")
    asked = (NOBODY, *(trial for base in bases for trial in trials(base)))
    for trial in asked:
        more = await _answers(client, url, trial.origin)
        answers += more
        tried += 1
        if STRANGER.id not in found:  # else each look-alike would only repeat it
            for weakness in _shared(trial, more):
                found.setdefault(weakness.id, weakness)
    if trusted:
        answers += await _answers(client, url, trusted)
    for weakness in _cacheable(answers):
        found.setdefault(weakness.id, weakness)
    worst_first = sorted(found.values(), key=lambda weakness: weakness.grade, reverse=True)
    return Audit(url, tried + 1, tuple(worst_first))


Answers = list[tuple[str, Answer]]
"""Each with the origin that was sent."""


async def _answers(client: Sender, url: str, origin: str) -> Answers:
    actual = await client.send("GET", url, [(f.ORIGIN, origin), ("Accept", "*/*")])
    asked = [(f.ORIGIN, origin), (f.REQUEST_METHOD, "PUT"), (f.REQUEST_HEADERS, "authorization")]
    preflight = await client.send("OPTIONS", url, asked)
    return [(origin, actual), (origin, preflight)]


def _shared(trial: Trial, answers: Answers) -> Iterator[Weakness]:
    """What `trial` got to read, told once; `*` is another matter."""
    granted = [a.fields for _, a in answers if get(a.fields, f.ALLOW_ORIGIN) == trial.origin]
    if not granted:
        return
    with_credentials = Attempt(trial.origin, credentials=True)
    if any(cors_check(with_credentials, fields) is None for fields in granted):
        text = f"{trial.text}, with the user's credentials"
        yield Weakness(trial.id, trial.worst, trial.origin, text, trial.fix)
    else:
        yield Weakness(trial.id, trial.mild, trial.origin, trial.text, trial.fix)


def _open_to_all(answers: Answers) -> Iterator[Weakness]:
    for _, answer in answers:
        if get(answer.fields, f.ALLOW_ORIGIN) != "*":
            continue
        if get(answer.fields, f.ALLOW_CREDENTIALS) == "true":
            text = "Allow-Origin * stands beside Allow-Credentials, which no browser takes together"
            fix = "list the origins that may send credentials, or drop Allow-Credentials"
            yield Weakness("wildcard-with-credentials", "C", "", text, fix)
        text = "any site may read the answers, without credentials: right for public data only"
        yield Weakness("any-origin", "B", "", text, "list the origins, if the data is not public")
        return


def _cacheable(answers: Answers) -> Iterator[Weakness]:
    """An answer made for one origin, which a cache may hand to another."""
    for origin, answer in answers:
        said = get(answer.fields, f.ALLOW_ORIGIN)
        varies = {name.lower() for name in f.elements(get(answer.fields, f.VARY) or "")}
        if said not in (None, "*") and varies.isdisjoint({"origin", "*"}):
            text = "Allow-Origin depends on Origin, and Vary does not say so: caches mix them up"
            yield Weakness("vary-missing", "C", origin, text, "send Vary: Origin on every answer")
            return


def text(audit: Audit) -> str:
    """The grade, then each weakness with what showed it and what would help."""
    lines = [f"{audit.grade}  {escaped(shown(audit.url))}, {audit.tried} origins tried"]
    for weakness in audit.weaknesses:
        shown_by = f" (Origin: {weakness.origin})" if weakness.origin else ""
        lines += [
            f"  {weakness.grade}  {weakness.text}{shown_by} [{weakness.id}]",
            f"     fix: {weakness.fix}",
        ]
    if not audit.weaknesses:
        lines.append("  nothing is shared with any of them")
    return "\n".join(lines) + "\n"


def as_json(audit: Audit) -> str:
    """One object; its keys are stable."""
    told = {
        "grade": audit.grade,
        "url": shown(audit.url),
        "tried": audit.tried,
        "weaknesses": [weakness._asdict() for weakness in audit.weaknesses],
    }
    return json.dumps(told, indent=2) + "\n"


def junit(audit: Audit) -> str:
    """One test case; each weakness of a failed audit is in its message."""
    body = ""
    if not audit.passed:
        why = "; ".join(weakness.text for weakness in audit.weaknesses)
        body = f"<failure message={quoteattr(f'grade {audit.grade}: {why}')}/>"
    name = quoteattr(f"{escaped(shown(audit.url))} shares nothing with strangers")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="corsproxy probe --audit" tests="1" failures="{int(bool(body))}"'
        ' errors="0">\n'
        f'  <testcase classname="corsproxy.probe" name={name}>{body}</testcase>\n</testsuite>\n'
    )
