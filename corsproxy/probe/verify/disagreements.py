"""Disagreements: where gateways that are given one policy let pages read more, or less, than it.

The attempts are those that `verify` makes of the policy. No socket is opened.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corsproxy.cors.escape import printable
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span
from corsproxy.gateways.emulation.comparison import Everywhere
from corsproxy.probe.verify.comparison import what_is_allowed
from corsproxy.probe.verify.difference import Risk, settled_by
from corsproxy.probe.verify.questions import Plan, Question, Subject, Topic

_OWN_ORIGIN = "http://localhost"


class Disagreement(NamedTuple):
    """One line of the policy on which some gateways differ from it, and what first shows it.

    `times` is how many attempts show the same of the same gateways.
    """

    risk: Risk
    topic: Topic
    text: str
    question: Question
    gateways: tuple[str, ...]
    times: int = 1

    @property
    def span(self) -> Span | None:
        """Where the policy settles it."""
        return settled_by(self.question, self.topic)


def disagreements(policy: Policy) -> list[Disagreement]:
    """Each line once, the worst first: too open before too closed, then by how many gateways."""
    everywhere = Everywhere(policy)
    found: dict[tuple[object, ...], Disagreement] = {}
    for question in _questions(policy):
        first, *others = everywhere.compare(question.attempt, _OWN_ORIGIN)
        names = tuple(other.name for other in others if other.readable != first.readable)
        if names:
            risk = _risk(question, closed=first.readable)
            one = Disagreement(risk, question.topic, _text(risk, question), question, names)
            known = found.setdefault((risk, one.topic, one.span, names), one._replace(times=0))
            found[risk, one.topic, one.span, names] = known._replace(times=known.times + 1)
    order = list(Risk)
    return sorted(found.values(), key=lambda one: (order.index(one.risk), -len(one.gateways)))


def _risk(question: Question, *, closed: bool) -> Risk:
    if closed:
        return Risk.TOO_CLOSED
    return Risk.TOO_OPEN if question.sent else Risk.HARMLESS


def _questions(policy: Policy) -> Iterator[Question]:
    """All that are about who may read, without credentials and, where those count, with them."""
    for question in Plan(Subject(f"{_OWN_ORIGIN}/", policy)).questions():
        if question.attempt.origin:
            yield question
            if policy.allow_credentials or question.topic is Topic.ORIGIN:
                yield question._replace(attempt=question.attempt._replace(credentials=True))


def _text(risk: Risk, question: Question) -> str:
    with_credentials = ", with credentials" if question.attempt.credentials else ""
    if risk is Risk.TOO_CLOSED:
        return f"{what_is_allowed(question)} by the policy{with_credentials}, and blocked there"
    about = question.about or what_is_allowed(question)
    return f"{about}{with_credentials}, and not by the policy"


def disagreements_text(found: Sequence[Disagreement]) -> str:
    """Each with its gateways, the attempt that shows it, and the line that settles it."""
    lines = [line for one in found for line in _lines(one)]
    number = f"{len(found)} disagreement{'s' if len(found) != 1 else ''}"
    total = number if found else "pages read the same at every gateway"
    return "\n".join([*lines, total]) + "\n"


def _lines(one: Disagreement) -> Iterator[str]:
    yield f"{one.risk}: {printable(one.text)} [{one.topic}]"
    yield f"  at: {', '.join(one.gateways)}"
    asked = one.question.attempt
    times = f"  ({one.times} times)" if one.times > 1 else ""
    yield f"  shown by: {printable(asked.sent_method)} from {printable(asked.origin)}{times}"
    if one.span is not None:
        yield f"  policy: {one.span}"
    yield ""


def disagreements_json(found: Sequence[Disagreement]) -> str:
    """The same as one object; its keys are stable."""
    told = [
        {
            "risk": one.risk,
            "topic": one.topic,
            "text": one.text,
            "gateways": list(one.gateways),
            "origin": one.question.attempt.origin,
            "method": one.question.attempt.sent_method,
            "credentials": one.question.attempt.credentials,
            "times": one.times,
            "policy": str(one.span) if one.span else None,
        }
        for one in found
    ]
    return json.dumps({"disagreements": told}, indent=2) + "\n"
