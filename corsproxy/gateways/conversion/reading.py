"""Reading: a gateway's CORS settings on their way to a policy, and what is lost on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corsproxy.cors.names import WILDCARD, NameRejected, Names
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import OPAQUE, OriginPattern, PatternError
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import FormatError, Loss
from corsproxy.gateways.conversion.located_yaml import Located

Entry = tuple[str, Span]


@dataclass(slots=True)
class Reading:
    """`values` by the gateway's own names; `settings` are the policy's names of those.

    What cannot be a policy's is left out and told, at its place or at that of the `whole`.
    """

    whole: Located
    values: Mapping[str, Located | None]
    settings: Mapping[str, str]
    losses: list[Loss] = field(default_factory=list)

    def lose(self, key: str, effect: str, fix: str, place: Span | None = None) -> None:
        """Note that what stands under `key`, or at `place` in it, is left out."""
        value = self.values.get(key)
        place = place or (value.span if value else self.whole.span)
        self.losses.append(Loss(self.settings.get(key, key), place, effect, fix))

    def known(self, key: str) -> Located | None:
        """What stands under `key`; nothing, and told, where that is made at the deployment."""
        value = self.values.get(key)
        if value is not None and not value.known:
            effect = "its value is made when the template is deployed, and stands nowhere"
            self.lose(key, effect, "write the value in its place, for the import")
            return None
        return value

    def flag(self, key: str) -> bool:
        """Whether it is true."""
        value = self.known(key)
        if value is None:
            return False
        if (text := (value.text or "").lower()) not in ("true", "false"):
            self.lose(key, "it is neither true nor false", f"{key}: false")
        return text == "true"

    def seconds(self, key: str, most: int) -> int | None:
        """A number from -1 to `most`."""
        value = self.known(key)
        if value is None:
            return None
        text = value.text or ""
        seconds = -1 if text == "-1" else number(text, most)
        if seconds is not None:
            return seconds
        self.lose(key, f"it is no number from -1 to {most}", f"{key}: {most}")
        return None

    def entries(self, key: str) -> list[Entry]:
        """The texts of a list; raises FormatError where it is none."""
        value = self.known(key)
        if value is None:
            return []
        if value.items is None:
            raise FormatError(f"{key}: expected a list", value.span, f"{key}: [{value.text or ''}]")
        found = []
        for item in value.items:
            if item.known and item.text is not None:
                found.append((item.text, item.span))
            else:
                effect = "an entry is made when the template is deployed, and stands nowhere"
                self.lose(key, effect, "write the value in its place, for the import", item.span)
        return found

    def origin(self, key: str, entry: Entry) -> OriginPattern | None:
        """A single origin, which its gateway compares as text; None, and told, for all else."""
        text, span = entry
        try:
            pattern = OriginPattern.parse(text, span)
        except PatternError as error:
            effect = f"no page has the origin {text!r}: {error.message}"
            self.lose(key, effect, error.fix or "leave it out", span)
            return None
        if pattern.exact:
            return pattern
        effect = f"to the gateway {text!r} is no pattern, and no page has that origin"
        self.lose(key, effect, "list each origin", span)
        return None

    def names(
        self, key: str, entries: list[Entry], check: Callable[[str], str], *, wildcard: str = ""
    ) -> Names:
        """Methods or header names; `wildcard` is why `*` counts for nothing here, if it does."""
        listed, anything = [], False
        for text, span in entries:
            if text == WILDCARD:
                anything = not wildcard
                if wildcard:
                    self.lose(key, wildcard, "name them", span)
                continue
            try:
                listed.append(check(text))
            except NameRejected as error:
                self.lose(key, error.message, error.fix or "leave it out", span)
        return Names(tuple(listed), any=anything)


def is_opaque(pattern: OriginPattern | None) -> bool:
    """Whether it is the origin `null`."""
    return pattern is not None and str(pattern) == OPAQUE
