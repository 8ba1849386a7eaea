"""Azurite takes the rules that are exported for it, and their emulation does as it does."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.azure_blob import PROFILE, write
from corsproxy.gateways.conversion.azure_rules import read
from corsproxy.gateways.emulation import engine
from tests.apps.servers import served, unused_port
from tests.gateways.converted import config
from tests.gateways.emulation.table import MANY_POLICIES, Answer, answer_of, requests
from tests.gateways.played import Player, answer
from tests.gateways.test_emulated import emulating
from tests.gateways.test_real_gateways import before
from tests.served import Served
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICIES = dict(sorted(MANY_POLICIES.items()))
ACCOUNT, KEY = "test", base64.b64encode(b"a key of this test alone").decode()
PATHS = {"/": f"/{ACCOUNT}/public/there", "/error": f"/{ACCOUNT}/public/missing"}


class Azurite:
    """A running one, with a blob that everybody may read; `take` sets its rules."""

    def __init__(self, port: int, judge: subprocess.Popen[str]) -> None:
        self.port = port
        self._judge = judge

    def take(self, text: str) -> tuple[int, list[list[str]]]:
        """The status, and the rules that it then has: origins, methods and names of each."""
        assert self._judge.stdin is not None
        print(json.dumps(text), file=self._judge.stdin, flush=True)
        status, rules = json.loads(self.said())
        return status, rules

    def said(self) -> str:
        assert self._judge.stdout is not None
        return self._judge.stdout.readline()


@pytest.fixture(scope="module")
def azurite(
    judges: Path, packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Azurite]:
    port, folder = unused_port(), tmp_path_factory.mktemp("azurite")
    main = packages / "azurite" / "dist" / "src" / "blob" / "main.js"
    where = ("--location", folder, "--blobHost", "127.0.0.1", "--blobPort", str(port))
    quiet = ("--skipApiVersionCheck", "--silent", "--disableTelemetry")
    account = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    judge = [judges / "python", Path(__file__).parent / "judges" / "azurite_rules.py"]
    with (
        served(port, "node", main, *where, *quiet, folder=folder, environ=account),
        subprocess.Popen(
            [*judge, str(port), ACCOUNT, KEY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        running = Azurite(port, process)
        assert running.said() == "ready\n"
        yield running


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_it_takes_what_is_written_and_says_the_same_again(policy: str, azurite: Azurite) -> None:
    text = write(settings(policy), "xml").text
    status, rules = azurite.take(text)
    assert status == 202
    listed = [
        dict(zip(("AllowedOrigins", "AllowedMethods", "AllowedHeaders"), rule, strict=True))
        for rule in rules
    ]
    again, written = read(json.dumps({"cors": listed}), "x").policy, read(text, "x").policy
    for name in ("allow_origins", "allow_methods", "allow_headers"):
        assert str(getattr(again, name)) == str(getattr(written, name))


def settings(policy: str) -> Config:
    return config(policy if policy != "{}" else "max_age: 5")


ALLOW_ORIGIN, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
EXPOSE = "access-control-expose-headers"


class Difference(NamedTuple):
    """What Azurite says otherwise than its emulation."""

    policy: Policy
    request: Request
    theirs: Answer
    ours: Answer

    @property
    def preflight(self) -> bool:
        return self.request.method == "OPTIONS"

    @property
    def exposed(self) -> Answer:
        """Ours, with the names that Azurite exposes."""
        found = self.theirs.headers.get(EXPOSE, ())
        return self.ours._replace(headers={**self.ours.headers, EXPOSE: found})


def without_a_method(one: Difference) -> bool:
    """Azurite has two errors: 400 for what is no preflight, 403 for one that is refused."""
    statuses = (one.theirs.status, one.ours.status)
    return one.preflight and one.request.requested_method is None and statuses == (400, 403)


def of_a_method_in_another_case(one: Difference) -> bool:
    """Azurite allows and repeats `put` where PUT is listed; a browser sends PUT for it."""
    method = one.request.requested_method or ""
    return method.upper() in one.policy.allow_methods.listed and not method.isupper()


def of_an_open_preflight(one: Difference) -> bool:
    """To preflights `*` is the asking origin, with credentials; to requests it is `*`."""
    sent = {ALLOW_ORIGIN: (one.request.origin,), CREDENTIALS: ("true",)}
    open_ = one.preflight and one.policy.allow_origins.any
    return open_ and one.theirs.headers == {**one.ours.headers, **sent}


def of_vary(one: Difference) -> bool:
    """There is none where no rule is; and one where `*` does not hold for the method."""
    origins = one.policy.allow_origins
    special = origins.any or not origins
    return special and not one.preflight and (one.theirs.headers, one.ours.headers) == ({}, {})


def of_exposed_names(one: Difference) -> bool:
    """`*` becomes the names of the very response."""
    return one.policy.expose_headers.any and one.theirs == one.exposed


NOT_REACHED = (
    without_a_method,
    of_a_method_in_another_case,
    of_an_open_preflight,
    of_vary,
    of_exposed_names,
)
"""What a Profile cannot say; docs/gateways-azure.md has the same list."""


class Pair(ExitStack):
    """Azurite with a policy, and corsproxy as its emulation."""

    def __init__(self, azurite: Azurite, policy: str) -> None:
        super().__init__()
        azurite.take(write(settings(policy), "xml").text)
        self.upstream = Upstream()
        self.upstream.script = answer
        self.callback(self.upstream.close)
        emulated = emulating(before(self.upstream, policy), "azure-blob")
        assert emulated.policy.emulate is not None
        self.policy = engine.exported(emulated.policy, PROFILE)
        own = Served(emulated)
        self.callback(own.stop)
        self.theirs, self.ours = (
            Player(azurite.port, self.upstream),
            Player(own.port, self.upstream),
        )
        self.callback(self.theirs.close)
        self.callback(self.ours.close)

    def differences(self) -> Iterator[Difference]:
        for request, path in requests():
            theirs, ours = self.answers(request, path)
            if theirs != ours:
                yield Difference(self.policy, request, theirs, ours)

    def answers(self, request: Request, path: str) -> tuple[Answer, Answer]:
        """What a page sees of both; the status of a blob's own response is no matter of CORS."""
        ours = answer_of(self.ours.ask(request, path), forwarded=False)
        theirs = answer_of(self.theirs.ask(request, PATHS[path]), forwarded=False)
        if request.method != "OPTIONS":
            theirs = theirs._replace(status=ours.status)
        return theirs, ours


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_emulation_does_what_azurite_does(policy: str, azurite: Azurite) -> None:
    with Pair(azurite, policy) as pair:
        found = [one for one in pair.differences() if not any(said(one) for said in NOT_REACHED)]
    assert found == []


def test_what_a_profile_cannot_say_is_still_another_way(azurite: Azurite) -> None:
    met: set[Callable[[Difference], bool]] = set()
    for name in ("one method", "any origin", "any exposed"):
        with Pair(azurite, POLICIES[name]) as pair:
            met |= {said for one in pair.differences() for said in NOT_REACHED if said(one)}
    assert met == {*NOT_REACHED}
