"""A gateway in front of an app under test, and assertions that ask it as a browser does.

`corsproxy.pytest_plugin` makes fixtures of it; any other test framework uses `running_gateway`.
"""

from corsproxy.testing.app_policy import PolicySource
from corsproxy.testing.gateway import (
    GatewayFactory,
    PageResponse,
    RunningGateway,
    running_gateway,
)
from corsproxy.testing.served_app import App

__all__ = [
    "App",
    "GatewayFactory",
    "PageResponse",
    "PolicySource",
    "RunningGateway",
    "running_gateway",
]
