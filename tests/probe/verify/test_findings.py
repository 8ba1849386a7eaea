"""Each mistake that a deployed server makes is found, named once, and nothing else is reported."""

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.headers import Fields
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.verify.findings import Findings
from tests.browser.scripted import Asked, Reply
from tests.probe.verify.deployed import POLICY, Deployed, Spoil, as_it_is, policy_of, verified

APP = "https://app.shop.example"


def told(findings: Findings) -> list[tuple[str, str, str]]:
    return [(one.risk.value, one.topic.value, one.subject) for one in findings.differences]


def without(name: str) -> Spoil:
    def spoil(_: Asked, reply: Reply) -> Reply:
        return reply._replace(fields=[one for one in reply.fields if one[0] != name])

    return spoil


def with_line(name: str, value: str, *, preflights: bool = True) -> Spoil:
    def spoil(asked: Asked, reply: Reply) -> Reply:
        if asked.preflight and not preflights:
            return reply
        return reply._replace(fields=[*reply.fields, (name, value)])

    return spoil


def always(name: str, value: str) -> Spoil:
    def spoil(asked: Asked, reply: Reply) -> Reply:
        return with_line(name, value)(asked, without(name)(asked, reply))

    return spoil


def reflecting(asked: Asked, reply: Reply) -> Reply:
    origin = f.joined(asked.fields, f.ORIGIN)
    return always(f.ALLOW_ORIGIN, origin)(asked, reply) if origin else reply


def no_case(asked: Asked, reply: Reply) -> Reply:
    origin = f.joined(asked.fields, f.ORIGIN)
    same = origin and origin != APP and origin.lower() == APP
    return always(f.ALLOW_ORIGIN, origin)(asked, reply) if origin and same else reply


def no_preflights(asked: Asked, _reply: Reply) -> Reply:
    return Reply(405, []) if asked.preflight else _reply


def terse(asked: Asked, reply: Reply) -> Reply:
    granted = f.joined(reply.fields, f.ALLOW_ORIGIN)
    return reply if granted or not asked.preflight else Reply(403, [])


def one_name_at_a_time(asked: Asked, reply: Reply) -> Reply:
    several = "," in (f.joined(asked.fields, f.REQUEST_HEADERS) or "")
    return without(f.ALLOW_HEADERS)(asked, reply) if several else reply


def bare_errors(asked: Asked, reply: Reply) -> Reply:
    return Reply(500, []) if asked.path.endswith("/broken") else reply


