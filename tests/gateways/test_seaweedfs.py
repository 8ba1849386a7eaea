"""SeaweedFS, a server that speaks S3, with the rules that were exported for buckets.

It judges that the rules are taken and who is let in. What Amazon's own sends beside that it does
not: it never sends Access-Control-Allow-Credentials, and sends `*` as the asking origin.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.verdict import on_preflight, on_response
from corsproxy.cors.request import Request
from corsproxy.gateways import s3
from corsproxy.gateways.conversion.bucket_reading import read
from tests.apps.servers import unused_port
from tests.gateways.converted import config, differing
from tests.gateways.played import ORIGINS, decoded
from tests.until import listening, until
from tests.wire.messages import Message, Wire

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]

POLICIES = {
    "one": "allow_origins: [https://a.test]\nmax_age: 5",
    "any": "allow_origins: ['*']\nallow_methods: [PUT]\nmax_age: 5",
    "patterns": """allow_origins: [https://a.test, "https://*.a.test", "http://[::1]:3000"]
allow_methods: [PUT, DELETE]
allow_headers: [authorization, X-A]
expose_headers: [etag, x-total-count]
max_age: 600""",
}


class Server(NamedTuple):
    """Where it listens, and what each bucket says of its rules."""

    port: int
    told: dict[str, Any]


@pytest.fixture(scope="module")
def server(judges: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("seaweedfs")
    ports = {f"{part}.port{kind}": unused_port() for part in PARTS for kind in ("", ".grpc")}
    flags = [f"-{name}={port}" for name, port in ports.items()]
    everywhere = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-volume.max=20")
    command = [str(judges / "weed"), "server", "-s3", *everywhere, *flags]
    port = ports["s3.port"]
    small = ("-master.volumeSizeLimitMB=16",)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*command, *small], cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            until(lambda: listening(port), otherwise=(folder / "log").read_text)
            yield Server(port, given(judges, port))
        finally:
            process.kill()


PARTS = ("master", "volume", "filer", "s3")


def given(judges: Path, port: int) -> dict[str, Any]:
    rules = [json.loads(s3.write(config(one), "json").text) for one in POLICIES.values()]
    script = Path(__file__).parent / "judges" / "seaweed_bucket.py"
    done = subprocess.run(
        [judges / "python", script, f"http://127.0.0.1:{port}"],
        input=json.dumps(rules),
        capture_output=True,
        text=True,
        env={"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(POLICIES, json.loads(done.stdout), strict=True))


def ask(server: Server, policy: str, request: Request) -> Message:
    bucket = list(POLICIES).index(policy)
    fields = {
        "Origin": request.origin,
        "Access-Control-Request-Method": request.requested_method,
        "Access-Control-Request-Headers": request.requested_names,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    with Wire.to(server.port) as wire:
        head = f"{request.method} /bucket-{bucket}/key HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"
        wire.send(head.encode())
        return wire.response(request.method.encode())


@pytest.mark.parametrize("policy", POLICIES)
def test_a_bucket_says_the_policy_that_was_exported(server: Server, policy: str) -> None:
    exported = config(POLICIES[policy]).policy
    assert differing(exported, read(json.dumps(server.told[policy]), "told").policy) <= UNKEPT


UNKEPT = {"allow_credentials"}
"""S3 has no setting for it: it always sends it."""


@pytest.mark.parametrize("policy", POLICIES)
def test_a_page_of_an_origin_that_the_policy_names_reads_and_no_other(
    server: Server, policy: str
) -> None:
    allowed = config(POLICIES[policy]).policy
    for origin in ORIGINS:
        attempt = Attempt(origin, "GET")
        response = ask(server, policy, attempt.actual())
        readable = on_response(attempt, response.status, decoded(response.fields)).readable
        origins = allowed.allow_origins
        assert readable == (origins.any or origins.match(origin) is not None), origin


@pytest.mark.parametrize(
    ("method", "names", "granted"),
    [
        ("PUT", "", True),
        ("DELETE", "authorization", True),
        ("PUT", "authorization,x-a", True),
        ("PATCH", "", False),
        ("PUT", "x-b", False),
    ],
)
def test_a_preflight_is_granted_what_the_policy_lists(
    server: Server, method: str, names: str, *, granted: bool
) -> None:
    headers = [(name, "1") for name in names.split(",") if name]
    attempt = Attempt("https://x.a.test", method, headers)
    response = ask(server, "patterns", attempt.preflight())
    found = on_preflight(attempt, response.status, decoded(response.fields))
    assert found.readable is granted
