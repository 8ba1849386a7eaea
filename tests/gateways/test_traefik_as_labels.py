"""Traefik with the labels that are written for a container: it does what its emulation does."""

import json
import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest
import yaml

from corsproxy.config.settings import Config
from corsproxy.cors.request import Request
from corsproxy.gateways.traefik import write
from tests.apps.servers import served, unused_port
from tests.gateways.emulation.table import MANY_POLICIES, answer_of, requests
from tests.gateways.played import Player, answer
from tests.gateways.test_emulated import emulating
from tests.gateways.test_real_gateways import before
from tests.served import Served
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(200)]

DOCKER_API = Path(__file__).parent / "judges" / "docker_api.py"
POLICIES = (
    "several with credentials",
    "any of all",
    "reflected",
    "a careful regex",
    "the opaque origin",
    "no preflight cache, with credentials",
)


def labels(settings: Config, port: int) -> dict[str, str]:
    """Those that are written, as compose hands them on, and those of a service that is there."""
    found = yaml.safe_load(write(settings, "labels").text)["labels"]
    own = {
        "traefik.http.routers.api.rule": "PathPrefix(`/`)",
        "traefik.http.services.api.loadbalancer.server.port": str(port),
    }
    return {key: text.replace("$$", "$") for key, text in found.items()} | own


@pytest.mark.parametrize("policy", POLICIES)
def test_labels_do_what_the_dynamic_configuration_does(
    policy: str, judges: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        upstream = Upstream()
        upstream.script = answer
        stack.callback(upstream.close)
        settings = before(upstream, MANY_POLICIES[policy])
        file = tmp_path / "labels.json"
        file.write_text(json.dumps(labels(settings, upstream.port)))
        docker, port = unused_port(), unused_port()
        stack.enter_context(served(docker, sys.executable, DOCKER_API, str(docker), file))
        stack.enter_context(
            served(
                port,
                judges / "traefik",
                f"--entrypoints.web.address=127.0.0.1:{port}",
                f"--providers.docker.endpoint=tcp://127.0.0.1:{docker}",
                "--global.checknewversion=false",
                "--global.sendanonymoususage=false",
            )
        )
        own = Served(emulating(settings, "traefik"))
        stack.callback(own.stop)
        theirs, ours = Player(port, upstream), Player(own.port, upstream)
        stack.callback(theirs.close)
        stack.callback(ours.close)
        until(lambda: theirs.ask(Request("GET")).status == 200)
        differences = (
            (request, path)
            for request, path in requests()
            if answer_of(theirs.ask(request, path), forwarded=False)
            != answer_of(ours.ask(request, path), forwarded=False)
        )
        assert [*islice(differences, 5)] == []