ANCHORED = r"regex: 'https://pr-[0-9]+\.shop\.example'"
MISTAKES = [
    pytest.param("", "", as_it_is, [], id="none"),
    pytest.param(
        f"    - {APP}\n", "", as_it_is, [("too closed", "origin", APP)], id="origin dropped"
    ),
    pytest.param(
        f"    - {APP}\n",
        "",
        terse,
        [("too closed", "origin", APP)],
        id="origin dropped, its preflights refused by 403",
    ),
    pytest.param(
        "",
        "",
        one_name_at_a_time,
        [("too closed", "header-name", "together")],
        id="names that are only granted alone",
    ),
    pytest.param(
        "http://localhost:5173",
        "http://localhost:5173\n    - http://localhost:3000",
        as_it_is,
        [("too open", "origin", "http://localhost:3000")],
        id="origin added",
    ),
    pytest.param(
        ANCHORED,
        r"regex: 'https://pr-[0-9]+\.shop\.example.*'",
        as_it_is,
        [
            ("too open", "origin", "other-port https://pr-0.shop.example"),
            ("too open", "origin", "prefix-match https://pr-0.shop.example"),
            ("too open", "origin", "odd-byte-in-host https://pr-0.shop.example"),
        ],
        id="regex unanchored",
    ),
    pytest.param(
        ANCHORED,
        r"regex: 'https://pr-[0-9]+.shop.example'",
        as_it_is,
        [("too open", "origin", "unescaped-dot https://pr-0.shop.example")],
        id="regex with bare dots",
    ),
    pytest.param(
        "https://*.preview.shop.example",
        "https://*.preview.shop.example\n    - https://preview.shop.example",
        as_it_is,
        [("too open", "origin", "above https://preview.shop.example")],
        id="the host above the subdomains",
    ),
    pytest.param("", "", reflecting, [("too open", "origin", "any")], id="any origin reflected"),
    pytest.param(
        "http://localhost:5173",
        'http://localhost:5173\n    - "null"',
        as_it_is,
        [("too open", "origin", "null-allowed")],
        id="null allowed",
    ),
    pytest.param(
        "", "", no_case, [("different, harmless", "origin", "other-case")], id="case ignored"
    ),
    pytest.param(
        "  allow_credentials: true\n",
        "",
        as_it_is,
        [("too closed", "credentials", "")],
        id="credentials lost",
    ),
    pytest.param("", "", without(f.VARY), [("too closed", "vary", "")], id="Vary missing"),
    pytest.param(
        "[PUT, DELETE]", "[PUT]", as_it_is, [("too closed", "method", "DELETE")], id="method cut"
    ),
    pytest.param(
        "[PUT, DELETE]",
        "[PUT, DELETE, PURGE]",
        as_it_is,
        [("too open", "method", "PURGE")],
        id="method added",
    ),
    pytest.param(
        "[PUT, DELETE]", '["*"]', as_it_is, [("too open", "method", "any")], id="any method"
    ),
    pytest.param(
        "[PUT, DELETE]",
        "[PUT, DELETE, OPTIONS]",
        as_it_is,
        [("different, harmless", "method", "OPTIONS")],
        id="OPTIONS listed",
    ),
    pytest.param(
        "[authorization, content-type]",
        "[authorization]",
        as_it_is,
        [("too closed", "header-name", "content-type")],
        id="header name missing",
    ),
    pytest.param(
        "[authorization, content-type]",
        '["*"]',
        as_it_is,
        [
            ("too open", "header-name", "any"),
            ("too closed", "header-name", "authorization"),  # a name of its own to the wildcard
        ],
        id="any header name",
    ),
    pytest.param(
        "[etag, x-total]",
        "[etag]",
        as_it_is,
        [("too closed", "exposed-name", "x-total")],
        id="exposed name missing",
    ),
    pytest.param(
        "[etag, x-total]",
        "[etag, x-total, x-internal]",
        as_it_is,
        [("too open", "exposed-name", "x-internal")],
        id="exposed name added",
    ),
    pytest.param(
        "max_age: 600",
        "max_age: 60",
        as_it_is,
        [("different, harmless", "max-age", "")],
        id="other max age",
    ),
    pytest.param(
        "",
        "",
        with_line(f.ALLOW_ORIGIN, "*", preflights=False),
        [
            ("too open", "origin", "any"),
            ("too closed", "origin", APP),
            ("too closed", "origin", "http://localhost:5173"),
            ("too closed", "origin", "https://*.preview.shop.example"),
            ("too closed", "origin", r"regex https://pr-[0-9]+\.shop\.example"),
        ],
        id="the backend's own Allow-Origin let through",
    ),
    pytest.param(
        "", "", no_preflights, [("too closed", "preflight", "405")], id="preflights unanswered"
    ),
    pytest.param(
        "", "", bare_errors, [("too closed", "origin", APP)], id="an error that is not shared"
    ),
]


@pytest.mark.parametrize(("text", "instead", "spoil", "expected"), MISTAKES)
async def test_each_mistake_is_named_and_nothing_else(
    text: str, instead: str, spoil: Spoil, expected: list[tuple[str, str, str]]
) -> None:
    assert text in POLICY
    server = Deployed(policy_of(POLICY.replace(text, instead, 1)), spoil)
    findings = await verified(policy_of(), server, paths=("/broken",))
    assert told(findings) == expected
    assert findings.passed is not any(risk.startswith("too") for risk, _, _ in expected)


async def test_what_shows_again_is_counted_and_not_repeated() -> None:
    server = Deployed(policy_of(), without(f.VARY))
    [found] = (await verified(policy_of(), server)).differences
    assert found.times == [one.method for one in server.asked].count("GET")


async def test_a_response_that_no_browser_reads_lacks_no_vary() -> None:
    class Broken(Deployed):
        async def send(
            self, method: str, url: str, headers: Fields, content: bytes = b""
        ) -> ServerResponse:
            response = await super().send(method, url, headers, content)
            broken = f.joined(headers, f.ORIGIN) == APP
            return response._replace(headers=(), malformed=True) if broken else response

    findings = await verified(policy_of(), Broken(policy_of()))
    assert told(findings) == [("too closed", "origin", APP)]
