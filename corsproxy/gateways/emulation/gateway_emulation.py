"""GatewayEmulation: a gateway as a value of a policy, and ready to serve it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Decision
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion import registry
from corsproxy.gateways.emulation import engine
from corsproxy.gateways.emulation.profile import Profile


class Overrides(NamedTuple):
    """What a user knows better than a profile that nobody could compare with the gateway.

    None is for what the profile says.
    """

    preflight_status: int | None = None
    """Of the response to a preflight that the gateway answers, granted or not."""
    headers_on_errors: bool | None = None
    """Whether errors that the gateway makes itself have CORS headers."""

    @property
    def given(self) -> dict[str, Any]:
        """Those that are given, by name."""
        return {name: value for name, value in self._asdict().items() if value is not None}


_NONE = Overrides()


@dataclass(frozen=True)
class GatewayEmulation:
    """The gateway called `name`; made by `emulation_of`."""

    name: str
    title: str
    profile: Profile
    overrides: Overrides = _NONE

    @property
    def observed(self) -> bool:
        """Whether what it does was seen on the running program."""
        return self.profile.observed

    @property
    def known(self) -> str:
        """How it is known what the gateway does."""
        if self.observed:
            return f"as seen on {self.profile.source}"
        return "from its documentation; nobody could run it"

    @property
    def as_setting(self) -> str:
        """What a policy file says for it."""
        given = self.overrides.given
        if not given:
            return self.name
        pairs = {"gateway": self.name, **given}
        return f"{{{', '.join(f'{key}: {str(value).lower()}' for key, value in pairs.items())}}}"

    def with_policy(self, policy: Policy) -> "EmulatedGateway":
        """Make it ready to serve `policy`."""
        profile = self.profile
        for name, value in self.overrides.given.items():
            profile = _CHANGES[name](profile, value)
        return EmulatedGateway(engine.exported(policy, profile), profile)


FETCH = "fetch"
"""The name of the standard's own rule, which no gateway has to be asked for."""


def names() -> list[str]:
    """List what can be emulated."""
    return [FETCH, *(name for name in registry.names() if registry.gateway(name).profile)]


def emulation_of(name: str, overrides: Overrides = _NONE) -> GatewayEmulation | None:
    """The gateway called `name`; None for FETCH. Raises KeyError for what is not in `names`."""
    if name == FETCH:
        return None
    found = registry.gateway(name)
    if found.profile is None:
        raise KeyError(name)
    return GatewayEmulation(name, found.title, found.profile, overrides)


class EmulatedGateway(NamedTuple):
    """A gateway that serves what its configuration says of a policy."""

    policy: Policy
    profile: Profile

    def decide(self, request: Request) -> Decision:
        """Say what it does with `request`."""
        return engine.decide(self.policy, self.profile, request)

    def response_headers(self, decision: Decision, upstream: f.Fields) -> list[tuple[str, str]]:
        """Rewrite the headers of an upstream's response."""
        return engine.response_headers(self.profile, decision, upstream)

    def own_headers(self, decision: Decision) -> list[tuple[str, str]]:
        """List the CORS headers of a response that it makes itself."""
        return engine.own_headers(self.profile, decision)


def _with_status(profile: Profile, status: int) -> Profile:
    cases = ("preflight", "stranger_preflight", "denied_preflight", "no_origin_preflight")
    changed = {
        name: case._replace(status=status)
        for name in cases
        if 200 <= (case := getattr(profile, name)).status < 300
    }
    return profile._replace(**changed)


def _with_headers_on_errors(profile: Profile, there: bool) -> Profile:
    return profile._replace(on_errors=there)


_CHANGES: dict[str, Callable[[Profile, Any], Profile]] = {
    "preflight_status": _with_status,
    "headers_on_errors": _with_headers_on_errors,
}
