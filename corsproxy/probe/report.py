"""report: an Account as text for people, JSON for scripts and JUnit for CI.

What the page sets itself is told by name only, and what the server says is masked and escaped: a
report may be pasted anywhere.
"""

import json
from collections.abc import Iterator
from typing import Any

from corsproxy.config.diagnostics import Diagnostic, Severity, render_github
from corsproxy.cors import headers as f
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.escape import escaped, printable
from corsproxy.cors.explain import (
    NETWORK_ERROR,
    before_any_request,
    consoles,
    explained_verdict,
    notices,
    reason_json,
    with_outcomes,
)
from corsproxy.cors.masking import masked
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.span import Span
from corsproxy.probe.judge import Account, ProbeStep, url_without_secrets
from corsproxy.probe.junit import one_case


def blocking_reasons(account: Account) -> list[ExplainedReason]:
    """Everything that stopped the browser, in its order; empty when the page reads the response."""
    last = account.steps[-1]
    found = [explained_verdict(one, preflight=last.preflight) for one in last.failures]
    return [with_outcomes(found[0], account.outcomes), *found[1:]] if found else []


def account_warnings(account: Account) -> list[ExplainedReason]:
    """What no console tells, and a page still trips over; each thing once."""
    found = before_any_request(account.attempt, origin_of(account.url))
    for step in account.steps:
        here = origin_of(step.url)
        if not step.preflight and step.verdict.readable and here != step.attempt.origin:
            found += notices(step.attempt, here, step.response.status, step.response.headers)
    return [*_parted(account), *dict.fromkeys(found)]


def _parted(account: Account) -> Iterator[ExplainedReason]:
    """What blocks by the standard alone, or in some browser alone."""
    step = account.parted
    if step is None or step.verdict.readable:
        return
    why = explained_verdict(step.verdict, preflight=step.preflight)
    if step.preflight and step.hop.redirects:
        values = {"url": url_without_secrets(step.url), "why": why.text, "fix": why.fix}
        why = explained("preflight-repeated", values)
    yield with_outcomes(why, account.outcomes)


def report_text(account: Account) -> str:
    """The scene, and what else the server and its headers tell to somebody who tries it out."""
    lines = [*account_text(account).splitlines(), *_of_corsproxy(account)]
    for notice in account_warnings(account):
        lines += ["", f"warning: {notice.sentence} [{notice.id}]", f"  fix: {notice.fix}"]
    return "\n".join(lines) + "\n"


def account_text(account: Account) -> str:
    """The scene step by step, then the outcome, why, and what would help."""
    attempt = account.attempt
    with_credentials = ", with credentials" if attempt.credentials else ""
    where = escaped(url_without_secrets(account.url))
    lines = [f"{attempt.sent_method} {where} from {attempt.origin}{with_credentials}"]
    for number, step in enumerate(account.steps, 1):
        lines += ["", *_step(number, step)]
    lines += ["", *_outcome(account)]
    return "\n".join(lines) + "\n"


def _step(number: int, step: ProbeStep) -> list[str]:
    kind = "preflight" if step.preflight else "request"
    response = step.response
    return [
        f"{number}. {kind}: {step.method} {escaped(url_without_secrets(step.url))}"
        f" -> {response.status or 'a response that is not HTTP'}"
        f" {printable(response.reason)}".rstrip(),
        *(f"   > {name}: {escaped(value)}" for name, value in step.sent),
        *(f"   > {escaped(name)}: (not shown)" for name in _own_names(step)),
        *(f"   < {escaped(name)}: {escaped(value)}" for name, value in masked(response.headers)),
    ]


def _own_names(step: ProbeStep) -> list[str]:
    """The page's own headers, which a preflight announces but does not carry."""
    return [] if step.preflight else [name for name, _ in step.attempt.sent_headers]


def _outcome(account: Account) -> list[str]:
    if account.verdict.readable:
        status = account.steps[-1].response.status
        return [f"readable: the page reads this response, status {status}"]
    where = "the preflight fails" if account.steps[-1].preflight else "the response is not shared"
    lines = [f"blocked: {where}, and {NETWORK_ERROR}"]
    for reason in blocking_reasons(account):
        names = "; ".join((*consoles(reason), reason.step))
        lines += [f"  {reason.sentence} [{reason.id}]", f"    fix: {reason.fix}", f"    {names}"]
    return lines


def _of_corsproxy(account: Account) -> list[str]:
    """Where the response is from a corsproxy, it knows more."""
    decision = f.joined(account.steps[-1].response.headers, "X-Corsproxy-Decision")
    if decision is None:
        return []
    return [f"  this server is corsproxy: `corsproxy explain {escaped(decision)}` says which line"]


def report_json(account: Account) -> str:
    """One object; its keys are stable."""
    attempt = account.attempt
    data = {
        "outcome": account.outcome,
        "browsers": dict(account.outcomes.words),
        "url": url_without_secrets(account.url),
        "origin": attempt.origin,
        "method": attempt.sent_method,
        "names": [name for name, _ in attempt.sent_headers],
        "credentials": attempt.credentials,
        "preflight": _head(account.preflight),
        "response": _head(account.actual),
        "reasons": [reason_json(reason) for reason in blocking_reasons(account)],
        "warnings": [reason_json(warning) for warning in account_warnings(account)],
    }
    return json.dumps(data, indent=2) + "\n"


def _head(step: ProbeStep | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "method": step.method,
        "url": url_without_secrets(step.url),
        "status": step.response.status,
        "headers": [list(field) for field in masked(step.response.headers)],
    }


def report_junit(account: Account, *, expected: str) -> str:
    """One test case, failed where the outcome is not the expected one."""
    attempt = account.attempt
    where = url_without_secrets(account.url)
    name = f"{attempt.sent_method} {where} from {attempt.origin} is {expected}"
    if account.outcome == expected:
        return one_case("corsproxy probe", name)
    texts = [reason.text for reason in blocking_reasons(account)]
    why = "; ".join(texts) or "the page reads the response"
    return one_case("corsproxy probe", name, f"{account.outcome}: {why}", report_text(account))


def report_github(account: Account, *, expected: str) -> str:
    """Annotations in GitHub Actions, of no line: what blocks, and what a page still trips over."""
    what = f"{account.attempt.sent_method} {escaped(url_without_secrets(account.url))}: "
    blocking = blocking_reasons(account) if expected == "readable" else []
    told = [(Severity.ERROR, reason) for reason in blocking]
    told += [(Severity.WARNING, reason) for reason in account_warnings(account)]
    found = [
        Diagnostic(reason.id, severity, what + reason.sentence, NO_FILE, reason.fix)
        for severity, reason in told
    ]
    if expected == "blocked" and account.verdict.readable:
        found.append(Diagnostic("readable", Severity.ERROR, what + "the page reads it", NO_FILE))
    return render_github(found)


NO_FILE = Span("")
"""Where what a server says stands: in nobody's file."""
