"""`verify` against real gateways: no difference where the export stands, each mistake where not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.registry import gateway
from corsproxy.gateways.conversion.sent_literally import EFFECT
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.verify.asking import Asker, Pace
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.questions import Plan, Subject, Topic
from tests.gateways.conftest import missing
from tests.gateways.played import POLICIES as PLAYED
from tests.gateways.played import Player, answer
from tests.gateways.programs import PROGRAMS, installed, running
from tests.probe.verify.deployed import POLICY
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

POLICIES = {
    "origins, subdomains and a regex": f"{POLICY.strip()}\n  refused_request: forward\n",
    **{
        name: "upstream: http://127.0.0.1:9\ncors:\n  refused_request: forward\n"
        + "".join(f"  {line}\n" for line in PLAYED[name].splitlines())
        for name in ("any of all", "any with credentials", "subdomains and ports")
    },
}
USUAL = "origins, subdomains and a regex"
Change = tuple[str, str]
"""A text of what is exported, and what stands there by mistake."""


class Live(NamedTuple):
    """A gateway that listens with what was exported for it."""

    port: int
    settings: Config
    losses: tuple[Loss, ...]

    async def differences(self) -> list[Difference]:
        """What `verify` tells of it, of a path that answers and of one that fails."""
        url, policy = f"http://127.0.0.1:{self.port}", self.settings.policy
        plan = Plan(Subject(f"{url}/users", policy), [Subject(f"{url}/error", policy)])
        findings = await Asker(ProbeClient(), Pace(1e9), 10_000).verify(plan)
        assert findings.asked > 20
        return list(findings.differences)


@contextmanager
def live(
    name: str, policy: str, programs: Path, folder: Path, changes: tuple[Change, ...] = ()
) -> Iterator[Live]:
    """The gateway before an upstream that sends CORS headers of its own."""
    if not installed(name):
        missing(f"{name} is not installed")
    loaded = load_text(policy.encode(), "policy.yaml", {}, {}, offline=True).config
    losses: list[Loss] = []
    with ExitStack() as stack:
        upstream = Upstream()
        upstream.script = answer
        stack.callback(upstream.close)
        address = UpstreamAddress("http", "127.0.0.1", upstream.port)

        def export(form: str, port: int) -> str:
            listening = (TcpAddress("127.0.0.1", port),)
            write = gateway(name).write
            assert write is not None
            written = write(replace(loaded, upstream=address, routes=(), listen=listening), form)
            losses.extend(written.losses)
            return changed(written.text, changes)

        port = stack.enter_context(running(name, programs, folder / "program", export))
        player = Player(port, upstream)
        stack.callback(player.close)
        until(lambda: player.ask(Request("GET")).status == 200)
        yield Live(port, loaded, tuple(losses))


def changed(text: str, changes: tuple[Change, ...]) -> str:
    for there, instead in changes:
        assert there in text
        text = text.replace(there, instead)
    return text


LOST = {Topic.EXPOSED: "expose_headers", Topic.NAME: "allow_headers"}
"""The setting whose loss explains that less is granted."""


def explained(one: Difference, losses: tuple[Loss, ...]) -> bool:
    """Whether a loss tells of it: what is left out, or `*` among names, sent as it stands."""
    told = {loss.setting for loss in losses}
    if one.risk is Risk.TOO_CLOSED:
        return LOST.get(one.topic) in told
    return one.subject == "authorization" and EFFECT in {loss.effect for loss in losses}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", PROGRAMS)
async def test_what_was_exported_differs_only_where_its_losses_say_so(
    name: str, policy: str, judges: Path, tmp_path: Path
) -> None:
    with live(name, POLICIES[policy], judges, tmp_path) as side:
        found = await side.differences()
    unexplained = [
        (one.risk.value, one.topic.value, one.subject)
        for one in found
        if not explained(one, side.losses)
    ]
    assert unexplained == []


MISTAKES: dict[str, dict[str, tuple[Change, ...]]] = {
    "nginx": {
        "an origin dropped": (('    "~^http://localhost:5173$" $http_origin;\n', ""),),
        "a regex without its end": ((r"app\\.shop\\.example$", r"app\\.shop\\.example"),),
        "credentials lost": (('default "true";', 'default "";'),),
        "Vary missing": (("        add_header Vary Origin always;\n", ""),),
        "a method cut": (("PUT, DELETE", "PUT"),),
        "the upstream's own let through": (
            ("        proxy_hide_header Access-Control-Allow-Origin;\n", ""),
        ),
    },
    "caddy": {
        "an origin dropped": (("|http://localhost:5173", ""),),
        "a regex without its end": (
            (r"(?:https://pr-[0-9]+\.shop\.example))$`", r"(?:https://pr-[0-9]+\.shop\.example))`"),
            ("{re.granted.0}", "{http.request.header.Origin}"),
        ),
        "credentials lost": (
            ("        header @granted Access-Control-Allow-Credentials true\n", ""),
        ),
        "Vary missing": (("        header +Vary Origin\n", ""),),
        "a method cut": (("PUT, DELETE", "PUT"),),
        "the upstream's own let through": (("header_down -Access-Control-*", ""),),
    },
    "envoy": {
        "an origin dropped": (("                  - exact: http://localhost:5173\n", ""),),
        "a regex without its end": ((r"+\.shop\.example)", r"+\.shop\.example.*)"),),
        "credentials lost": (("                  allow_credentials: true\n", ""),),
        "Vary missing": (("value: Origin", "value: Accept"),),
        "a method cut": (("PUT, DELETE", "PUT"),),
        "the upstream's own let through": (("              - Access-Control-Allow-Origin\n", ""),),
    },
    "traefik": {
        "an origin dropped": (("        - http://localhost:5173\n", ""),),
        "a regex without its end": (("example)$", "example)"),),
        "credentials lost": (("        accessControlAllowCredentials: true\n", ""),),
        "Vary missing": (("addVaryHeader: true", "addVaryHeader: false"),),
        "a method cut": (("        - DELETE\n", ""),),
        "the upstream's own let through": (("          Access-Control-Allow-Origin: ''\n", ""),),
    },
    "haproxy": {
        "an origin dropped": (("^http://localhost:5173$", "^$"),),
        "a regex without its end": ((r"+\.shop\.example)$", r"+\.shop\.example.*)"),),
        "credentials lost": (("set-header Access-Control-Allow-Credentials true", "del-header x"),),
        "Vary missing": (("add-header Vary Origin", "add-header Vary Accept"),),
        "a method cut": (("PUT, DELETE", "PUT"),),
        "the upstream's own let through": (
            ("    http-response del-header access-control- -m beg\n", ""),
            ("set-header Access-Control-Allow-Origin", "add-header Access-Control-Allow-Origin"),
        ),
    },
    "apache": {
        "an origin dropped": (("^http://localhost:5173$", "^-$"),),
        "a regex without its end": ((r"+\\.shop\\.example)$", r"+\\.shop\\.example.*)"),),
        "credentials lost": (('set Access-Control-Allow-Credentials "true"', "unset X-None"),),
        "Vary missing": (("merge Vary Origin", "merge Vary Accept"),),
        "a method cut": (("PUT, DELETE", "PUT"),),
        "the upstream's own let through": (
            ("    Header onsuccess unset Access-Control-Allow-Origin\n", ""),
            ("    Header always unset Access-Control-Allow-Origin\n", ""),
        ),
    },
}
"""What a hand has spoiled, of each gateway's own text."""


