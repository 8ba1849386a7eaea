"""The checks of a Decision in words: which passed, which did not, why, and what would help.

Words are made here, of a Decision that is data, and only when somebody reads: a granted request in
a flood never pays for an explanation. The sentence comes from the catalogue (`reasons`), the place
from the policy's spans, the patch from the policy itself: the setting as it should read, since a
fragment ("add this") cannot be pasted where a list is written in one line. A value of the network
gets into a patch only if a policy may list it; else the fix would be the next error.
"""

import re
import shlex
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors import reasons
from corsproxy.cors.decision import Check, Decision, Finding, Kind, Reason
from corsproxy.cors.escape import printable
from corsproxy.cors.explain import patch
from corsproxy.cors.names import NameRejected, check_method, check_request_name
from corsproxy.cors.nearest_origin import Nearest, canonical, how_it_differs, nearest_pattern
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OPAQUE
from corsproxy.cors.policy import Policy
from corsproxy.cors.policy_value import is_origin
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.span import Span


class ExplainedCheck(NamedTuple):
    """One check in words. `fix` and `patch` (YAML) are empty where nothing needs fixing.

    `chrome`, `firefox`, `webkit` and `step` are those of the catalogue's entry; empty for what
    passed.
    """

    check: Check
    passed: bool
    reason_id: str
    text: str
    fix: str = ""
    span: Span | None = None
    patch: str = ""
    chrome: str = ""
    firefox: str = ""
    step: str = ""
    webkit: str = ""


PASSED = {
    Reason.ANY_ORIGIN: "any origin is allowed",
    Reason.ORIGIN_LISTED: "the origin '{values}' is allowed",
    Reason.METHOD_SAFELISTED: "the method {values} never needs allowing",
    Reason.METHOD_LISTED: "the method {values} is in allow_methods",
    Reason.ANY_METHOD: "any method is allowed",
    Reason.BARE_OPTIONS: "an OPTIONS request that asks for no method is the upstream's own affair",
    Reason.NO_NAMES: "no request header needs allowing",
    Reason.NAMES_LISTED: "the request headers {values} are in allow_headers",
    Reason.ANY_NAME: "any request header is allowed",
}
"""Sentences for the checks that passed; those that failed have theirs in the catalogue."""


def findings_text(policy: Policy, decision: Decision) -> list[ExplainedCheck]:
    """Every check of `decision` in words, in the browser's order."""
    found = (explanations(policy, decision.kind, finding) for finding in decision.findings)
    return list(chain(*found))


def explanations(policy: Policy, kind: Kind, finding: Finding) -> list[ExplainedCheck]:
    """One finding in words: one explanation, or one for each reason why names are refused."""
    if finding.passed:
        values = printable(", ".join(finding.values))
        text = PASSED[finding.reason].format(values=values)
        where = finding.settled_by
        return [ExplainedCheck(finding.check, True, finding.reason.value, text, span=where)]
    parts = _sorted(finding) if finding.reason is Reason.NAMES_NOT_ALLOWED else [finding]
    return [_explained(policy, kind, part) for part in parts]


def _explained(policy: Policy, kind: Kind, finding: Finding) -> ExplainedCheck:
    reason, values_quoted, mend = _refusal(policy, kind, finding)
    explained = reasons.explained(reason, values_quoted, preflight=kind is Kind.PREFLIGHT)
    fix = _fix(policy, finding, explained.fix) if mend else explained.fix
    return _with_words(finding, explained, fix, mend)


def _sorted(finding: Finding) -> list[Finding]:
    """The names that are not allowed, by what would help: one finding for each kind of them."""
    kinds: dict[str, list[str]] = {}
    for name in finding.values:
        kinds.setdefault(_kind_of_name(name), []).append(name)
    return [finding._replace(values=tuple(kinds[kind])) for kind in sorted(kinds)]


def _kind_of_name(name: str) -> str:
    """The entry for a name that no policy can allow; "" for one that it can."""
    if _can_be_allowed(check_request_name, name):
        return ""
    return "response-header-in-request" if name in f.RESPONSE_NAMES else "names-never-sent"


def _with_words(
    finding: Finding, explained: ExplainedReason, fix: str, mend: str
) -> ExplainedCheck:
    return ExplainedCheck(
        finding.check,
        False,
        explained.id,
        explained.text,
        fix,
        finding.settled_by,
        mend,
        explained.chrome,
        explained.firefox,
        explained.step,
        explained.webkit,
    )


