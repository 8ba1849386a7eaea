"""Cases that nobody thought of: calls and responses drawn at random, the same from run to run."""

from random import Random

from tests.browser.verdict_cases import (
    ALLOW_CREDENTIALS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    CREDENTIALS,
    HEADERS,
    METHODS,
    ORIGIN,
    REDIRECTS,
    REQUEST_FIELDS,
    Case,
    Pairs,
    Response,
)

_METHODS = ["GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "PUT", "DELETE", "PATCH", "patch"]
_METHODS += ["PURGE", "OPTIONS"]
_NAMES: list[Pairs] = [
    *([()] * 4),
    (("X-A", "1"),),
    (("X-A", "1"), ("X-B", "2")),
    (("Authorization", "Bearer t"),),
    (("Authorization", "Bearer t"), ("X-A", "1")),
    (("Content-Type", "application/json"),),
    (("Content-Type", "application/json"), ("Authorization", "Bearer t")),
    (("Content-Type", "text/plain"), ("X-A", "1")),
]
_LISTED_NAMES = [
    "x-a, x-b, authorization, content-type",
    "X-A,Authorization,Content-Type,X-B",
    "*",
    "*, authorization",
    "x-a",
    "",
    '"x-a"',
    "x-a x-b",
    "x-a;x-b",
    "x-a:, authorization",
    "[x-a]",
    "x-a,, x-b,authorization,content-type",
]
_LISTED_METHODS = [
    "PUT, DELETE, PATCH, PURGE, OPTIONS, patch",
    "GET,PUT,DELETE,PATCH,OPTIONS",
    "*",
    "PUT",
    "GET, *",
    "get, put",
    "",
    *(listed for _, listed in ALLOW_METHODS.values() if listed),
]
_PREFLIGHT_STATUSES = [200, 204, 204, 200, 204, 200, 204, 201, 299, 302, 307, 400, 401, 403, 404]
_PREFLIGHT_STATUSES += [405, 407, 500]
_STATUSES = [200, 200, 200, 201, 204, 206, 400, 401, 403, 404, 405, 407, 418, 500, 502, 503]
_REDIRECTS = [301, 302, 303, 307, 308]

_LOCATIONS = [value for value in REDIRECTS.values() if value.strip() and value[0] not in "#?"]
"""None that leads back to itself: there the cached preflight decides what is sent."""


def generated(count: int, seed: int) -> list[Case]:
    """As many cases as asked for; each seed has its own."""
    return [_Draw(Random(f"{seed} {number}")).case(f"{seed}.{number}") for number in range(count)]


class _Draw:
    """One case, drawn. What is granted is granted most of the time: else nothing else is met."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.opaque = random.random() < 0.15
        self.credentials = random.random() < 0.3

    def case(self, name: str) -> Case:
        random = self.random
        fields = random.choice(_NAMES)
        if random.random() < 0.1:
            fields = random.choice(list(REQUEST_FIELDS.values()))
        return Case(
            f"generated {name}",
            random.choice(_METHODS),
            fields,
            self.credentials,
            self.preflight(),
            self.response(0.45, beyond="/beyond"),
            self.preflight(0.5),
            self.response(0.3, beyond="/beyond/beyond"),
            self.preflight(0.5),
            self.response(0.0),
            start=random.choice(["api"] * 6 + ["page"] * 2 + ["third"]),
            opaque=self.opaque,
        )

    def preflight(self, null: float = 0.0) -> Response:
        random = self.random
        status = random.choice(_PREFLIGHT_STATUSES) if random.random() < 0.4 else 204
        lists = [
            *self._list(METHODS, _LISTED_METHODS),
            *self._list(HEADERS, _LISTED_NAMES),
        ]
        return Response(status, (*self.grant(null), *lists, *self._location(status)))

    def response(self, moved: float, null: float = 0.4, beyond: str = "") -> Response:
        random = self.random
        if random.random() < moved:
            status = random.choice(_REDIRECTS)
            location = (
                random.choice(["{case}", "{third}{case}", "{api}{case}", "{page}{case}"]) + beyond
            )
            if random.random() < 0.35:
                location = random.choice(_LOCATIONS)
            return Response(status, (*self.grant(0.1), ("Location", location)))
        status = random.choice(_STATUSES) if random.random() < 0.3 else 200
        return Response(status, self.grant(null))

    def grant(self, null: float) -> Pairs:
        """Allow-Origin and Allow-Credentials."""
        random = self.random
        good = "null" if self.opaque or random.random() < null else "{page}"
        if random.random() < 0.25 and not self.credentials:
            good = "*"
        if random.random() < 0.2:
            good = random.choice(list(ALLOW_ORIGIN.values()))
        origin: Pairs = ((ORIGIN, good),)
        if random.random() < 0.06:
            origin = random.choice([(), origin * 2, (*origin, (ORIGIN, "{page}"))])
        if not self.credentials and random.random() < 0.8:
            return origin
        said = "true"
        if random.random() < 0.12:
            said = random.choice(list(ALLOW_CREDENTIALS.values()))
        return origin if random.random() < 0.05 else (*origin, (CREDENTIALS, said))

    def _list(self, name: str, values: list[str]) -> Pairs:
        random = self.random
        if random.random() < 0.7:
            return ((name, values[0]),)
        lines = tuple((name, random.choice(values)) for _ in range(random.choice([1, 1, 2])))
        return lines if random.random() < 0.8 else ()

    def _location(self, status: int) -> Pairs:
        if status not in _REDIRECTS or self.random.random() < 0.2:
            return ()
        return (("Location", self.random.choice(["{case}/beyond", "{third}{case}/beyond", ""])),)
