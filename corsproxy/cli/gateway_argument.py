"""The argument that names a gateway."""

import difflib
from collections.abc import Callable
from typing import Any

import click

from corsproxy.gateways.conversion.gateway import Gateway


class GatewayName(click.ParamType):  # type: ignore[type-arg,unused-ignore] # generic since 8.4
    """The name of a gateway, read into what its file says of it."""

    name = "gateway"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Gateway:
        from corsproxy.gateways.conversion import registry

        if isinstance(value, Gateway):
            return value
        known = registry.names()
        if value not in known:
            near = difflib.get_close_matches(value, known, n=1)
            fix = f"\n  fix: {near[0]}" if near else ""
            self.fail(
                f"no gateway is called {value!r}: expected {', '.join(known)}{fix}", param, ctx
            )
        return registry.gateway(value)


def gateway_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the argument NAME; it receives `gateway`."""
    return click.argument("gateway", type=GatewayName(), metavar="NAME")(command)