def _fix(policy: Policy, finding: Finding, fix: str) -> str:
    """What to give, where the list at fault is no file's but a flag's or a variable's."""
    where = finding.settled_by or _unlisted(policy, finding)
    if where is None or where.line:
        return fix
    values = [printable(value) for value in finding.values]
    # An origin is refused beside `*`, which stands alone, for a WebSocket with credentials only.
    alone = finding.check is Check.ORIGIN and policy.allow_origins.any
    if where.source.startswith("--"):
        flags = " ".join(f"{where.source} {shlex.quote(value)}" for value in values)
        return f"give {flags} in place of {where.source} '*'" if alone else f"add {flags}"
    listed = ",".join(values)
    unset = alone or finding.settled_by is None
    return f"set {where.source} to {listed}" if unset else f"add {listed} to {where.source}"


def _unlisted(policy: Policy, finding: Finding) -> Span | None:
    """Where a list that nobody gave is given, in a policy whose origins came from a flag."""
    origins = policy.span("allow_origins")
    if origins is None or origins.line or finding.check is Check.ORIGIN:
        return None
    what = "method" if finding.check is Check.METHOD else "header"
    flag = f"--allow-{what}"
    return Span(flag if origins.source.startswith("--") else f"CORSPROXY_ALLOW_{what.upper()}")


_SEVERAL = re.compile(r"[,\s]")
"""In no URL either: two origins, or two Origin headers."""

RefusalWords = tuple[str, dict[str, str], str]
"""The id of the catalogue's entry, the values that it quotes, and the patch."""


def _refusal(policy: Policy, kind: Kind, finding: Finding) -> RefusalWords:
    match finding.check:
        case Check.ORIGIN:
            return _origin(policy, kind, finding)
        case Check.METHOD:
            return _method(policy, finding)
    return _names(policy, finding)


def _origin(policy: Policy, kind: Kind, finding: Finding) -> RefusalWords:
    origin = finding.values[0]
    if len(origin) > MAX_ORIGIN_LENGTH:
        return "origin-malformed", {"origin": origin}, ""
    added = patch.origins_with(policy, origin)
    if finding.reason is Reason.WEBSOCKET_WITH_CREDENTIALS:
        instead = ', in place of "*"' if policy.allow_origins.any else ""
        values = {"origin": origin, "instead": instead}
        return finding.reason.value, values, added
    if origin == OPAQUE:
        return "opaque-origin-not-allowed", {}, added
    if not added:
        return _not_one_origin(origin)
    values = {"origin": origin, "nearest": _nearest(nearest_pattern(policy.allow_origins, origin))}
    websocket = "websocket-" if kind is Kind.WEBSOCKET else ""
    return f"{websocket}origin-not-allowed", values, added


def _not_one_origin(origin: str) -> RefusalWords:
    """What no browser sends as Origin: a pattern, a list, a URL. No setting can name it."""
    spelled = canonical(origin)
    if _SEVERAL.search(origin) or spelled == origin or not is_origin(spelled):
        return "origin-malformed", {"origin": origin}, ""
    how = how_it_differs(origin, spelled)
    return "origin-misspelled", {"origin": origin, "nearest": spelled, "how": how}, ""


def _nearest(found: Nearest | None) -> str:
    if found is None:
        return ""
    if not found.words:  # it does match: an emulated gateway has no such pattern
        return f"; {found.pattern} matches it, which the gateway's configuration cannot say"
    return f"; the nearest, {found.pattern}, has {found.words}"


def _method(policy: Policy, finding: Finding) -> RefusalWords:
    method = finding.values[0]
    values = {"method": method, "upper": method.upper()}
    if finding.reason is not Reason.METHOD_NOT_ALLOWED:
        return finding.reason.value, values, ""
    if method.upper() in policy.allow_methods.listed:
        return "method-in-other-case", values, ""
    if method.upper() == "PATCH" != method:  # in small letters: hardly ever what the page means
        return "method-in-small-letters", values, ""
    if not _can_be_allowed(check_method, method):
        return "method-never-sent", values, ""
    added = patch.names_with("allow_methods", policy.allow_methods, [method])
    return finding.reason.value, values, added


def _can_be_allowed(check: Callable[[str], object], name: str) -> bool:
    """Whether a policy may list `name`; else the fix would be a mistake in it."""
    try:
        check(name)
    except NameRejected:
        return False
    return True


def _names(policy: Policy, finding: Finding) -> RefusalWords:
    values = {"names": ", ".join(finding.values)}
    if finding.reason is not Reason.NAMES_NOT_ALLOWED:
        return finding.reason.value, values, ""
    if impossible := _kind_of_name(finding.values[0]):
        return impossible, values, ""
    added = patch.names_with("allow_headers", policy.allow_headers, finding.values)
    if policy.allow_headers.any:
        return "authorization-not-covered-by-wildcard", values, added
    return finding.reason.value, values, added
