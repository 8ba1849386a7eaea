"""Origins as resources of Kubernetes list them: `*`, `https://*`, `https://*.a.test`, or as is."""

import re
from typing import NamedTuple

from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import NOBODY

_KEY = "allowOrigins"
_LONGEST = 253
_ANY_HOST = re.compile(r"(https?)://\*(:[0-9]{1,5})?")


class Schema(NamedTuple):
    """What one of them takes: `origin` as it is or below a name, and what `*` as host matches."""

    origin: re.Pattern[str]
    any_host: str

    def takes(self, pattern: OriginPattern | RegexPattern) -> bool:
        """Whether `pattern` can stand in the list."""
        text = str(pattern)
        return len(text) <= _LONGEST and self.origin.fullmatch(text) is not None

    def read(self, reading: Reading) -> Origins:
        """What the list of a resource allows; a `*` anywhere in it is all of it."""
        entries = reading.entries(_KEY)
        if any(text == WILDCARD for text, _ in entries):
            return Origins(any_origin=True)
        found = [self._read_one(reading, entry) for entry in entries]
        return Origins(one for one in found if one is not None and str(one) != NOBODY)

    def _read_one(self, reading: Reading, entry: Entry) -> OriginPattern | RegexPattern | None:
        text, span = entry
        if host := _ANY_HOST.fullmatch(text):
            return RegexPattern(f"{host[1]}://{self.any_host}{host[2] or ''}", span)
        try:
            found = OriginPattern.parse(text, span)
        except PatternError as error:
            effect = f"no page has the origin {text!r}: {error.message}"
            reading.lose(_KEY, effect, error.fix or "leave it out", span)
            return None
        if self.takes(found):
            return found
        effect = f"the schema does not take {text!r}, nor the resource that has it"
        reading.lose(_KEY, effect, "leave it out", span)
        return None


def written(policy: Policy) -> list[str]:
    """The list for `policy`, whose patterns a schema takes; never empty."""
    if policy.allow_origins.any:
        return [WILDCARD]
    return [str(one) for one in policy.allow_origins.patterns] or [NOBODY]
