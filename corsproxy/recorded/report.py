"""The judgement of a record, as text for people and JSON for programs.

All that is quoted is from strangers: it is cut, masked and escaped here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from corsproxy.cors.browser.browsers import FETCH, Browser
from corsproxy.cors.escape import printable
from corsproxy.cors.explain.outcome import consoles
from corsproxy.cors.explain.scene import Scene
from corsproxy.cors.explain.scene_text import check_json, check_lines, reason_json
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.recorded.calls import Beside
from corsproxy.recorded.har import Entry, Record
from corsproxy.recorded.judgement import Became, Judged


class Told(NamedTuple):
    """A call, and what the policy that is at hand would make of it; None without one.

    `remark` is what the proxy would say instead, where it would not even ask the policy.
    """

    judged: Judged
    scene: Scene | None = None
    remark: str = ""


def report_text(record: Record, told: Sequence[Told], beside: Mapping[Beside, int]) -> str:
    """A line for each call, with reason and fix where it was blocked; then how many of each.

    Calls of which the same is to be said are told of once.
    """
    times = Counter("\n".join(_call(one, record.browser)) for one in told)
    blocks = []
    for text, count in times.items():
        first, *rest = text.split("\n")
        blocks.append("\n".join([f"{first}  ({count} times)" if count > 1 else first, *rest]))
    return "\n".join([*blocks, "", *_sum(record, told, beside)]).lstrip("\n") + "\n"


def _call(told: Told, browser: Browser) -> Iterator[str]:
    judged = told.judged
    call = judged.call
    method, url = printable(call.method), printable(call.shown.url)
    yield f"{judged.became.value:<9} {method} {url} -> {_ended(judged)}"
    for reason in judged.reasons:
        yield from _reason(reason, browser)
    for identity, text in call.shown.decided:
        yield f"  corsproxy refused it: {printable(text)} [{printable(identity)}]"
    if told.remark:
        yield f"  by the policy: {printable(told.remark)}"
    if told.scene is not None:
        yield from _by_the_policy(told.scene, browser)


def _ended(judged: Judged) -> str:
    call = judged.call
    asked = f"preflight {_status(call.preflight)}" if call.preflight else ""
    ended = f"{_status(call.actual)}{asked and f' ({asked})'}" if call.actual else asked
    with_credentials = ", with credentials" if judged.credentials else ""
    return f"{ended}, from {printable(call.origin)}{with_credentials}"


def _status(entry: Entry) -> str:
    return str(entry.status) if entry.status else "no response"


def _reason(reason: ExplainedReason, browser: Browser) -> Iterator[str]:
    """With the name in the console of `browser`; in all of them, where it is not known."""
    yield f"  {reason.sentence} [{reason.id}]"
    yield f"    fix: {reason.fix}"
    names = [name for name in consoles(reason) if _CONSOLES.get(browser.name, "") in name]
    if see := "; ".join(filter(None, (*names, reason.step))):
        yield f"    see: {see}"


_CONSOLES = {"Chromium": "Chrome: ", "Firefox": "Firefox: ", "WebKit": "WebKit: "}


def _by_the_policy(scene: Scene, browser: Browser) -> Iterator[str]:
    if scene.readable:
        yield "  by the policy: the page reads the response"
        return
    yield "  by the policy: blocked"
    checks = [check for step in _steps(scene) for check in step.checks if not check.passed]
    for check in checks:
        yield from check_lines(check)
        yield f"     fix: {check.fix}"
    if not checks:
        for reason in scene.reasons:
            yield from _reason(reason, browser)


def _steps(scene: Scene) -> list[Any]:
    return [step for step in (scene.preflight, scene.actual) if step is not None]


def _sum(record: Record, told: Sequence[Told], beside: Mapping[Beside, int]) -> Iterator[str]:
    counts = Counter(one.judged.became for one in told)
    each = ", ".join(f"{counts[became]} {became.value}" for became in Became if counts[became])
    saved = f"saved by {_saver(record)}; " if _saver(record) else ""
    yield f"{saved}calls of other origins: {len(told)}{f' ({each})' if each else ''}"
    if beside:
        rest = ", ".join(f"{kind.value}: {beside[kind]}" for kind in Beside if kind in beside)
        yield f"not judged: {rest}"


def _saver(record: Record) -> str:
    return printable(record.creator) if record.browser is FETCH else record.browser.name


def report_json(
    record: Record, told: Sequence[Told], beside: Mapping[Beside, int]
) -> dict[str, Any]:
    """The same as one object, each call by itself; its keys are stable."""
    counts = Counter(one.judged.became for one in told)
    return {
        "creator": printable(record.creator),
        "browser": None if record.browser is FETCH else record.browser.name,
        "outcome": next((one.value for one in _WORST_FIRST if counts[one]), "readable"),
        "counts": {became.value: counts[became] for became in Became},
        "not_judged": {kind.name.lower(): beside.get(kind, 0) for kind in Beside},
        "calls": [_call_json(one) for one in told],
    }


_WORST_FIRST = (Became.BLOCKED, Became.UNKNOWN)


def _call_json(told: Told) -> dict[str, Any]:
    judged, call = told.judged, told.judged.call
    return {
        "outcome": judged.became.value,
        "method": printable(call.method),
        "url": printable(call.shown.url),
        "origin": printable(call.origin),
        "credentials": judged.credentials,
        "preflight": call.preflight.status if call.preflight else None,
        "status": call.actual.status if call.actual else None,
        "reasons": [reason_json(reason) for reason in judged.reasons],
        "refused_by_corsproxy": [
            {"id": printable(identity), "text": printable(text)}
            for identity, text in call.shown.decided
        ],
        "policy": _policy_json(told.scene) if told.scene else None,
    }


def _policy_json(scene: Scene) -> dict[str, Any]:
    checks = [check for step in _steps(scene) for check in step.checks if not check.passed]
    return {
        "outcome": "readable" if scene.readable else "blocked",
        "checks": [check_json(check) for check in checks],
        "reasons": [reason_json(reason) for reason in scene.reasons],
        "patch": scene.patch,
    }
