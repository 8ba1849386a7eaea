"""Gateway: what its file says of it; and what comes of writing and reading.

A conversion never repairs or widens. What cannot be said in the other format is left out, and is a
`Loss`; the caller decides whether that is acceptable.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.policy_text import PolicyRoute
from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span
from corsproxy.gateways.emulation.profile import Profile


class Loss(NamedTuple):
    """One thing that does not survive a conversion.

    `setting` is its name in a policy file, `effect` what happens in its place, `fix` what to write
    so that nothing is lost.
    """

    setting: str
    place: Span
    effect: str
    fix: str


class Written(NamedTuple):
    """A configuration of a gateway, and what it does not say of the policy."""

    text: str
    losses: tuple[Loss, ...] = ()


class Read(NamedTuple):
    """The policy of all paths but those of `routes`, and what is lost of what was read."""

    policy: Policy
    losses: tuple[Loss, ...] = ()
    routes: tuple[PolicyRoute, ...] = ()
    upstream: UpstreamAddress | None = None
    """Where the configuration says that requests go; None where it does not, or not as we would."""


class FormatError(Exception):
    """A text that is not in the format, or holds no policy; `fix` is what helps."""

    def __init__(self, message: str, place: Span, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.fix = fix


class Gateway(NamedTuple):
    """One gateway: what is written for it, what is read of it, and how it behaves.

    Each of the three may be missing. `forms` has the spellings that `write(config, form)` can
    write, by name, the usual one first; `forwards` is whether they name the upstream, which then
    has to be known. `read(text, source)` raises FormatError.
    """

    title: str
    forms: Mapping[str, str] = {}
    write: Callable[[Config, str], Written] | None = None
    read: Callable[[str, str], Read] | None = None
    forwards: bool = False
    profile: Profile | None = None
