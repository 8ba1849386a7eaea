"""The ways in which a policy refuses. What the browser then shows follows from the response."""

from corsproxy.cors.reasons.consoles import WEBKIT_METHOD, WEBKIT_NAME, WEBKIT_ORIGIN
from corsproxy.cors.reasons.entry import Entry

_PREFLIGHT = "Fetch, CORS-preflight fetch, step 7"
_CHECK = "Fetch, CORS check"

REFUSED = (
    Entry(
        "origin-not-allowed",
        "the origin '{origin}' is not in allow_origins{nearest}",
        "add {origin} to allow_origins",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        _CHECK,
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "origin-misspelled",
        "the origin '{origin}' is not spelled as a browser would: {how}",
        "send {nearest}",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        "Fetch, Origin header; HTML, serialization of an origin",
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "origin-malformed",
        "'{origin}' is not one origin: expected scheme://host or scheme://host:port",
        "send one Origin header with one origin",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        "Fetch, Origin header",
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "opaque-origin-not-allowed",
        "the origin is 'null', as sent by a page opened from a file, by a sandboxed frame and after"
        ' a redirect across origins, and allow_origins does not list "null"',
        "serve the page over http, give the frame allow-same-origin, or call the final URL",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        _CHECK,
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "websocket-origin-not-allowed",
        "a WebSocket from '{origin}', which is not in allow_origins{nearest}; browsers do not apply"
        " CORS to WebSockets, so only this policy protects the upstream",
        "add {origin} to allow_origins",
        step="RFC 6455, 10.2",
    ),
    Entry(
        "websocket-with-credentials",
        "a WebSocket from '{origin}', which allow_origins does not name, carries Cookie or"
        " Authorization; browsers do not apply CORS to WebSockets, so any page could act and read"
        " in the user's name",
        "name {origin} in allow_origins{instead}",
        step="RFC 6455, 10.2",
    ),
    Entry(
        "method-not-allowed",
        "the method '{method}' is not in allow_methods",
        "add {method} to allow_methods",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        _PREFLIGHT,
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "method-forbidden",
        "the method '{method}' is one that no browser lets a page use",
        "use another method",
        step="Fetch, forbidden method",
    ),
    Entry(
        "method-never-sent",
        "no browser asks for '{method}', each sends {upper} in capitals",
        "ask for {upper} in Access-Control-Request-Method",
        step="Fetch, normalize a method",
    ),
    Entry(
        "method-in-small-letters",
        "'{method}' is another method than {upper}: methods are case-sensitive, and a"
        " browser puts only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals",
        "write {upper} in the page's call of fetch",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        "Fetch, normalize a method",
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "method-too-long",
        "the method '{method}...' is longer than 64 bytes; the longest registered one has 17",
        "use a shorter method",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        "RFC 9110, 9.1",
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "method-malformed",
        "'{method}' is not a method: expected a token",
        "send one method in Access-Control-Request-Method",
        step="RFC 9110, 9.1",
    ),
    Entry(
        "names-not-allowed",
        "the request headers '{names}' are not in allow_headers",
        "add {names} to allow_headers",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        _PREFLIGHT,
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "response-header-in-request",
        "the page sets {names} on its request, which is a header of responses: there it"
        " allows nothing, and only makes the browser ask for it",
        "take {names} out of the page's call of fetch",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        "Fetch, HTTP responses",
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "names-never-sent",
        "no page can set the request header {names}, so no browser asks for it, and no setting"
        " can allow it",
        "take {names} out of Access-Control-Request-Headers",
        step="Fetch, forbidden request-header",
    ),
    Entry(
        "names-malformed",
        "'{names}' is not a header name: expected a token",
        "send header names in Access-Control-Request-Headers, separated by commas",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        "RFC 9110, 5.1",
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "too-many-names",
        "Access-Control-Request-Headers asks for more than 64 names, has more than 80 elements or"
        " 16 empty ones, or is longer than 4096 bytes; no page needs such a list",
        "ask for the names that the request carries, each once",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        "Fetch, CORS-unsafe request-header names",
        webkit=WEBKIT_NAME,
    ),
)
