"""How long `decide` takes: microseconds per call, the best of several rounds.

    python bench/decide.py

The rule is asked once for each request, and a microsecond costs the whole proxy about 4 % of its
speed. The figures must not grow with the number of origins, regexes excepted.
"""

import gc
import timeit
from collections.abc import Callable, Iterable

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Names, Policy

ROUNDS, CALLS = 9, 20_000


def best(call: Callable[[], object]) -> float:
    """Microseconds per call, in the round that other programs disturbed least."""
    gc.collect()
    return min(timeit.repeat(call, repeat=ROUNDS, number=CALLS)) / CALLS * 1e6


def policy(patterns: Iterable[OriginPattern | RegexPattern]) -> Policy:
    return Policy(
        Origins(patterns),
        Names(("GET", "PUT", "DELETE")),
        Names(("authorization", "content-type", "x-requested-with")),
        Names(("etag",)),
        allow_credentials=True,
        max_age=600,
    )


def exact(count: int) -> Policy:
    return policy(OriginPattern.parse(f"https://app-{i}.example.com") for i in range(count))


def requests(origin: str) -> dict[str, Request]:
    fields = [("Origin", origin), ("Host", "api.example.net"), ("Accept", "*/*")]
    asked = [
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    ]
    return {
        "actual GET": Request.of("GET", fields),
        "actual PUT": Request.of("PUT", fields),
        "preflight": Request.of("OPTIONS", [*fields, *asked]),
        "no Origin": Request.of("GET", fields[1:]),
    }


def main() -> None:
    wildcards = [OriginPattern.parse(f"https://*.host-{i}.example.com") for i in range(100)]
    regex = RegexPattern(r"https://pr-[0-9]+\.example\.com")
    table = [
        *((f"{n} exact", exact(n), f"https://app-{n - 1}.example.com") for n in (1, 100, 10_000)),
        ("100 exact, refused", exact(100), "https://evil.example"),
        ("100 *.host", policy(wildcards), "https://a.b.host-99.example.com"),
        ("100 *.host, refused", policy(wildcards), "https://a.b.host-99.example.net"),
        ("one regex", policy([regex]), "https://pr-42.example.com"),
    ]
    print(f"{'us per decide':22}{''.join(f'{kind:>12}' for kind in requests(''))}")
    for title, rule, origin in table:
        figures = [
            best(lambda rule=rule, request=request: decide(rule, request))  # type: ignore[misc]
            for request in requests(origin).values()
        ]
        print(f"{title:22}{''.join(f'{figure:12.2f}' for figure in figures)}")


if __name__ == "__main__":
    main()
