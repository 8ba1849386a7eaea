"""The engine: what a gateway does with a request, by its profile and the policy exported for it.

`decide` is for requests, `response_headers` for what comes back; both are pure, and neither knows
which gateway it is. Only what the gateway itself looks at becomes a Finding: the rest of the
policy is sent, and a browser holds the page to it.

WebSockets are decided as ever: no exported configuration lets them pass, since CORS does not hold
them.
"""

from collections.abc import Callable
from dataclasses import replace

from corsproxy.cors import checks
from corsproxy.cors import headers as f
from corsproxy.cors.decision import Action, Decision, Finding, Kind, Request, kind_of
from corsproxy.cors.decision import decide as decide_by_fetch
from corsproxy.cors.names import WILDCARD
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.response_headers import with_vary
from corsproxy.gateways.emulation import lists
from corsproxy.gateways.emulation.profile import (
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
)

_NOTHING = Policy()


def exported(policy: Policy, profile: Profile) -> Policy:
    """What of `policy` the gateway's configuration can say."""
    policy = replace(policy, emulate=None)
    if not policy.judges:
        return _NOTHING
    return profile.keeps(replace(policy, mode=Mode.ENFORCE))


def decide(policy: Policy, profile: Profile, request: Request) -> Decision:
    """Say what the gateway does with `request`; `policy` is the one that `exported` gives."""
    kind = kind_of(request)
    if kind is Kind.WEBSOCKET:
        return decide_by_fetch(policy, request)
    preflight = _is_preflight(profile, request)
    if request.origin is None:
        case = _case_without_origin(policy, profile, request, preflight=preflight)
        return _decision(policy, profile, case, Decision(kind, request))
    findings = tuple(_findings(policy, profile, request, preflight=preflight))
    decision = Decision(kind, request, findings)
    if not decision.origin_granted:
        case = profile.stranger_preflight if preflight else profile.stranger
    elif decision.refused:
        case = profile.denied_preflight if preflight else profile.denied
    else:
        case = profile.preflight if preflight else profile.request
    denied = decision.refused and Checks.OPTIONS in profile.checks
    if not preflight and not denied:
        case = _case_of_options(profile, request, case, granted=decision.origin_granted)
    return _decision(policy, profile, case, decision)


def response_headers(
    profile: Profile, decision: Decision, upstream: f.Fields
) -> list[tuple[str, str]]:
    """Rewrite the headers of an upstream's response, as the gateway would."""
    own = list(decision.headers)
    match profile.upstream_headers:
        case UpstreamHeaders.REMOVED:
            kept = [pair for pair in upstream if pair[0].lower() not in f.RESPONSE_NAMES]
        case UpstreamHeaders.REPLACED:
            replaced = {name.lower() for name, _ in own}
            kept = [pair for pair in upstream if pair[0].lower() not in replaced]
        case UpstreamHeaders.WIN:
            said = {name.lower() for name, _ in upstream}
            own = [pair for pair in own if pair[0].lower() not in said]
            kept = list(upstream)
    return [*with_vary(kept, decision.vary), *own]


def own_headers(profile: Profile, decision: Decision) -> list[tuple[str, str]]:
    """List the CORS headers of a response that the gateway makes: a preflight's, or an error's."""
    if decision.action is Action.FORWARD and not profile.on_errors:
        return []
    return response_headers(profile, decision, ())


def _case_without_origin(
    policy: Policy, profile: Profile, request: Request, *, preflight: bool
) -> Case:
    case = profile.no_origin_preflight if preflight else profile.no_origin
    granted = policy.literal_wildcard and Sends.ORIGIN in profile.open_to_no_origin
    if granted and preflight:
        refused = not all(finding.passed for finding in _lists_findings(policy, profile, request))
        return profile.denied_preflight if refused else profile.preflight
    if policy.literal_wildcard:
        case = case._replace(sends=case.sends | profile.open_to_no_origin)
    return case if preflight else _case_of_options(profile, request, case, granted=granted)


def _case_of_options(profile: Profile, request: Request, case: Case, *, granted: bool) -> Case:
    """The case of a request that is no preflight, whose `case` is due to its origin."""
    bare = profile.bare_options
    if bare is None or request.method != "OPTIONS":
        return case
    return bare if granted else case._replace(status=bare.status)


