"""Fixtures for pytest: a gateway in front of the app under test.

pytest loads this with every run in an environment that has corsproxy, so nothing of corsproxy is
imported before a fixture is used.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from corsproxy.testing import App, GatewayFactory, PolicySource, RunningGateway

_SETTING = "corsproxy_policy"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one setting: a file, whose path is that from the folder of pytest's configuration."""
    parser.addini(_SETTING, "the policy file of the fixtures cors_gateway*", default="")


@pytest.fixture
def cors_gateway(pytestconfig: pytest.Config) -> Iterator["GatewayFactory"]:
    """A function of an app and a policy that starts a gateway, which ends with the test."""
    yield from _factory(pytestconfig)


@pytest.fixture(scope="session")
def cors_gateway_factory(pytestconfig: pytest.Config) -> Iterator["GatewayFactory"]:
    """As cors_gateway, for fixtures of a wider scope: gateways end with the session."""
    yield from _factory(pytestconfig)


def _factory(config: pytest.Config) -> Iterator["GatewayFactory"]:
    from corsproxy import ConfigError
    from corsproxy.testing import running_gateway

    with ExitStack() as stack:

        def start(app: "App", policy: "PolicySource | None" = None) -> "RunningGateway":
            __tracebackhide__ = True
            chosen = _policy_of(config) if policy is None else policy
            try:
                return stack.enter_context(running_gateway(app, chosen))
            except (ConfigError, OSError) as error:
                raise error.with_traceback(None) from None  # it says all; the way to it is ours

        yield start


def _policy_of(config: pytest.Config) -> Path:
    __tracebackhide__ = True
    named: str = config.getini(_SETTING)
    if not named:
        fix = f'cors_gateway(app, "policy.yaml"), or {_SETTING} in pytest\'s configuration'
        raise pytest.UsageError(f"no policy is given\n  fix: {fix}")
    folder = config.inipath.parent if config.inipath is not None else config.rootpath
    return folder / named
