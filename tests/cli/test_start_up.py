"""What a start does not wait for: the collector of cycles, and modules that are needed later."""

import json

import pytest

from tests.program import Program

TELLS = """
import gc, json, os, sys
from corsproxy.cli import main
from corsproxy.proxy import system

looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase))
settle = system.settle

def settled():
    settle()
    told = {"looks": looks.count("start"), "enabled": gc.isenabled(), "modules": [*sys.modules]}
    told |= {"frozen": gc.get_freeze_count(), "collected": gc.get_threshold()[0]}
    os.write(1, f"told: {json.dumps(told)}\\n".encode())  # at once: a thread writes as well

system.settle = settled
main()
"""
ARGUMENTS = (
    *("--upstream", "http://127.0.0.1:9", "--allow-origin", "http://a.test"),
    *("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"),
)
LATER = (
    *("corsproxy.gateways", "corsproxy.learn", "corsproxy.probe", "corsproxy.recorded"),
    *("corsproxy.cors.reasons.pasted", "corsproxy.trust.authority"),
    *("cryptography", "difflib", "idna.uts46data", "publicsuffixlist"),
)
"""Of other commands, or for what is asked while it serves."""


@pytest.fixture(scope="module")
def told() -> dict[str, object]:
    """What the program says of itself as soon as it listens."""
    with Program(*ARGUMENTS, code=TELLS) as program:
        said: dict[str, object] = json.loads(program.wait_for(r"told: (.*)\n")[1])
    return said


def test_the_collector_does_not_look_through_what_start_up_makes(told: dict[str, object]) -> None:
    looks = told["looks"]
    assert isinstance(looks, int)
    assert looks < 10  # a hundred, were it left on


def test_it_is_on_as_soon_as_the_program_serves(told: dict[str, object]) -> None:
    frozen = told["frozen"]
    assert isinstance(frozen, int)
    assert (told["enabled"], told["collected"], frozen > 10_000) == (True, 10_000, True)


@pytest.mark.parametrize("module", LATER)
def test_what_is_needed_later_is_not_loaded_before_it_serves(
    told: dict[str, object], module: str
) -> None:
    modules = told["modules"]
    assert isinstance(modules, list)
    assert "corsproxy.proxy.fast.connection" in modules
    assert module not in modules