def _is_preflight(profile: Profile, request: Request) -> bool:
    if request.method != "OPTIONS":
        return False
    asks = request.requested_method is not None
    needs = {
        Preflights.FETCH: asks and request.origin is not None,
        Preflights.METHOD: asks,
        Preflights.ORIGIN: request.origin is not None,
        Preflights.ALL: True,
    }
    return needs[profile.preflights]


def _findings(
    policy: Policy, profile: Profile, request: Request, *, preflight: bool
) -> list[Finding]:
    sent = request.origin or ""
    found = [checks.origin_finding(policy, sent.lower() if profile.any_case else sent)]
    if preflight:
        found += _lists_findings(policy, profile, request)
    if not preflight and Checks.REQUEST_METHOD in profile.checks:
        of_options = Checks.OPTIONS in profile.checks
        check = checks.method_finding if of_options else checks.actual_method_finding
        found.append(check(policy, request.method))
    return found


def _lists_findings(policy: Policy, profile: Profile, request: Request) -> list[Finding]:
    found = []
    if Checks.METHOD in profile.checks:
        asked = request.requested_method or ""
        found.append(
            checks.method_finding(policy, asked.upper() if profile.any_case_of_methods else asked)
        )
    if Checks.NAMES in profile.checks:
        found.append(checks.names_finding(policy, request.requested_names or ""))
    if Checks.ONE_NAME in profile.checks and not _one_name(policy, request):
        found.append(checks.names_finding(policy, request.requested_names or ""))
    return found


def _one_name(policy: Policy, request: Request) -> bool:
    asked = [name for name in f.elements(request.requested_names or "", checks.MAX_NAMES) if name]
    return not asked or any(checks.names_finding(policy, name).passed for name in asked)


def _decision(policy: Policy, profile: Profile, case: Case, decision: Decision) -> Decision:
    action = Action.FORWARD
    if case.status:
        rejects = case.status >= 400 and decision.refused
        action = Action.REJECT if rejects else Action.ANSWER
    return decision._replace(
        action=action,
        status=case.status,
        headers=tuple(_headers(policy, profile, case.sends, decision.request)),
        vary=_vary(policy, profile, case),
    )


def _vary(policy: Policy, profile: Profile, case: Case) -> tuple[str, ...]:
    vary = case.vary
    of_preflight = case.status or f.REQUEST_METHOD in vary
    if policy.literal_wildcard and not of_preflight and not profile.varies_if_open:
        return ()
    if policy.literal_wildcard and vary and profile.open_preflight_vary is not None:
        vary = profile.open_preflight_vary
    if Sends.NAMES in case.sends and lists.echoes_names(policy, profile):
        vary = (*vary, *profile.echo_vary)
    return vary


def _headers(
    policy: Policy, profile: Profile, sends: Sends, request: Request
) -> list[tuple[str, str]]:
    made = (
        (name, value(policy, profile, request))
        for flag, (name, value) in _VALUES.items()
        if flag in sends
    )
    return [pair for pair in made if pair[1]]


def _allow_origin(policy: Policy, profile: Profile, request: Request) -> str:
    if policy.literal_wildcard and (profile.literal_origin or request.origin is None):
        return WILDCARD
    return request.origin or ""


def _allow_private_network(policy: Policy, _profile: Profile, request: Request) -> str:
    asked = request.private_network == "true"
    return "true" if asked and policy.allow_private_network else ""


_VALUES: dict[Sends, tuple[str, Callable[[Policy, Profile, Request], str]]] = {
    Sends.ORIGIN: (f.ALLOW_ORIGIN, _allow_origin),
    Sends.CREDENTIALS: (
        f.ALLOW_CREDENTIALS,
        lambda policy, _, __: "true" if policy.allow_credentials else "",
    ),
    Sends.METHODS: (f.ALLOW_METHODS, lists.methods),
    Sends.NAMES: (f.ALLOW_HEADERS, lists.names),
    Sends.MAX_AGE: (f.MAX_AGE, lambda policy, profile, _: lists.max_age(policy, profile)),
    Sends.EXPOSED: (f.EXPOSE_HEADERS, lambda policy, profile, _: lists.exposed(policy, profile)),
    Sends.PRIVATE: (f.ALLOW_PRIVATE_NETWORK, _allow_private_network),
}
"""Each header in the order in which they are sent, and its value; "" for none."""
