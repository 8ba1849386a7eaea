"""Hostile heads, targets and fields: too long, too many, ambiguous, made to be expensive."""

import random

from tests.soak.hostile import Target, hostile
from tests.soak.responses import HANDSHAKE, PAGE, request

SMUGGLED = b"DELETE /ok HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: 1\r\n\r\n"
CHUNKED = {"Transfer-Encoding": "chunked"}
LENGTH = {"Content-Length": str(len(SMUGGLED))}
AMBIGUOUS = [
    request("GET", "/ok", {**HANDSHAKE, **LENGTH}) + SMUGGLED,
    request("GET", "/ws", {**HANDSHAKE, **LENGTH}) + SMUGGLED,
    request("GET", "/ok", {**HANDSHAKE, **CHUNKED}) + b"5\r\nhello\r\n0\r\n\r\n" + SMUGGLED,
    request("POST", "/echo", {**CHUNKED, **LENGTH}) + b"0\r\n\r\n" + SMUGGLED,
    request("POST", "/echo", {"Content-Length": "5, 6"}) + SMUGGLED,
    request("POST", "/echo", {"Content-Length": "5\r\nContent-Length: 60"}) + SMUGGLED,
    request("POST", "/echo", {"Content-Length": "+5"}) + SMUGGLED,
    request("POST", "/echo", {"Content-Length": "5" * 5000}) + SMUGGLED,
    request("POST", "/echo", {"Transfer-Encoding": "xchunked"}) + SMUGGLED,
    request("POST", "/echo", CHUNKED) + b"zz\r\n" + SMUGGLED,
    request("POST", "/echo", CHUNKED) + b"5\r\nhelloXX0\r\n\r\n" + SMUGGLED,
    request("POST", "/echo", CHUNKED) + b"f" * 5000 + b"\r\n" + SMUGGLED,
    request("POST", "/echo", CHUNKED) + b"5;" + b"x" * 100_000,
    request("GET", "/ok", {"Transfer-Encoding ": "chunked"}) + SMUGGLED,
    request("GET", "/ok", {"X": "1\nContent-Length: 60"}) + SMUGGLED,
]


@hostile(workers=2, pause=0.1)
async def smuggling(target: Target) -> None:
    """Two readings of where a request ends."""
    await target.send(random.choice(AMBIGUOUS))


@hostile(workers=2, pause=0.3)
async def huge_heads(target: Target) -> None:
    """A field, a target or a number of fields beyond every limit; and a head without an end."""
    await target.send(
        random.choice(
            (
                request("GET", "/ok", {"X": "x" * 200_000}),
                request("GET", "/ok?" + "x" * 200_000),
                request("GET", "/ok", {f"X-{number}": "1" for number in range(5000)}),
                b"GET /ok HTTP/1.1\r\n" + b"X: 1\r\n" * 30_000,
                b"x" * 200_000,
            )
        )
    )


@hostile(workers=1, pause=0.5)
async def token_like_paths(target: Target) -> None:
    """What masking takes for a token, and goes through again and again."""
    piece = random.choice(("eyJ", "eyJhbGciOiJ", "eyJ.eyJ", "sk-"))
    await target.send(request("GET", "/ok/" + (piece * 30_000)[:63_000], {"Origin": PAGE}))


@hostile(workers=1, pause=0.5)
async def long_origins(target: Target) -> None:
    """A refusal that looks for the nearest origin of the policy."""
    origin = random.choice(("http://" + "a" * 55_000, "http://" + "localhost." * 5_500 + "test"))
    await target.send(request("GET", random.choice(("/ok", "/any/ok")), {"Origin": origin}))


@hostile(workers=2, pause=0.02)
async def varying_fields(target: Target) -> None:
    """No two requests alike, in whatever the rules look at: what is remembered grows."""
    number = random.getrandbits(48)
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": f"x-{number}",
    }
    fields = {
        "Origin": random.choice((PAGE, f"http://{number}.test")),
        "Via": f"1.1 {number} {'v' * random.randrange(3000)}",
        "Sec-Fetch-Mode": random.choice(("cors", f"m{number}")),
    }
    path = random.choice(("/vary", "/any/vary", "/add/vary", "/pass/vary"))
    one = request("GET", path, fields)
    other = request("OPTIONS", path, fields | asked)
    await target.send(one + other + one)


@hostile(workers=1, pause=0.3)
async def reflected_ports(target: Target) -> None:
    """An upstream whose Allow-Origin has a port of 5000 digits, once or twice."""
    route = random.choice(("", "/add", "/validate", "/pass"))
    await target.send(request("GET", f"{route}/ports", {"Origin": PAGE}))


@hostile(workers=2, pause=0.15)
async def upstream_faults(target: Target) -> None:
    """Resets, cuts, garbage and heads without an end, from the other side."""
    path = random.choice(("/reset", "/broken", "/drip", "/add/broken", "/validate/broken"))
    await target.send(request("GET", path, {"Origin": PAGE}))


GARBAGE = [
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(100),
    b"GET / HTTP/9.9\r\n\r\n",
    request("GET", "/", {"Cookie": "a=" + "b" * 9_000}),
    request("GET", "/exchanges?limit=" + "9" * 5_000),
    request("GET", "/exchanges/%ff%fe"),
    request("GET", "/explain?origin=%ff&name=%00"),
    request("GET", "/events", {"Last-Event-ID": "9" * 5_000}),
    request("GET", "/events", {"Last-Event-ID": "\xff"}),
    request("GET", "/", {"Host": "evil.test"}),
    request("POST", "/har", {"Content-Length": "5" * 5_000}),
    request("POST", "/allow/x/y", {"Origin": "http://evil.test"}, b"x" * 100_000),
    b"\xff\xfe\r\n\r\n",
]


@hostile(workers=1, pause=0.2)
async def admin_garbage(target: Target) -> None:
    """What any page can have a browser send to the admin address, and what none would."""
    await target.send(random.choice(GARBAGE), admin=True)
