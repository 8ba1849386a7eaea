"""Export: a policy on its way to a gateway, and what is lost on it.

What no gateway of this package can say is told here once; what one cannot say, in its own file.
Whatever is lost is left out, so that less is granted and never more; but for one thing, which is
told and written (`sent_literally.py`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from corsproxy.config.schema import CORS, SETTINGS, default_of, value_of
from corsproxy.config.settings import Config, Route
from corsproxy.cors.policy import Mode, Names, Policy, RefusedPreflight, RefusedRequest
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import Loss, Written

_OWN = frozenset({"listen", "upstream", "admin", "har", "fast_lane", "log.format", "log.level"})
"""What is this proxy's own affair, or what every gateway that forwards has."""

_NOTHING = Policy()


@dataclass(slots=True)
class Export:
    """The policy of one route, its upstream, and the losses so far."""

    config: Config
    route: Route
    policy: Policy
    losses: list[Loss] = field(default_factory=list)
    number: int = -1
    """Which of the configuration's routes it is, where each has an export of its own."""

    @classmethod
    def of(cls, config: Config, *, rejects: bool = False) -> "Export":
        """Begin the catch-all route's, for a format of nothing but CORS.

        Its gateway has the upstream, and all else, from elsewhere. `rejects` is of a gateway that
        answers refused requests itself.
        """
        route = _routes(config)[-1]
        export = cls(config, route, route.policy)
        export._lose_routes()
        export._lose_manners(rejects=rejects)
        return export

    @classmethod
    def each(cls, config: Config, *, carried: Collection[str]) -> "list[Export]":
        """Begin one for each route, the catch-all's last, for a gateway that forwards.

        What they lose is kept together; `carried` are the settings that the format has beside them.
        """
        losses: list[Loss] = []
        exports: list[Export] = []
        for i, route in enumerate(_routes(config)):
            export = cls(config, route, route.policy, losses, i)
            if i == 0:
                export._lose_settings(carried)
            export._lose_trust()
            export._lose_manners(rejects=False)
            exports.append(export)
        return exports

    def lose(self, setting: str, effect: str, fix: str, element: int | None = None) -> None:
        """Note that `setting`, or its element, is left out.

        What no line says is placed where its fix belongs: beside the origins.
        """
        part = None if element is None else str(element)
        policy = self.route.policy
        place = policy.span(setting, part) or self.place(setting)
        beside = policy.span("allow_origins") or self._whole
        self.losses.append(Loss(setting, place or beside, effect, fix))

    def place(self, setting: str) -> Span | None:
        """Where the route has `setting`, or all have it; None where no line says it."""
        spans = self.config.spans
        return spans.get(f"routes.{self.number}.{setting}") or spans.get(setting)

    def lose_route(self, effect: str, fix: str) -> None:
        """Note that the route is not as it is here."""
        self.losses.append(Loss("routes", self.place("path") or self._whole, effect, fix))

    def names(self, setting: str, literal: str) -> Names:
        """The names of a list; `literal` is why its `*` counts for nothing, if it does."""
        names: Names = getattr(self.policy, setting)
        if not names.any or not literal:
            return names
        self.lose(setting, literal, "name them")
        return replace(names, any=False)

    def written(self, text: str) -> Written:
        """End it; what several routes have inherited is lost once."""
        inherited = self.number >= 0
        return Written(text, tuple(dict.fromkeys(self.losses) if inherited else self.losses))

    def exposed(self) -> Names:
        """The names that may be exposed; the wildcard only where browsers take it for one."""
        names = self.policy.expose_headers
        if not self.policy.expose_every_name:
            return names
        effect = "browsers take `*` literally beside credentials, and nothing spells names out here"
        self.lose("expose_headers", effect, "name the headers")
        return replace(names, any=False)

    @property
    def _whole(self) -> Span:
        return Span(str(self.config.source or "the policy"))

    def _lose_routes(self) -> None:
        for i, route in enumerate(self.config.routes[:-1]):
            if route.effect != self.route.effect or route.host is not None:
                place = self.config.spans.get(f"routes.{i}.path", self._whole)
                effect = f"{route.path} gets the policy and the upstream of all other paths"
                fix = "export a file without the others, and join the two by hand"
                self.losses.append(Loss("routes", place, effect, fix))

    def _lose_trust(self) -> None:
        if self.route.upstream_tls is not None:
            effect = f"{self.route.place} has its upstream's certificate verified as any other"
            self.lose_route(effect, "add it to the gateway's configuration by hand")

    def _lose_settings(self, carried: Collection[str]) -> None:
        elsewhere = _OWN | {setting.key for setting in CORS} | set(carried)
        for setting in SETTINGS:
            given = value_of(self.config, setting) != default_of(setting)
            if given and setting.key not in elsewhere:
                effect = "it is not part of what is written: the gateway does as it does by itself"
                self.lose(setting.key, effect, "add it to the gateway's configuration by hand")

    def _lose_manners(self, *, rejects: bool) -> None:
        """How this proxy treats what the policy refuses, and the upstream's own headers."""
        policy = self.policy
        if policy.mode is not Mode.ENFORCE:
            effect = "the upstream's own CORS headers are dropped, the policy's take their place"
            if not policy.judges:
                effect = "a gateway has no such mode: nothing is granted"
            self.lose("mode", effect, "mode: enforce")
        if policy.on_violation is not _NOTHING.on_violation:
            self.lose(
                "on_violation", "no response is compared with the policy", "on_violation: report"
            )
        if policy.refused_preflight is RefusedPreflight.TERSE:
            effect = "a refused preflight is answered without an error, and without a grant"
            self.lose("refused_preflight", effect, "refused_preflight: telling")
        if rejects and policy.refused_request is RefusedRequest.FORWARD and policy.judges:
            effect = "a refused request is answered 403, and does not reach the upstream"
            self.lose("refused_request", effect, "refused_request: reject")
        if not rejects and policy.refused_request is RefusedRequest.REJECT:
            effect = (
                "a refused request reaches the upstream; only its response is kept from the page"
            )
            self.lose("refused_request", effect, "refused_request: forward")
        if not policy.judges:
            for name in _granting(policy):
                self.lose(name, f"mode {policy.mode} has no use for it", "mode: enforce")
            self.policy = _NOTHING


def _routes(config: Config) -> tuple[Route, ...]:
    return config.routes or (Route("/", config.upstream, config.policy),)


def _granting(policy: Policy) -> Iterator[str]:
    """The settings by which `policy` would grant something."""
    manners = {"mode", "on_violation", "refused_preflight", "refused_request"}
    for setting in CORS:
        name = setting.key.removeprefix("cors.")
        if name not in manners and getattr(policy, name) != getattr(_NOTHING, name):
            yield name
