"""Lint's rules about the proxy itself. A rule's name is the id of its warning."""

from collections.abc import Iterator
from dataclasses import replace

from corsproxy.config.address import ListenAddress, TcpAddress
from corsproxy.config.diagnostics import Advice
from corsproxy.config.lint.warning import LintWarning
from corsproxy.config.settings import Config
from corsproxy.cors.policy import Mode, OnViolation, Policy

_DEFAULTS = Policy()
_WITHOUT_ORIGINS = (Mode.STRIP, Mode.PASSTHROUGH)


def no_origin_allowed(config: Config) -> Iterator[LintWarning]:
    """Without any origin, no page on another origin can read anything."""
    if not any(p.allow_origins or p.mode in _WITHOUT_ORIGINS for p in config.policies):
        message = "no origin is allowed: no page on another origin can read a response"
        fix = "--allow-origin http://localhost:5173"
        if config.source:
            listed = "allow_origins: [http://localhost:5173]"
            inside = any(key.startswith("cors.") for key in config.spans)
            fix = f"{listed}, below cors" if inside else f"cors: {{{listed}}}"
        yield LintWarning(None, message, Advice(fix))


def no_effect(config: Config) -> Iterator[LintWarning]:
    """A setting that no mode looks at says something that is not so."""
    blocking = [p for p in config.policies if p.on_violation is OnViolation.BLOCK]
    effective = {p.span("on_violation") for p in blocking if p.mode is Mode.VALIDATE}
    for policy in blocking:
        if (place := policy.span("on_violation")) not in effective:
            message = f"on_violation belongs to mode validate; the mode is {policy.mode}"
            yield LintWarning(place, message, Advice("mode: validate"))
    yield from _beside_emulation(config)


def _beside_emulation(config: Config) -> Iterator[LintWarning]:
    """A gateway has ways of its own."""
    given = {
        policy.span(name): (name, policy.emulate.title)
        for policy in config.policies
        if policy.emulate is not None
        for name in ("mode", "refused_preflight")
        if getattr(policy, name) != getattr(_DEFAULTS, name)
    }
    for place, (name, title) in given.items():
        message = f"{name} has no effect beside emulate: {title} has its own way"
        yield LintWarning(place, message, Advice(f"delete {name}, or emulate: fetch"))


def listens_beyond_this_machine(config: Config) -> Iterator[LintWarning]:
    """Whoever reaches the proxy reaches the upstream; CORS guards users, not the API."""
    for i, address in enumerate(config.listen):
        if not address.loopback:
            message = f"{address} can be reached from other machines, and so the upstream can"
            place = config.spans.get(f"listen.{i}") or config.spans.get("listen")
            yield LintWarning(place, message, _here(address))


def admin_beyond_this_machine(config: Config) -> Iterator[LintWarning]:
    """The inspector shows what passes through the proxy."""
    if config.admin is not None and not config.admin.loopback:
        message = f"{config.admin} can be reached from other machines: they see the traffic"
        yield LintWarning(config.spans.get("admin"), message, _here(config.admin))


def any_host_allowed(config: Config) -> Iterator[LintWarning]:
    """DNS rebinding: a page whose name is made to mean this machine is then served as our own."""
    if "*" in config.allowed_hosts:
        place = config.spans.get("allowed_hosts")
        message = "every Host is accepted: a page can reach the upstream by DNS rebinding"
        yield LintWarning(place, message, Advice("list the names that the proxy is called by"))


def upstream_not_verified(config: Config) -> Iterator[LintWarning]:
    """Without verification, anyone on the way can be the upstream."""
    message = "an https upstream is not verified: anyone on the network path can impersonate it"
    unverified = [] if config.upstream_tls.verify else ["upstream_tls.verify"]
    unverified += [
        f"routes.{i}.upstream_tls.verify"
        for i, route in enumerate(config.routes)
        if route.upstream_tls is not None and not route.upstream_tls.verify
    ]
    for place in dict.fromkeys(map(config.spans.get, unverified)):
        yield LintWarning(
            place, message, Advice("give the upstream's authority as upstream_tls.ca")
        )


def _here(address: ListenAddress) -> str:
    assert isinstance(address, TcpAddress)
    return str(replace(address, host="127.0.0.1"))
