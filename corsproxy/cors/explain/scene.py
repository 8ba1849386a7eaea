"""scene: what would happen to a page's call, from the first question to what the page reads.

No socket is opened: the responses are those that the policy makes. The upstream's own response is
imagined as a 200 without any CORS header. What it adds itself (mode
`add`, an error) is left out; `probe` asks the live server.

Both sides are asked, `decide` and `browser`, and a test demands that they agree. The reasons are
the policy's where it refused, since those name a line; the browser's only where the policy had
nothing to say, as with credentials.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors import reasons, response_headers
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import get
from corsproxy.cors.browser.outcomes import Outcomes
from corsproxy.cors.browser.verdict import (
    Verdict,
    list_elements,
    on_preflight,
    on_response,
    preflight_cached_for,
)
from corsproxy.cors.decision import Action, Decision, decide
from corsproxy.cors.explain import patch
from corsproxy.cors.explain.findings import ExplainedCheck, findings_text
from corsproxy.cors.explain.notices import as_emulated, before_any_request
from corsproxy.cors.explain.outcome import blocked_by, differing
from corsproxy.cors.fetch_standard import FORBIDDEN_RESPONSE_NAMES, SAFELISTED_METHODS
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.request import Request

NO_PREFLIGHT = "no preflight is due: the method and all headers are safelisted"
MODES = {
    Mode.VALIDATE: "mode is validate: the upstream responds itself; shown is what the policy"
    " expects",
    Mode.PASSTHROUGH: "mode is passthrough: the upstream responds itself, and the policy does not"
    " apply; shown is what it would do",
    Mode.STRIP: "mode is strip: every CORS header of the upstream is removed",
}


class SceneStep(NamedTuple):
    """One request of the scene: what is asked, what each check says, what is answered."""

    name: str
    method: str
    request_headers: tuple[tuple[str, str], ...]
    checks: tuple[ExplainedCheck, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    blocked: ExplainedReason | None
    """Why the browser goes no further; None when it does."""
    differing: ExplainedReason | None
    """What blocks by the standard alone, or in some browser alone."""
    outcomes: Outcomes
    decision: Decision


class Scene(NamedTuple):
    """A page's call and all that follows from it. `reasons` tells why the page reads nothing."""

    attempt: Attempt
    due: str
    preflight: SceneStep | None
    actual: SceneStep | None
    reasons: tuple[ExplainedReason, ...]
    notices: tuple[ExplainedReason, ...] = ()
    remarks: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    """The response headers that the page sees beside the safelisted ones; `*` for all."""
    patch: str = ""
    """The policy's settings as they should read, in YAML, where a setting would help."""

    @property
    def readable(self) -> bool:
        """Whether the page gets to read a response."""
        return not self.reasons


def scene(policy: Policy, attempt: Attempt, own_origin: str) -> Scene:
    """Walk through the call of a page to a proxy whose own origin is `own_origin`."""
    remarks = tuple(_remarks(policy))
    if policy.emulate is None and policy.mode in (Mode.VALIDATE, Mode.PASSTHROUGH):
        policy = replace(policy, mode=Mode.ENFORCE)
    if not attempt.possible:
        why = reasons.explained("method-forbidden", {"method": attempt.method})
        return Scene(attempt, "fetch throws: nothing is sent", None, None, (why,), (), remarks)
    if attempt.origin == own_origin:
        same = "the page has the proxy's own origin: CORS does not apply"
        return Scene(attempt, same, None, None, (), (), remarks)
    preflight = _preflight(policy, attempt) if attempt.preflight_due else None
    last = preflight
    actual = None
    if preflight is None or preflight.blocked is None:
        last = actual = _actual(policy, attempt)
        remarks += _kept(attempt, preflight)
    assert last is not None
    differs = (step.differing for step in (preflight, actual) if step)
    notices = (*filter(None, differs), *before_any_request(attempt, own_origin))
    due = why_due(attempt)
    remarks += _as_emulated(policy, last)
    mended = _mended(policy, attempt, last)
    shown = _exposed(policy, attempt, last) if last is actual else ()
    return Scene(attempt, due, preflight, actual, _why(last), notices, remarks, shown, mended)


def _remarks(policy: Policy) -> Iterator[str]:
    """By what it is decided, where that is not the policy's rule and nothing else."""
    if policy.emulate is not None:
        yield f"decided as {policy.emulate.title} does with this policy, {policy.emulate.known}"
    elif policy.mode in MODES:
        yield MODES[policy.mode]


