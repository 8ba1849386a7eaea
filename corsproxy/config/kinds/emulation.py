"""The kind of `emulate`: a gateway's name, or that and what is known better of it.

The gateways stand above the configuration, which they write and read. So this one finds them as a
plug-in, by the name of their module, and only where a file asks for one: a start without pays
nothing.
"""

import importlib
from typing import Any

from corsproxy.config.diagnostics import Advice
from corsproxy.config.kinds.kind import BOOLEAN, SettingKind, closest_word, text_of
from corsproxy.config.yaml_text.tree import Node, NodeError, Notes, Scalar, Settings

_PLUG_IN = "corsproxy.gateways.emulation.gateway_emulation"
_STATUSES = {"200": 200, "204": 204}


def _status(node: Node, _: Notes) -> int:
    found = _STATUSES.get(node.text) if isinstance(node, Scalar) else None
    if found is None:
        raise NodeError("unknown-value", "expected 200 or 204", "204")
    return found


_STATUS = SettingKind(_status, {"enum": list(_STATUSES.values())}, "STATUS")
_OVERRIDES = {"preflight_status": _STATUS, "headers_on_errors": BOOLEAN}
_EXPECTED = "the name of a gateway"


def _read(node: Node, notes: Notes) -> Any:
    if not isinstance(node, Settings):
        return _emulation(text_of(node, _EXPECTED), {})
    known = ["gateway", *_OVERRIDES]
    values: dict[str, Any] = {}
    for name, value in node.values.items():
        with notes.at(node.keys[name] if name not in known else value.span):
            if name not in known:
                message = f"emulate has no {name!r}: expected {', '.join(known)}"
                raise NodeError("unknown-key", message, closest_word(name, known))
            if name in _OVERRIDES:
                values[name] = _OVERRIDES[name].read(value, notes)
    if "gateway" not in node.values:
        raise NodeError("no-gateway", "emulate needs a gateway", Advice("gateway: envoy"))
    with notes.at(node.values["gateway"].span):
        return _emulation(text_of(node.values["gateway"], _EXPECTED), values)
    return None


def _emulation(name: str, overrides: dict[str, Any]) -> Any:
    """The value of the setting; None for the standard's own rule."""
    gateways = importlib.import_module(_PLUG_IN)
    try:
        return gateways.emulation_of(name, gateways.Overrides(**overrides))
    except KeyError:
        message = f"no gateway is called {name!r} that can be emulated: see corsproxy formats"
        fix = closest_word(name, gateways.names())
        raise NodeError("unknown-gateway", message, fix) from None


EMULATION = SettingKind(
    _read,
    {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "properties": {
                    "gateway": {"type": "string", "minLength": 1},
                    "preflight_status": _STATUS.schema,
                    "headers_on_errors": BOOLEAN.schema,
                },
                "required": ["gateway"],
                "additionalProperties": False,
            },
        ]
    },
    "NAME",
)
