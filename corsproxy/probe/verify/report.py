"""report: what was found, as text for people, JSON for scripts, JUnit and GitHub for CI.

What the server says is quoted only by reasons, which cut, mask and escape it; URLs are told without
userinfo and query.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from corsproxy.config.diagnostics import Diagnostic, Severity, render_github
from corsproxy.cors.escape import escaped
from corsproxy.cors.span import Span
from corsproxy.probe.judge import url_without_secrets
from corsproxy.probe.junit import Case, suite
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.findings import Findings
from corsproxy.probe.verify.questions import Question, Topic

HARMLESS = "different, but harmless"


def verify_text(findings: Findings) -> str:
    """Each difference with its risk, the request that showed it and the line that settles it."""
    lines = [f"{_where(findings.url)}: {_requests(findings.asked)}"]
    for one in findings.differences:
        lines += ["", *_difference(one)]
    return "\n".join([*lines, "", *_sum(findings)]) + "\n"


def _difference(one: Difference) -> Iterator[str]:
    yield f"{one.risk}: {one.text} [{one.topic}]"
    times = f"  ({one.times} times)" if one.times > 1 else ""
    yield f"  shown by: {_line(one.question)} -> {one.status}{times}"
    if one.span is not None:
        yield f"  policy: {one.span}"


def _sum(findings: Findings) -> Iterator[str]:
    for pattern in findings.unsampled:
        yield f"note: no origin could be made of {escaped(pattern)}: name one with --origin"
    if findings.left_out:
        yield f"note: {_requests(findings.left_out)} left out: --max-requests"
    counts = Counter(one.risk for one in findings.differences)
    words = {risk: HARMLESS if risk is Risk.HARMLESS else risk.value for risk in Risk}
    told = [f"{counts[risk]} {words[risk]}" for risk in Risk if counts[risk]]
    yield ", ".join(told) or "no difference was found between the server and the policy"


def dry_run_text(questions: Sequence[Question]) -> str:
    """The requests that would be sent, one on a line."""
    lines = [_line(question) for question in questions]
    return "\n".join([*lines, "", f"{_requests(len(lines))}, none sent"]) + "\n"


def dry_run_json(questions: Sequence[Question]) -> str:
    """The same as a list; the keys are stable."""
    told = [
        {
            "method": question.request.method,
            "url": url_without_secrets(question.url),
            "headers": [list(pair) for pair in question.headers],
        }
        for question in questions
    ]
    return json.dumps(told, indent=2) + "\n"


def verify_json(findings: Findings) -> str:
    """One object; its keys are stable."""
    data = {
        "url": url_without_secrets(findings.url),
        "asked": findings.asked,
        "left_out": findings.left_out,
        "unsampled": list(findings.unsampled),
        "differences": [
            {
                "risk": one.risk.value,
                "id": one.topic.value,
                "subject": one.subject,
                "text": one.text,
                "request": _line(one.question),
                "status": one.status,
                "times": one.times,
                "policy": None if one.span is None else str(one.span),
            }
            for one in findings.differences
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def verify_junit(findings: Findings) -> str:
    """A test case for each thing that was compared, failed by what is too open or too closed."""
    cases = []
    for topic in Topic:
        wrong = [
            f"{one.risk}: {one.text}"
            for one in findings.differences
            if one.topic is topic and one.risk is not Risk.HARMLESS
        ]
        name = f"{url_without_secrets(findings.url)} and the policy agree on {topic}"
        cases.append(Case(name, "; ".join(wrong) or None))
    return suite("corsproxy verify", cases)


def verify_github(findings: Findings) -> str:
    """Annotations in GitHub Actions, at the line of the policy that settles each."""
    return render_github(
        Diagnostic(
            f"verify-{one.topic}",
            Severity.WARNING if one.risk is Risk.HARMLESS else Severity.ERROR,
            f"{one.risk}: {one.text}\nshown by: {_line(one.question)} -> {one.status}",
            one.span or _file(one.question),
        )
        for one in findings.differences
    )


def _file(question: Question) -> Span:
    """The file as a whole, or the flag, for what it does not mention."""
    return Span(next((span.source for span in question.policy.spans.values()), "policy"))


def _line(question: Question) -> str:
    asked = f"{question.request.method} {url_without_secrets(question.url)}"
    return ", ".join(map(escaped, (asked, *question.told)))


def _where(url: str) -> str:
    return escaped(url_without_secrets(url))


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"
