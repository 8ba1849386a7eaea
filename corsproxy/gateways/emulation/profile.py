"""Profile: how one gateway treats CORS with the configuration that is exported for it.

It is compared with what a running gateway does, so it knows nothing of how a format is written:
what an export leaves out (a loss) is left out by `keeps`, and what a gateway does with the rest
stands here. A setting that only one gateway has is a sign that another one is missing.
"""

from collections.abc import Callable, Sequence
from enum import Enum, Flag, auto
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy

PREFLIGHT_VARY = (f.ORIGIN, f.REQUEST_METHOD, f.REQUEST_HEADERS)

Patterns = Sequence[OriginPattern | RegexPattern]


class Preflights(Enum):
    """Which OPTIONS requests a gateway takes for preflights."""

    FETCH = auto()
    """Those with Origin and Access-Control-Request-Method, as the standard has it."""
    METHOD = auto()
    """Those with Access-Control-Request-Method, Origin or none."""
    ORIGIN = auto()
    """Those with Origin, whatever else."""
    ALL = auto()
    """Every OPTIONS request."""


class Sends(Flag):
    """The headers of CORS in a response, each as far as the policy has it."""

    NOTHING = 0
    ORIGIN = auto()
    CREDENTIALS = auto()
    METHODS = auto()
    NAMES = auto()
    MAX_AGE = auto()
    EXPOSED = auto()
    PRIVATE = auto()
    """Where the preflight asks for it."""
    LISTS = METHODS | NAMES | MAX_AGE
    PREFLIGHT = ORIGIN | CREDENTIALS | LISTS | PRIVATE
    REQUEST = ORIGIN | CREDENTIALS | EXPOSED


class Case(NamedTuple):
    """What comes of requests in one situation.

    `status` is that of the gateway's own response, 0 where the request goes to the upstream. What
    `sends` has is sent as far as the policy says it. `vary` names what the response depends on.
    """

    status: int = 0
    sends: Sends = Sends.NOTHING
    vary: tuple[str, ...] = ()


class Wildcard(Enum):
    """What stands in a list where the policy has `*`."""

    LITERAL = auto()
    """`*`, and the names beside it."""
    ECHO = auto()
    """What the preflight asks for."""
    ECHO_ALONE = auto()
    """What the preflight asks for, where nothing stands beside `*`; else `*` and those."""
    ECHO_LISTED = auto()
    """What the preflight asks for; but only the listed names where it asks for authorization and
    that is not listed."""
    ABSENT = auto()
    """Only what is listed beside it."""
    SPELLED = auto()
    """Every method that the gateway knows: `Profile.all_methods`."""


class Checks(Flag):
    """What a gateway compares itself, beside the origin; else that is left to the browser."""

    NOTHING = 0
    METHOD = auto()
    """The method that a preflight asks for."""
    NAMES = auto()
    """The names that a preflight asks for."""
    REQUEST_METHOD = auto()
    """The method of an actual request."""


class UpstreamHeaders(Enum):
    """What becomes of the CORS headers that the upstream sends itself."""

    REMOVED = auto()
    REPLACED = auto()
    """Those that the gateway sends too are replaced, the others pass."""
    WIN = auto()
    """They pass, and the gateway adds what they do not say."""


def _all_patterns(policy: Policy) -> Patterns:
    return policy.allow_origins.patterns


class Profile(NamedTuple):
    """How a gateway behaves; the defaults are those of most.

    `stranger` is an origin that the policy does not allow, `denied` a granted origin with a method
    or name that the gateway refuses.
    """

    source: str
    """Where this is known from: program and version, or the page of the documentation."""
    observed: bool
    """Whether it was seen on the running program; else it is what the documentation says."""
    preflights: Preflights = Preflights.FETCH
    checks: Checks = Checks.NOTHING
    preflight: Case = Case(204, Sends.PREFLIGHT, PREFLIGHT_VARY)
    stranger_preflight: Case = Case(204, Sends.NOTHING, PREFLIGHT_VARY)
    denied_preflight: Case = Case(204, Sends.PREFLIGHT, PREFLIGHT_VARY)
    request: Case = Case(0, Sends.REQUEST, (f.ORIGIN,))
    stranger: Case = Case(0, Sends.NOTHING, (f.ORIGIN,))
    denied: Case = Case(0, Sends.REQUEST, (f.ORIGIN,))
    no_origin: Case = Case(0, Sends.NOTHING, (f.ORIGIN,))
    no_origin_preflight: Case = Case(204, Sends.NOTHING, PREFLIGHT_VARY)
    """An OPTIONS request without Origin, where `preflights` takes it for one."""
    varies_if_open: bool = False
    """Whether requests that everybody may read, by `*` without credentials, get Vary as well."""
    open_to_no_origin: bool = False
    """Whether `*` without credentials is sent to requests without Origin."""
    literal_origin: bool = True
    """Whether `*` without credentials is sent as `*`; else the asking origin is sent back."""
    any_method: Wildcard = Wildcard.LITERAL
    any_method_with_credentials: Wildcard = Wildcard.ECHO
    any_name: Wildcard = Wildcard.ECHO_LISTED
    any_name_with_credentials: Wildcard = Wildcard.ECHO_LISTED
    all_methods: tuple[str, ...] = ()
    more_names: tuple[str, ...] = ()
    """Names that are always among the allowed ones, in lower case."""
    sends_asked_method: bool = False
    """Whether only the method asked for is sent, in the place of the list."""
    sends_asked_names: bool = False
    """Whether only the names asked for are sent, in the place of the list."""
    max_max_age: int | None = None
    default_max_age: int | None = None
    """What is sent where the policy says nothing; None for nothing."""
    sends_zero_max_age: bool = True
    private_network: bool = True
    """Whether the policy's `allow_private_network` means anything to it."""
    any_case: bool = False
    """Whether origins are compared without regard to case."""
    upstream_headers: UpstreamHeaders = UpstreamHeaders.REMOVED
    on_errors: bool = True
    """Whether its own errors (the upstream is down) have CORS headers."""
    keeps: Callable[[Policy], Patterns] = _all_patterns
    """The origins that its configuration can say."""
