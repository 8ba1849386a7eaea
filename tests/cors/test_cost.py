"""What a refusal costs: neither the length of the list nor what was sent may count."""

import time
from collections.abc import Callable

import pytest

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.escape import printable
from corsproxy.cors.explain import findings_text, outcome
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.secret_text import masked_text

PATTERNS: dict[str, Callable[[int], OriginPattern | RegexPattern]] = {
    "exact": lambda n: OriginPattern.parse(f"https://host{n}.example.com"),
    "ports of one host": lambda n: OriginPattern.parse(f"http://localhost:{n + 1000}"),
    "subdomains": lambda n: OriginPattern.parse(f"https://*.host{n}.example.com"),
    "any port": lambda n: OriginPattern.parse(f"https://host{n}.example.com:*"),
    "regex": lambda n: RegexPattern(f"https://pr-[0-9]+[.]app{n}[.]example"),
}
ORIGINS = {
    "another host": "https://evil.test",
    "another scheme": "http://host77.example.com",
    "a slip": "https://hots77.example.com",
    "another port": "https://localhost:5173",
    "many labels": f"http://{'a.' * 100}example.com",
    "the same letters": f"https://{'host1.example.com.' * 14}x",
    "no end": f"https://h.{'a' * 55_000}",
    "no end of ports": f"https://host1.example.com:{'9' * 55_000}",
    "no end of blanks": "https://a " * 5_000,
}
SCALE = 12
"""How much more a refusal by 10 000 patterns may cost than the dearest one by 20."""


def fastest(work: Callable[[], object]) -> float:
    """The least of several times of the processor: what the work costs when nothing else runs."""
    times = []
    for _ in range(9):
        before = time.thread_time()
        work()
        times.append(time.thread_time() - before)
    return min(times)


def refusal(policy: Policy, origin: str) -> Callable[[], object]:
    def refuse() -> None:
        decision = decide(policy, Request("GET", origin))
        assert decision.refused
        findings_text(policy, decision)

    return refuse


def listing(kind: str, count: int) -> Policy:
    return Policy(Origins([PATTERNS[kind](n) for n in range(count)]))


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_refusal_costs_as_much_by_ten_thousand_patterns_as_by_a_few(kind: str) -> None:
    policies = {count: listing(kind, count) for count in (1, 100, 10_000)}
    usual = max(fastest(refusal(listing("exact", 20), ORIGINS[name])) for name in list(ORIGINS)[:4])
    for count, policy in policies.items():
        for name, origin in ORIGINS.items():
            assert fastest(refusal(policy, origin)) < SCALE * usual, (count, name)


PREFLIGHTS = {
    "a method without end": Request("OPTIONS", "http://a.test", "X" * 60_000),
    "a name without end": Request("OPTIONS", "http://a.test", "PUT", "x" * 60_000),
    "names without end": Request(
        "OPTIONS", "http://a.test", "PUT", ",".join(f"x-{n}" for n in range(9_000))
    ),
    "one name without end": Request("OPTIONS", "http://a.test", "PUT", "a," * 30_000),
    "commas without end": Request("OPTIONS", "http://a.test", "PUT", "," * 60_000),
}
LONG = Names(tuple(f"x-{n}" for n in range(10_000)))


@pytest.mark.parametrize("name", PREFLIGHTS)
@pytest.mark.parametrize("names", [Names(("x-a",)), LONG], ids=["one name", "10 000 names"])
def test_a_preflight_costs_little_whatever_it_asks_for(name: str, names: Names) -> None:
    origin = Origins([OriginPattern.parse("http://a.test")])
    policy = Policy(origin, allow_methods=names, allow_headers=names)
    usual = Request("OPTIONS", "http://a.test", "PATCH", ",".join(f"y-{n}" for n in range(60)))

    def explain(request: Request) -> None:
        decision = decide(policy, request)
        assert decision.refused
        findings_text(policy, decision)
        outcome(decision, decision.status, decision.headers)

    explain(usual)  # makes what is made once
    assert fastest(lambda: explain(PREFLIGHTS[name])) < 5 * fastest(lambda: explain(usual))


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_patch_of_a_long_list_shows_its_end(kind: str) -> None:
    policy = listing(kind, 10_000)
    refused, *_ = findings_text(policy, decide(policy, Request("GET", "https://new.test")))
    lines = refused.patch.splitlines()
    assert lines[2] == "    # ... the 9997 before stay as they are"
    assert lines[-1] == "    - https://new.test"
    assert len(lines) == 2 + 1 + 3 + 1


TEXTS = {
    "beginnings of JWTs": "eyJaaaaa-",
    "a JWT without end": "eyJ",
    "pairs": "a=b&",
    "names of pairs": "token",
    "separators": "?&;",
    "percents": "%25",
    "what is encoded": "%2525252525",
    "encoded pairs": "%3Ftoken%3Da%26",
    "slashes": "/",
    "URLs": "//a",
    "userinfo": "//a@",
    "at signs": "a@",
    "names of fields": "Cookie: ",
    "cookies": "cookie cookie=",
    "quotes": "\"'",
    "members": '"token":"',
    "backslashes": "\\",
    "segments": "/reset/",
    "prefixes": "sk-",
    "random segments": "/token/a1b2c3d4e5f6a7b8",
    "no ASCII": "\xe9",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("prefix", ["", "/?", "GET ", "key="])
def test_a_text_is_masked_in_linear_time(name: str, prefix: str) -> None:
    short, long = (prefix + TEXTS[name] * (size // len(TEXTS[name])) for size in (8_192, 65_536))
    assert fastest(lambda: masked_text(long)) < 5 * 8 * fastest(lambda: masked_text(short))


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_not_shown_of_a_text_costs_nothing(name: str) -> None:
    short, long = (TEXTS[name] * (size // len(TEXTS[name])) for size in (1_024, 65_536))
    assert fastest(lambda: printable(long)) < 4 * fastest(lambda: printable(short))
