"""Real gateways with the configuration that is exported for them, beside their emulation.

Both get the same policy, the same upstream and the same table of requests; what is compared is the
status, whether the upstream was reached, every header of CORS, and Vary.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import Config, Route
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.registry import gateway
from corsproxy.gateways.emulation.gateway_emulation import emulation_of
from tests.gateways.conftest import missing
from tests.gateways.emulation.table import MANY_POLICIES, Answer, answer_of, requests
from tests.gateways.handed_to_envoy import HANDED
from tests.gateways.ingress_template import ingress_nginx
from tests.gateways.played import Player, answer
from tests.gateways.programs import PROGRAMS, installed, running
from tests.gateways.test_real_gateways import before, read
from tests.served import Served
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

POLICIES = dict(sorted(MANY_POLICIES.items()))


def emulating(settings: Config, name: str) -> Config:
    """The settings with `cors.emulate: NAME`."""
    policy = replace(settings.policy, emulate=emulation_of(name))
    return replace(settings, policy=policy, routes=(Route("/", settings.upstream, policy),))


BEHIND = dict.fromkeys(HANDED, "envoy") | {"ingress-nginx": "nginx"}
"""Those that only configure another program, which is what runs here."""


def written(name: str, settings: Config, form: str) -> str:
    """What is exported, or what a controller makes of the policy for the program behind it."""
    if name in BEHIND:
        return {**HANDED, "ingress-nginx": ingress_nginx}[name](settings)
    write = gateway(name).write
    assert write is not None
    return write(settings, form).text


class Pair(ExitStack):
    """A gateway and its emulation, before one upstream."""

    def __init__(self, name: str, policy: str, programs: Path, folder: Path) -> None:
        super().__init__()
        self.upstream = Upstream()
        self.upstream.script = answer
        self.callback(self.upstream.close)
        settings = before(self.upstream, policy)

        def export(form: str, port: int) -> str:
            listening = replace(settings, listen=(TcpAddress("127.0.0.1", port),))
            return written(name, listening, form)

        program = BEHIND.get(name, name)
        port = self.enter_context(running(program, programs, folder, export))
        own = Served(emulating(settings, name))
        self.callback(own.stop)
        self.theirs, self.ours = Player(port, self.upstream), Player(own.port, self.upstream)
        self.callback(self.theirs.close)
        self.callback(self.ours.close)
        until(lambda: self.theirs.ask(Request("GET")).status == 200)

    def differences(self, name: str) -> Iterator[str]:
        for request, path in requests():
            if read(name, request.method) and read(name, request.requested_method or ""):
                theirs, ours = (self.answer(who, request, path) for who in (self.theirs, self.ours))
                if theirs != ours:
                    yield f"{request.method} {path} {asked(request)}\n  {theirs}\n  {ours}"

    def answer(self, who: Player, request: Request, path: str) -> Answer:
        seen = len(self.upstream.seen)
        response = who.ask(request, path)
        return answer_of(response, forwarded=len(self.upstream.seen) > seen)


def asked(request: Request) -> str:
    shown = (request.origin, request.requested_method, request.requested_names)
    return ", ".join(str(one) for one in shown)


@pytest.fixture(params=[*(name for name in PROGRAMS if gateway(name).profile), *BEHIND])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if not installed(found):
        missing(f"{found} is not installed")
    return found


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_an_emulation_does_what_the_gateway_does(
    name: str, policy: str, judges: Path, tmp_path: Path
) -> None:
    with Pair(name, policy, judges, tmp_path / "program") as pair:
        assert "\n".join(islice(pair.differences(name), 5)) == ""


@pytest.mark.parametrize("policy", ["several with credentials", "any origin"])
def test_so_it_does_where_the_upstream_is_down(
    name: str, policy: str, judges: Path, tmp_path: Path
) -> None:
    with Pair(name, POLICIES[policy], judges, tmp_path / "program") as pair:
        pair.upstream.close()
        for origin in ("https://a.test", "https://evil.test", None):
            request = Request("GET", origin)
            theirs, ours = (pair.answer(who, request, "/") for who in (pair.theirs, pair.ours))
            assert min(theirs.status, ours.status) >= 500
            assert theirs._replace(status=0) == ours._replace(status=0)


def test_the_table_is_as_large_as_it_has_to_be() -> None:
    assert len(POLICIES) >= 40
    assert len(list(requests())) >= 30
