"""Profile: how one gateway treats CORS with the configuration that is exported for it.

It is compared with what a running gateway does, so it knows nothing of how a format is written:
what an export leaves out (a loss) is left out by `keeps`, and what a gateway does with the rest
stands in the other fields. A field that only one gateway uses is a sign that another is missing.
"""

from collections.abc import Callable
from enum import Enum, Flag, auto
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy

PREFLIGHT_VARY = (f.ORIGIN, f.REQUEST_METHOD, f.REQUEST_HEADERS)


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
    ECHO_UNCOVERED = auto()
    """What the preflight asks for; but what is listed, where `*` does not cover all of it."""
    ECHO_COVERED = auto()
    """What the preflight asks for, where all that `*` does not cover is listed; else what is
    listed."""
    ECHO_WHAT_IS_COVERED = auto()
    """What the preflight asks for, without what `*` does not cover and nothing lists; where
    `Profile.sends_asked_names`."""
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
    ONE_NAME = auto()
    """Whether one of them may be sent at all."""
    REQUEST_METHOD = auto()
    """The method of an actual request."""
    OPTIONS = auto()
    """That of an OPTIONS request that is no preflight, as of any other."""


class UpstreamHeaders(Enum):
    """What becomes of the CORS headers that the upstream sends itself."""

    REMOVED = auto()
    REPLACED = auto()
    """Those that the gateway sends too are replaced, the others pass."""
    WIN = auto()
    """They pass, and the gateway adds what they do not say."""


def _all(policy: Policy) -> Policy:
    return policy


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
    open_to_no_origin: Sends = Sends.NOTHING
    """What requests without Origin get beside that, where everybody may read: `*` and no
    credentials."""
    no_origin_preflight: Case = Case(204, Sends.NOTHING, PREFLIGHT_VARY)
    """An OPTIONS request without Origin, where `preflights` takes it for one."""
    bare_options: Case | None = None
    """An OPTIONS request that is no preflight, of a granted origin; its status holds for every
    origin. None for what other requests get."""
    varies_if_open: bool = False
    """Whether Vary is sent to requests where everybody may read, too."""
    open_preflight_vary: tuple[str, ...] | None = None
    """What its own responses depend on where everybody may read; None for what they ever do."""
    echo_vary: tuple[str, ...] = ()
    """What they depend on beside that where the names asked for are sent back."""
    literal_origin: bool = True
    """Whether `*` without credentials is sent as `*`; else the asking origin is sent back."""
    any_method: Wildcard = Wildcard.LITERAL
    any_method_with_credentials: Wildcard = Wildcard.ECHO
    any_name: Wildcard = Wildcard.ECHO_UNCOVERED
    any_name_with_credentials: Wildcard = Wildcard.ECHO_UNCOVERED
    any_exposed_with_credentials: Wildcard = Wildcard.ABSENT
    all_methods: tuple[str, ...] = ()
    sends_asked_method: bool = False
    """Whether the method asked for is sent in the place of the list, where it is among them."""
    sends_asked_names: bool = False
    """Whether the names asked for, those of the list, are sent in its place."""
    max_max_age: int | None = None
    default_max_age: int | None = None
    """What is sent where the policy says nothing; None for nothing."""
    any_case: bool = False
    """Whether origins are compared without regard to case."""
    any_case_of_methods: bool = False
    """Whether methods are, where a preflight's is checked."""
    upstream_headers: UpstreamHeaders = UpstreamHeaders.REMOVED
    on_errors: bool = True
    """Whether its own errors (the upstream is down) have CORS headers."""
    keeps: Callable[[Policy], Policy] = _all
    """What of a policy its configuration can say; what is lost otherwise is told by the export."""
