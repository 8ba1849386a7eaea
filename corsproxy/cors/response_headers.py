"""What leaves with a response: the policy's CORS headers in the place of the upstream's.

Fetch, "HTTP responses" (https://fetch.spec.whatwg.org/#http-responses); Vary by
"CORS protocol and HTTP caches" (https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).
"""

from collections.abc import Sequence

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Decision
from corsproxy.cors.fetch_standard import FORBIDDEN_RESPONSE_NAMES, SAFELISTED_RESPONSE_NAMES
from corsproxy.cors.policy import Mode, Policy


def apply_policy(
    policy: Policy, decision: Decision, upstream: f.Fields, status: int = 200
) -> list[tuple[str, str]]:
    """Rewrite the headers of an upstream's response with this `status`, by the policy's mode.

    `enforce` replaces the upstream's CORS headers, `add` completes them, `strip` removes them,
    `validate` and `passthrough` touch nothing. Order and spelling of all other headers are kept;
    Vary is merged into one line at its first place.
    """
    if policy.emulated is not None:
        return policy.emulated.response_headers(decision, upstream)
    if policy.mode in (Mode.VALIDATE, Mode.PASSTHROUGH):
        return list(upstream)
    if policy.mode is Mode.ADD:
        kept = list(upstream)
        sent = _left_out(policy, decision, upstream, status)
    else:
        kept = [pair for pair in upstream if pair[0].lower() not in f.RESPONSE_NAMES]
        sent = policy_headers(policy, decision, upstream, status)
    return [*with_vary(kept, decision.vary), *sent]


def own_headers(
    policy: Policy, decision: Decision, present: f.Fields = ()
) -> list[tuple[str, str]]:
    """List the CORS headers, Vary first, of a response that the proxy makes itself."""
    if policy.emulated is not None:
        return policy.emulated.own_headers(decision)
    vary = [(f.VARY, ", ".join(decision.vary))] if decision.vary else []
    return [*vary, *policy_headers(policy, decision, present)]


def policy_headers(
    policy: Policy, decision: Decision, present: f.Fields, status: int = 200
) -> list[tuple[str, str]]:
    """List the policy's headers for a response whose other headers are `present`.

    A 304 has fewer headers than the response that the browser keeps, and what it says replaces what
    is kept (RFC 9111, 3.2): with its own names the page could read less from the second time on.
    """
    if policy.emulated is not None:
        return list(decision.headers)
    sent = list(decision.headers)
    listed = sent and policy.expose_every_name and status != 304
    if listed and (names := _exposable(present)):
        sent.append((f.EXPOSE_HEADERS, ", ".join(names)))
    return sent


def _exposable(present: f.Fields) -> list[str]:
    """List the names that a page could not read unexposed, each once, as they were spelled."""
    names: dict[str, str] = {}
    for name, _ in present:
        key = name.lower()
        if key in SAFELISTED_RESPONSE_NAMES or key in FORBIDDEN_RESPONSE_NAMES:
            continue
        if key not in f.RESPONSE_NAMES:
            names.setdefault(key, name)
    return list(names.values())


def _left_out(
    policy: Policy, decision: Decision, upstream: f.Fields, status: int
) -> list[tuple[str, str]]:
    """List those of the policy's headers that the upstream did not send.

    Never one that makes the upstream's words a grant which neither side gave: credentials are
    not said beside another Allow-Origin than the asking origin's, nor is the origin named where
    the upstream says credentials and the policy does not.
    """
    has = {name.lower() for name, _ in upstream}
    allowed = f.joined(upstream, f.ALLOW_ORIGIN)
    unsaid = set()
    if allowed is not None and allowed != decision.request.origin:
        unsaid.add(f.ALLOW_CREDENTIALS)
    if not policy.allow_credentials and f.ALLOW_CREDENTIALS.lower() in has:
        unsaid.add(f.ALLOW_ORIGIN)
    sent = policy_headers(policy, decision, upstream, status)
    return [pair for pair in sent if pair[0].lower() not in has and pair[0] not in unsaid]


def with_vary(kept: list[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """Merge `names` into Vary: one line, at its first place, else at the end."""
    if not names:
        return kept
    merged = f.merge_vary(f.values(kept, f.VARY), names)
    out: list[tuple[str, str]] = []
    for name, value in kept:
        if name.lower() != "vary":
            out.append((name, value))
        elif merged:
            out.append((name, merged))
            merged = None
    return [*out, (f.VARY, merged)] if merged else out
