"""Durations as Kubernetes and Go spell them: `600s`, `24h`, `1h30m`."""

import re
from decimal import Decimal

from corsproxy.gateways.conversion.reading import Reading

_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|h|m|s)")
_WHOLE = re.compile(f"(?:{_PART.pattern})+")
_SECONDS = {"h": Decimal(3600), "m": Decimal(60), "s": Decimal(1), "ms": Decimal("0.001")}


def duration(seconds: int) -> str:
    """The spelling of `seconds`, each part in five digits at most, as Envoy Gateway wants it."""
    if seconds < 100_000:
        return f"{seconds}s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"h": min(hours, 99_999), "m": minutes, "s": rest}
    return "".join(f"{count}{unit}" for unit, count in parts.items() if count)


def seconds_of(text: str) -> int | None:
    """The whole seconds that `text` says; None where it is no duration."""
    if _WHOLE.fullmatch(text) is None:
        return None
    return int(sum(Decimal(count) * _SECONDS[unit] for count, unit in _PART.findall(text)))


def read_duration(reading: Reading, key: str, most: int) -> int | None:
    """The seconds under `key`; None, and told, for what is none or more than `most`."""
    value = reading.known(key)
    if value is None:
        return None
    seconds = seconds_of(value.text or "")
    if seconds is None or seconds > most:
        reading.lose(key, f"it is no duration of {most}s at most", f'{key}: "600s"')
        return None
    return seconds
