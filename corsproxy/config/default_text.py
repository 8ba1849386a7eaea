"""What holds where a setting is left out, in the words of help and reference."""

from enum import StrEnum
from typing import Any

from corsproxy.config.schema import Setting, default_of

_UNUSUAL = {
    "upstream": "",  # the one setting that must be given
    "tls": "auto for https addresses",
    "cors.emulate": "fetch",
}


def default_text(setting: Setting) -> str:
    """The default as a file would say it; "" where nothing holds then."""
    known = _UNUSUAL.get(setting.key)
    return known if known is not None else _text(default_of(setting))


def _text(default: Any) -> str:
    if isinstance(default, StrEnum):
        return default.value
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple) and default:
        return ", ".join(map(str, default))
    if isinstance(default, int | float):
        return f"{default:.15g}"
    return str(default) if default else ""
