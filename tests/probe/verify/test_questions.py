"""The requests that are made of a policy."""

from hypothesis import given, settings

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Mode, Policy
from corsproxy.probe.verify.questions import Plan, Question, Subject, Topic
from corsproxy.probe.verify.samples import allowed
from tests.cors.strategies import policies
from tests.probe.verify.deployed import URL, policy_of

APP = "https://app.shop.example"


def plan(policy: Policy, *paths: str, named: tuple[str, ...] = ()) -> Plan:
    return Plan(Subject(URL, policy), [Subject(f"{URL}{path}", policy) for path in paths], named)


def asked(questions: list[Question], topic: Topic) -> list[tuple[str | None, str | None]]:
    found = [one.request for one in questions if one.topic is topic and one.preflight]
    return [(one.requested_method, one.requested_names) for one in found]


@settings(max_examples=30)
@given(policies(modes=(Mode.ENFORCE,)))
def test_only_what_changes_nothing_is_sent_and_nothing_twice(policy: Policy) -> None:
    questions = plan(policy, "/missing").questions()
    assert {one.request.method for one in questions} <= {"GET", "OPTIONS"}
    wire = [(one.url, one.request.method, *one.headers) for one in questions]
    assert len(wire) == len(set(wire))


@settings(max_examples=30)
@given(policies(modes=(Mode.ENFORCE,)))
def test_names_stand_as_browsers_send_them(policy: Policy) -> None:
    for question in plan(policy).questions():
        names = f.joined(question.headers, f.REQUEST_HEADERS)
        if names is not None:
            listed = names.split(",")
            assert listed == sorted({name.strip().lower() for name in listed})


def test_each_method_is_asked_for_and_some_that_are_not_listed() -> None:
    methods = [method for method, _ in asked(plan(policy_of()).questions(), Topic.METHOD)]
    assert methods == ["PUT", "DELETE", "PATCH", "X-VERIFY"]


def test_a_method_that_needs_no_listing_is_not_asked_for() -> None:
    policy = Policy.from_lists(origins=[APP], methods=["GET", "POST", "OPTIONS"])
    methods = [method for method, _ in asked(plan(policy).questions(), Topic.METHOD)]
    assert methods == ["OPTIONS", "PUT", "PATCH", "DELETE", "X-VERIFY"]


def test_each_name_is_asked_for_alone_and_all_together() -> None:
    names = [name for _, name in asked(plan(policy_of()).questions(), Topic.NAME)]
    assert names == [
        *("authorization", "content-type", "x-requested-with", "x-corsproxy-verify"),
        "authorization,content-type",
    ]


def test_methods_and_names_are_asked_for_by_the_origin_that_is_served() -> None:
    home = "http://localhost:5173"
    found = plan(policy_of()).the_rest(home)
    assert {q.attempt.origin for q in found if q.topic is not Topic.ORIGIN} == {home}
    assert all(q.topic is Topic.ORIGIN for q in plan(policy_of()).the_rest(None))


def test_each_sample_and_each_named_origin_is_asked_for_by_request_and_preflight() -> None:
    named = "https://old.partner.example"
    found = plan(policy_of(), named=(named,)).on_origins()
    pairs = {(one.attempt.origin, one.preflight) for one in found}
    for origin in (*allowed(policy_of()), named):
        assert {(origin, False), (origin, True)} <= pairs


def test_an_error_is_asked_for_without_origin_by_a_page_and_by_a_stranger() -> None:
    found = [q for q in plan(policy_of(), "/missing").questions() if q.url.endswith("/missing")]
    origins = [question.request.origin for question in found]
    assert origins == [None, APP, "https://attacker.example"]
    assert f.joined(found[0].headers, f.ORIGIN) is None


def test_the_servers_own_origin_is_not_asked_for() -> None:
    own = "http://localhost:8080"
    policy = Policy.from_lists(origins=[own, "http://localhost:*"], methods=["PUT"])
    found = Plan(Subject(f"{own}/users", policy)).questions()
    assert own not in {question.attempt.origin for question in found}
    assert [q.attempt.origin for q in found if q.subject == "PUT"] == ["http://localhost"]