def why_due(attempt: Attempt) -> str:
    """Why a preflight is due, or that none is."""
    if not attempt.preflight_due:
        return NO_PREFLIGHT
    causes = []
    if attempt.sent_method not in SAFELISTED_METHODS:
        causes.append(f"the method {attempt.sent_method}")
    if attempt.unsafe_names:
        causes.append(f"the request headers {', '.join(attempt.unsafe_names)}")
    return f"a preflight is due: {' and '.join(causes)} must not be sent without one"


def _preflight(policy: Policy, attempt: Attempt) -> SceneStep:
    request = attempt.preflight()
    decision = decide(policy, request)
    status = decision.status or 200  # 200 stands for an upstream that knows nothing of CORS
    headers = _sent(policy, decision)
    verdict = on_preflight(attempt, status, headers)
    return _step("preflight", policy, decision, (status, headers), verdict)


def _actual(policy: Policy, attempt: Attempt) -> SceneStep:
    decision = decide(policy, attempt.actual())
    status = decision.status or 200
    headers = _sent(policy, decision)
    verdict = on_response(attempt, status, headers)
    return _step("request", policy, decision, (status, headers), verdict)


def _sent(policy: Policy, decision: Decision) -> tuple[tuple[str, str], ...]:
    if decision.action is Action.FORWARD:
        return tuple(response_headers.apply_policy(policy, decision, ()))
    return tuple(response_headers.own_headers(policy, decision))


def _step(
    name: str,
    policy: Policy,
    decision: Decision,
    response: tuple[int, tuple[tuple[str, str], ...]],
    verdict: Verdict,
) -> SceneStep:
    request = decision.request
    checks = tuple(findings_text(policy, decision))
    preflight = name == "preflight"
    blocked = blocked_by(verdict, preflight=preflight)
    differs = differing(verdict, preflight=preflight)
    asked, outcomes = _asked(request), verdict.outcomes
    return SceneStep(
        name, request.method, asked, checks, *response, blocked, differs, outcomes, decision
    )


def _asked(request: Request) -> tuple[tuple[str, str], ...]:
    """The request's CORS headers."""
    asked = (
        (f.ORIGIN, request.origin),
        (f.REQUEST_METHOD, request.requested_method),
        (f.REQUEST_HEADERS, request.requested_names),
    )
    return tuple((name, value) for name, value in asked if value is not None)


def _why(step: SceneStep) -> tuple[ExplainedReason, ...]:
    """The policy's refusals where there are any, else what the browser finds wanting."""
    if step.blocked is None and step.status < 400:
        return ()
    refused = tuple(
        ExplainedReason(*check[2:5], check.chrome, check.firefox, check.step, check.webkit)
        for check in step.checks
        if not check.passed
    )
    browser = () if step.blocked is None or refused else (step.blocked,)
    return refused + browser


def _kept(attempt: Attempt, preflight: SceneStep | None) -> tuple[str, ...]:
    if preflight is None:
        return ()
    seconds = preflight_cached_for(attempt, preflight.headers)
    return (f"the browser does not ask again for {seconds} s",) if seconds else ()


def _exposed(policy: Policy, attempt: Attempt, step: SceneStep) -> tuple[str, ...]:
    if step.blocked is not None:
        return ()
    names = list_elements(get(step.headers, f.EXPOSE_HEADERS)) or []
    # Under credentials `*` is spelled out from the upstream's own headers, not known here.
    if policy.expose_every_name or ("*" in names and not attempt.credentials):
        return ("*",)
    return tuple(name for name in names if name.lower() not in FORBIDDEN_RESPONSE_NAMES)


def _as_emulated(policy: Policy, step: SceneStep) -> tuple[str, ...]:
    told = as_emulated(policy, step.decision)
    return tuple(reasons.explained(reason, values).text for reason, values in told)


def _mended(policy: Policy, attempt: Attempt, step: SceneStep) -> str:
    checks = step.checks
    if policy.emulate is not None and step.blocked is not None:
        # A gateway may not look at what the browser stops at; the policy has a line for it.
        own = replace(policy, emulate=None)
        checks = tuple(findings_text(own, decide(own, step.decision.request)))
    patches = [check.patch for check in checks if check.patch]
    if not patches and step.blocked is not None and attempt.credentials:
        patches.append(patch.credentials_for(policy, attempt.origin))
    return patch.together(patches)
