"""The `cors` policy of Azure API Management, read: alone, or in a policy document."""

from collections.abc import Callable

from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion.gateway import FormatError, Read
from corsproxy.gateways.conversion.located_xml import compose
from corsproxy.gateways.conversion.located_yaml import Located, the_one
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.single_origins import is_single

LITERAL = "beside credentials browsers take `*` literally, and what is sent is not documented"

_SETTINGS = {
    "@allow-credentials": "allow_credentials",
    "@terminate-unmatched-request": "refused_request",
    "allowed-origins": "allow_origins",
    "allowed-methods": "allow_methods",
    "@preflight-result-max-age": "max_age",
    "allowed-headers": "allow_headers",
    "expose-headers": "expose_headers",
}
_ORDER = ("allowed-origins", "allowed-methods", "allowed-headers", "expose-headers")
_EXPRESSION = ("@(", "@{", "{{")
"""What begins an expression or a named value, whose value is made at the gateway."""


def read(text: str, source: str) -> Read:
    """The policy of the one `cors` element in a document, or alone."""
    root = compose(text, source, attributes=True)
    nodes = [one for node in root.everything() if (one := node.get("cors")) is not None]
    found = [cors for node in nodes for cors in node.items or []]
    cors = the_one(found, "cors policies", root)
    if not cors.keys:
        raise FormatError("the cors policy is empty", cors.span, "add allowed-origins")
    values = {key: _only(cors, key) for key in cors.keys}
    methods = values.get("allowed-methods")
    if methods is not None:
        values["@preflight-result-max-age"] = _only(methods, "@preflight-result-max-age")
    reading = Reading(cors, values, _SETTINGS)
    _refuse_order(reading, [key for key in cors.keys if not key.startswith("@")])
    return Read(_policy(reading), tuple(reading.losses))


def _only(node: Located, key: str) -> Located | None:
    value = node.get(key)
    items = value.items if value else None
    return items[0] if items else None


def _refuse_order(reading: Reading, keys: list[str]) -> None:
    for key in {*keys} - {*_ORDER}:
        reading.lose(key, "the cors policy has no such element", f"one of {', '.join(_ORDER)}")
    known = [key for key in keys if key in _ORDER]
    if known != sorted(known, key=_ORDER.index):
        effect = "API Management refuses the elements in any other order"
        reading.lose(known[0], effect, ", ".join(key for key in _ORDER if key in known))


def _policy(reading: Reading) -> Policy:
    allowed = reading.flag("@allow-credentials")
    origins = _read_origins(reading)
    if allowed and origins.any:
        effect = "browsers refuse credentials beside `*`, and what is sent is not documented"
        fix = "list the origins that may send credentials"
        reading.lose("@allow-credentials", effect, fix)
        allowed = False
    why = LITERAL if allowed else ""
    return Policy(
        origins,
        _read_methods(reading, why),
        _read_names(reading, "allowed-headers", check_request_name, why),
        _read_names(reading, "expose-headers", check_exposed_name, why),
        allow_credentials=allowed,
        max_age=_max_age(reading),
        refused_request=_refused(reading),
    )


def _entries(reading: Reading, key: str, each: str) -> list[Entry]:
    """The texts of the elements `each`; an expression is left out and told."""
    value = reading.values.get(key)
    listed = value.get(each) if value else None
    found = []
    for item in (listed.items or []) if listed else []:
        text = item.text or ""
        if text.startswith(_EXPRESSION):
            effect = f"{text} is made at the gateway, and stands nowhere"
            reading.lose(key, effect, "write the value in its place, for the import", item.span)
        else:
            found.append((text, item.span))
    return found


def _read_origins(reading: Reading) -> Origins:
    """A slash at the end is read as the documentation's own examples have it."""
    key = "allowed-origins"
    entries = [(text.removesuffix("/"), at) for text, at in _entries(reading, key, "origin")]
    if any(text == WILDCARD for text, _ in entries):
        if len(entries) > 1:
            effect = "`*` stands alone: API Management refuses others beside it"
            reading.lose(key, effect, "list the origins, or `*` alone")
        return Origins(any_origin=True)
    found = []
    for entry in entries:
        one = reading.origin(key, entry)
        if one is not None and not is_single(one):
            effect = f"{one} is no URI with a host: no page is let in by it"
            reading.lose(key, effect, "leave it out", entry[1])
        elif one is not None:
            found.append(one)
    return Origins(found)


_DEFAULT = frozenset({"GET", "POST"})
"""The methods that are allowed where none is listed."""


def _read_methods(reading: Reading, why: str) -> Names:
    key = "allowed-methods"
    entries = _entries(reading, key, "method")
    known = {text.upper() for text, _ in entries} or _DEFAULT
    if WILDCARD not in known and (missing := sorted(_DEFAULT - known)):
        effect = f"{', '.join(missing)} are refused by it; here they need no listing"
        reading.lose(key, effect, f"{', '.join(missing)} as well")
    return reading.names(key, entries, check_method, wildcard=why)


def _read_names(reading: Reading, key: str, check: Callable[[str], str], why: str) -> Names:
    return reading.names(key, _entries(reading, key, "header"), check, wildcard=why)


def _max_age(reading: Reading) -> int | None:
    """Its default is 0 and not the browsers' own; -1 is not known to it."""
    if reading.values.get("@preflight-result-max-age") is None:
        return 0
    return reading.seconds("@preflight-result-max-age", MAX_MAX_AGE)


def _refused(reading: Reading) -> RefusedRequest:
    key = "@terminate-unmatched-request"
    if reading.values.get(key) is not None and not reading.flag(key):
        return RefusedRequest.FORWARD
    effect = (
        "a refused GET or HEAD gets an empty 200, others reach the backend; here each gets a 403"
    )
    reading.lose(key, effect, 'terminate-unmatched-request="false"')
    return RefusedRequest.REJECT
