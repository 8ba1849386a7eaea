"""Findings: all that was asked of a server, made into what there is to tell, each thing once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.cors_check import get
from corsproxy.cors.decision import decide
from corsproxy.cors.emulated import Emulation
from corsproxy.cors.upstream_differences import varies_by_origin
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.verify.comparison import differences
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.questions import TOGETHER, Question, Topic
from corsproxy.probe.verify.samples import ANY


class Answer(NamedTuple):
    """A question, and what the server said."""

    question: Question
    response: ServerResponse


class Findings(NamedTuple):
    """What is told of a server; `left_out` is how many requests were too many to send.

    `unsampled` are the patterns of which no origin could be made, so that none was asked for.
    """

    url: str
    asked: int
    left_out: int
    unsampled: Sequence[str]
    differences: Sequence[Difference]

    @property
    def passed(self) -> bool:
        """Whether no difference matters."""
        return all(one.risk is Risk.HARMLESS for one in self.differences)


def differences_of(answers: Sequence[Answer], gateway: Emulation | None = None) -> list[Difference]:
    """Every difference once, the worst first.

    What is found at another path, too, is told of the first alone. What `gateway` does otherwise
    than the policy is harmless.
    """
    found = [one for answer in answers for one in _excused(answer, gateway)]
    once: dict[tuple[object, ...], Difference] = {}
    for one in (*_explained(found), *_cacheable(answers, gateway)):
        key = (one.risk, one.topic, one.subject)
        first = once.get(key)
        once[key] = first._replace(times=first.times + 1) if first else one
    return sorted(once.values(), key=lambda one: list(Risk).index(one.risk))


def _excused(answer: Answer, gateway: Emulation | None) -> Iterator[Difference]:
    if gateway is None:
        yield from differences(*answer)
        return
    emulating = _emulating(answer.question, gateway)
    own = {(one.risk, one.topic, one.subject) for one in differences(emulating, answer.response)}
    for one in differences(*answer):
        excused = (one.risk, one.topic, one.subject) not in own
        yield _harmless(one, gateway) if excused else one


def _emulating(question: Question, gateway: Emulation) -> Question:
    return question._replace(policy=replace(question.policy, emulate=gateway))


def _harmless(one: Difference, gateway: Emulation) -> Difference:
    text = f"{one.text}; {gateway.title} does so, given this policy"
    return one._replace(risk=Risk.HARMLESS, text=text)


def _explained(found: list[Difference]) -> Iterator[Difference]:
    """Without those that another explains.

    Who lets in anybody lets in each look-alike; where a name is missing, all together are refused;
    and an origin that may not read gets no preflight granted.
    """
    open_to_all = {one.topic for one in found if (one.risk, one.subject) == (Risk.TOO_OPEN, ANY)}
    closed = [one for one in found if one.risk is Risk.TOO_CLOSED]
    names = {one.subject for one in closed if one.topic is Topic.NAME}
    origins = {one.question.attempt.origin for one in closed if one.topic is Topic.ORIGIN}
    for one in found:
        if one.risk is not Risk.TOO_CLOSED:
            explained = one.topic in open_to_all and one.subject != ANY
        elif one.topic is Topic.PREFLIGHT:
            explained = one.question.attempt.origin in origins
        else:
            explained = one.topic is Topic.NAME and one.subject == TOGETHER and names != {TOGETHER}
        if not explained:
            yield one


def _cacheable(answers: Iterable[Answer], gateway: Emulation | None) -> Iterator[Difference]:
    """A response made for one origin that a cache may hand to another, once for each URL.

    A server that says the same to everybody has nothing to mix up, whatever its policy.
    """
    by_url: dict[str, list[Answer]] = {}
    for answer in answers:
        if not answer.question.preflight and not answer.response.malformed:
            by_url.setdefault(answer.question.url, []).append(answer)
    for those in by_url.values():
        if len({get(one.response.headers, f.ALLOW_ORIGIN) for one in those}) > 1:
            lacking = [one for one in those if not varies_by_origin(one.response.headers)]
            yield from (_vary_missing(one, gateway) for one in lacking)


def _vary_missing(answer: Answer, gateway: Emulation | None) -> Difference:
    text = "Vary does not name Origin: a cache gives a response to pages that it was not made for"
    question, response = answer
    one = Difference(Risk.TOO_CLOSED, Topic.VARY, "", text, question, response.status)
    if gateway is not None:
        emulating = _emulating(question, gateway)
        if f.ORIGIN not in decide(emulating.policy, emulating.request).vary:
            return _harmless(one, gateway)
    return one
