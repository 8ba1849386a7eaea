"""A Scene as text for people and as JSON for programs."""

from typing import Any

from corsproxy.cors.escape import printable
from corsproxy.cors.explain.findings import ExplainedCheck
from corsproxy.cors.explain.outcome import NETWORK_ERROR, consoles
from corsproxy.cors.explain.scene import Scene, SceneStep
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.secret_text import masked_text


def scene_text(scene: Scene) -> str:
    """Tell the scene step by step, each check with the config line that settled it."""
    attempt = scene.attempt
    credentials = ", with credentials" if attempt.credentials else ""
    target = printable(attempt.target)
    lines = [
        f"{printable(attempt.sent_method)} {target} from {printable(attempt.origin)}{credentials}"
    ]
    lines += [f"note: {remark}" for remark in scene.remarks]
    lines += ["", printable(scene.due)]
    for number, step in enumerate(filter(None, (scene.preflight, scene.actual)), 1):
        lines += ["", *_step(number, step, target)]
    lines += ["", *_outcome(scene)]
    for notice in scene.notices:
        lines += ["", f"warning: {notice.sentence} [{notice.id}]", f"  fix: {notice.fix}"]
    return "\n".join(lines) + "\n"


def _step(number: int, step: SceneStep, target: str) -> list[str]:
    return [
        f"{number}. {step.name}: {printable(step.method)} {target} -> {step.status}",
        *(f"   > {name}: {printable(value)}" for name, value in step.request_headers),
        *(line for check in step.checks for line in check_lines(check)),
        *(f"   < {name}: {printable(value)}" for name, value in step.headers),
        *([f"   the browser stops: {step.blocked.sentence}"] if step.blocked else []),
    ]


def check_lines(check: ExplainedCheck) -> list[str]:
    """One check: passed or refused, in words, and the place that settled it."""
    word = "passed" if check.passed else "refused"
    place = f"  ({check.span})" if check.span else ""
    return [f"   {word:<8}{check.check:<7} {check.text}{place}"]


def _outcome(scene: Scene) -> list[str]:
    if scene.readable:
        return [f"readable: the page reads the response{_seen(scene)}"]
    lines = [f"blocked: {NETWORK_ERROR}"]
    last = scene.actual or scene.preflight
    if last is not None and last.blocked is not None:
        lines += [f"  the consoles show {'; '.join(consoles(last.blocked))}"]
    for reason in scene.reasons:
        lines += [f"  {reason.text} [{reason.id}]", f"    fix: {reason.fix}"]
        lines += [f"    see: {reason.step}"]
    if scene.patch:
        lines += ["", *(f"    {line}" for line in scene.patch.splitlines())]
    return lines


def _seen(scene: Scene) -> str:
    """Which of the response's headers the page sees."""
    if scene.actual is None:
        return ""
    if scene.exposed == ("*",):
        return ", and all its headers but Set-Cookie"
    beside = f" and {', '.join(scene.exposed)}" if scene.exposed else " only"
    return f", and of its headers the safelisted ones{beside}"


def scene_json(scene: Scene) -> dict[str, Any]:
    """The scene as one object; its keys are stable."""
    attempt = scene.attempt
    return {
        "outcome": "readable" if scene.readable else "blocked",
        "origin": masked_text(attempt.origin),
        "method": attempt.sent_method,
        "target": masked_text(attempt.target),
        "names": [name for name, _ in attempt.sent_headers],
        "credentials": attempt.credentials,
        "due": scene.due,
        "preflight": _step_json(scene.preflight),
        "response": _step_json(scene.actual),
        "reasons": [reason_json(reason) for reason in scene.reasons],
        "exposed": list(scene.exposed),
        "warnings": [reason_json(notice) for notice in scene.notices],
        "remarks": list(scene.remarks),
        "patch": scene.patch,
    }


def _step_json(step: SceneStep | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "method": step.method,
        "request_headers": [list(field) for field in step.request_headers],
        "checks": [check_json(check) for check in step.checks],
        "status": step.status,
        "headers": [list(field) for field in step.headers],
        "browsers": dict(step.outcomes.words),
        "blocked": reason_json(step.blocked) if step.blocked else None,
    }


def check_json(check: ExplainedCheck) -> dict[str, Any]:
    """One check as an object; `place` is where in the policy it was settled."""
    return {
        "check": check.check.value,
        "passed": check.passed,
        "reason": check.reason_id,
        "text": check.text,
        "fix": check.fix,
        "patch": check.patch,
        "place": str(check.span) if check.span else None,
        "chrome": check.chrome,
        "firefox": check.firefox,
        "webkit": check.webkit,
        "step": check.step,
    }


def reason_json(reason: ExplainedReason) -> dict[str, Any]:
    """One entry of the catalogue, in words, as an object."""
    return reason._asdict() | {"browsers": dict(reason.browsers)}