FOUND: dict[str, tuple[tuple[str, str, str], tuple[tuple[str, str], ...]]] = {
    "an origin dropped": (("too closed", "origin", "http://localhost:5173"), ()),
    "a regex without its end": (("too open", "origin", "prefix-match"), ()),
    "credentials lost": (("too closed", "credentials", ""), ()),
    "Vary missing": (("too closed", "vary", ""), ()),
    "a method cut": (("too closed", "method", "DELETE"), ()),
    "the upstream's own let through": (("too open", "origin", "any"), (("too closed", "origin"),)),
}
"""What tells of the mistake, and what may come with it: two values in one header block a page."""


def test_each_program_has_its_mistakes() -> None:
    assert MISTAKES.keys() == PROGRAMS.keys()
    assert all(those.keys() == FOUND.keys() for those in MISTAKES.values())


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, mistake) for name, those in MISTAKES.items() for mistake in those]
)
async def test_a_mistake_is_found(name: str, mistake: str, judges: Path, tmp_path: Path) -> None:
    changes = MISTAKES[name][mistake]
    with live(name, POLICIES[USUAL], judges, tmp_path, changes) as side:
        found = await side.differences()
    telling, others = FOUND[mistake]
    seen = [(one.risk.value, one.topic.value, one.subject) for one in found]
    assert [one for one in seen if telling in {one, (*one[:2], one[2].partition(" ")[0])}]
    assert {one[:2] for one in seen} <= {telling[:2], *others}
