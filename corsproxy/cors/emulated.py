"""Emulated: who decides in the place of `decide`, where a policy says that a gateway is emulated.

The rule of the standard stands in `decision`; how gateways depart from it, in the package
`gateways`, which is loaded where a policy names one. Here is only what the two have in common, so
that everybody who asks `decide` and `apply_policy` gets the gateway's behaviour as well.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from corsproxy.cors.decision import Decision
    from corsproxy.cors.headers import Fields
    from corsproxy.cors.policy import Policy
    from corsproxy.cors.request import Request


class Emulated(Protocol):
    """A gateway with a policy."""

    def decide(self, request: "Request") -> "Decision":
        """Say what the gateway does with `request`."""

    def response_headers(self, decision: "Decision", upstream: "Fields") -> list[tuple[str, str]]:
        """Rewrite the headers of an upstream's response."""

    def own_headers(self, decision: "Decision") -> list[tuple[str, str]]:
        """List the CORS headers of an error that the gateway makes itself."""


class Emulation(Protocol):
    """A gateway that can be emulated; comparable and hashable, being part of a policy."""

    @property
    def title(self) -> str:
        """What people call the gateway."""

    @property
    def observed(self) -> bool:
        """Whether what it does was seen, and is not only what its documentation says."""

    @property
    def known(self) -> str:
        """How it is known what the gateway does, as the end of a sentence."""

    @property
    def as_setting(self) -> str:
        """What a policy file says for it, as YAML in one line."""

    def with_policy(self, policy: "Policy") -> Emulated:
        """Make the gateway ready to serve `policy`, as far as its configuration can say it."""
