"""What leaves with a response: the policy's CORS fields in the place of the upstream's."""

from collections.abc import Sequence

from corsproxy.cors import fields as f
from corsproxy.cors.decision import Decision
from corsproxy.cors.fetch_standard import FORBIDDEN_RESPONSE_NAMES, SAFELISTED_RESPONSE_NAMES
from corsproxy.cors.policy import Mode, Policy


def shared(policy: Policy, decision: Decision, upstream: f.Fields) -> list[tuple[str, str]]:
    """The fields of an upstream's response as they leave, by the policy's mode.

    `enforce` replaces the upstream's CORS fields, `add` completes them, `strip` removes them,
    `validate` and `passthrough` touch nothing. Order and spelling of all other fields are kept;
    Vary is merged into one line at its first place.
    """
    if policy.mode in (Mode.VALIDATE, Mode.PASSTHROUGH):
        return list(upstream)
    if policy.mode is Mode.ADD:
        kept = list(upstream)
        sent = _left_out(policy, decision, upstream)
    else:
        kept = [pair for pair in upstream if pair[0].lower() not in f.RESPONSE_NAMES]
        sent = own(policy, decision, upstream)
    return [*_with_vary(kept, decision.vary), *sent]


def own(policy: Policy, decision: Decision, present: f.Fields) -> list[tuple[str, str]]:
    """The policy's fields for a response whose other fields are `present`."""
    sent = list(decision.fields)
    if policy.expose_every_name and decision.origin_granted and (names := _exposable(present)):
        sent.append((f.EXPOSE_HEADERS, ", ".join(names)))
    return sent


def _exposable(present: f.Fields) -> list[str]:
    """The names that a page could not read unexposed, each once, as they were spelled."""
    names: dict[str, str] = {}
    for name, _ in present:
        key = name.lower()
        if key in SAFELISTED_RESPONSE_NAMES or key in FORBIDDEN_RESPONSE_NAMES:
            continue
        if key not in f.RESPONSE_NAMES:
            names.setdefault(key, name)
    return list(names.values())


def _left_out(policy: Policy, decision: Decision, upstream: f.Fields) -> list[tuple[str, str]]:
    """Those of the policy's fields that the upstream did not send.

    Never credentials beside an Allow-Origin that is not the asking origin: the pair would be
    a grant that neither side made, or one that no browser accepts.
    """
    has = {name.lower() for name, _ in upstream}
    said = f.joined(upstream, f.ALLOW_ORIGIN)
    sent = [pair for pair in own(policy, decision, upstream) if pair[0].lower() not in has]
    if said is not None and said != decision.request.origin:
        sent = [pair for pair in sent if pair[0] != f.ALLOW_CREDENTIALS]
    if said is None and policy.literal_wildcard and f.ALLOW_CREDENTIALS.lower() in has:
        sent = [pair for pair in sent if pair[0] != f.ALLOW_ORIGIN]
    return sent


def _with_vary(kept: list[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    present = f.values(kept, f.VARY)
    if not names:
        return kept
    merged = f.merge_vary(present, names) or ""
    out: list[tuple[str, str]] = []
    for name, value in kept:
        if name.lower() != "vary":
            out.append((name, value))
        elif merged:
            out.append((name, merged))
            merged = ""
    return [*out, (f.VARY, merged)] if merged else out
