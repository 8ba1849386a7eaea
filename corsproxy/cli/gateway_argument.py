"""The argument that names a gateway."""

import difflib
from collections.abc import Callable
from typing import Any

import click

from corsproxy.cli import value_completion
from corsproxy.cors.emulated import Emulation
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
        try:
            return registry.gateway(value)
        except KeyError:
            self.fail(_unknown(value, registry.names()), param, ctx)


class EmulationName(click.ParamType):  # type: ignore[type-arg,unused-ignore] # generic since 8.4
    """The name of a gateway that can be emulated, read into its emulation; None for `fetch`."""

    name = "gateway"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Emulation | None:
        from corsproxy.gateways.emulation.gateway_emulation import emulation_of, names

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return] # click reads a default again
        try:
            return emulation_of(value)
        except KeyError:
            self.fail(_unknown(value, names()), param, ctx)


def _unknown(value: str, known: list[str]) -> str:
    near = difflib.get_close_matches(value, known, n=1)
    fix = f"\n  fix: {near[0]}" if near else ""
    return f"no gateway is called {value!r}: expected {', '.join(known)}{fix}"


def gateway_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the argument NAME; it receives `gateway`."""
    named = click.argument(
        "gateway", type=GatewayName(), metavar="NAME", shell_complete=value_completion.gateways
    )
    return named(command)
