"""Difference: one thing in which a server and the policy differ, and what that means."""

from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors.decision import decide
from corsproxy.cors.span import Span
from corsproxy.probe.verify.questions import Question, Topic


class Risk(StrEnum):
    """What a difference means."""

    TOO_OPEN = "too open"
    TOO_CLOSED = "too closed"
    HARMLESS = "different, harmless"


class Difference(NamedTuple):
    """One thing in which server and policy differ, and the request that showed it.

    `subject` is what it is about: an origin, a method, a name; `ANY` for all of its kind.
    """

    risk: Risk
    topic: Topic
    subject: str
    text: str
    question: Question
    status: int
    times: int = 1

    @property
    def span(self) -> Span | None:
        """Where the policy settles it; None where it says nothing of it."""
        return settled_by(self.question, self.topic)


def settled_by(question: Question, topic: Topic) -> Span | None:
    """Where the policy says what `question` asks about; None where it says nothing of it."""
    found = [one.settled_by for one in decide(question.policy, question.request).findings]
    checks = {Topic.ORIGIN: 0, Topic.METHOD: 1, Topic.NAME: 2}
    place = checks.get(topic)
    decided = found[place] if place is not None and place < len(found) else None
    return decided or question.policy.span(_SETTINGS[topic])


_SETTINGS = {
    Topic.ORIGIN: "allow_origins",
    Topic.CREDENTIALS: "allow_credentials",
    Topic.PREFLIGHT: "allow_origins",
    Topic.METHOD: "allow_methods",
    Topic.NAME: "allow_headers",
    Topic.EXPOSED: "expose_headers",
    Topic.MAX_AGE: "max_age",
    Topic.VARY: "allow_origins",
}
