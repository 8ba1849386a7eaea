"""The ways in which a browser blocks a response, whoever made it."""

from corsproxy.cors.reasons.entry import Entry

_CHECK = "Fetch, CORS check, step"
_PREFLIGHT = "Fetch, CORS-preflight fetch, step"
_REDIRECT = "Fetch, HTTP-redirect fetch"

BLOCKED = (
    Entry(
        "allow-origin-missing",
        "the response has no Access-Control-Allow-Origin, so no page of '{origin}' can read it",
        "send Access-Control-Allow-Origin: {origin}, on errors too",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        f"{_CHECK} 2",
        twin=True,
    ),
    Entry(
        "opaque-origin-unanswered",
        "the response has no Access-Control-Allow-Origin, and the page's origin is 'null', which"
        " any sandboxed frame has too",
        "serve the page over http, give the frame allow-same-origin, or call the final URL",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        f"{_CHECK} 2",
        twin=True,
    ),
    Entry(
        "allow-origin-differs",
        "Access-Control-Allow-Origin is '{got}', and the page's origin is '{origin}': {how}",
        "send Access-Control-Allow-Origin: {origin}",
        "AllowOriginMismatch",
        "CORSAllowOriginNotMatchingOrigin",
        f"{_CHECK} 4",
        twin=True,
    ),
    Entry(
        "allow-origin-repeated",
        "Access-Control-Allow-Origin is '{got}', and only one value is read; often the upstream"
        " and a proxy before it both add the header",
        "let one side own CORS: send Access-Control-Allow-Origin: {origin}, once",
        "MultipleAllowOriginValues",
        "CORSMultipleAllowOriginNotAllowed",
        f"{_CHECK} 4",
        twin=True,
    ),
    Entry(
        "allow-origin-invalid",
        "Access-Control-Allow-Origin is '{got}', which is no origin, nor '*', nor 'null'",
        "send Access-Control-Allow-Origin: {origin}",
        "InvalidAllowOriginValue",
        "CORSAllowOriginNotMatchingOrigin",
        f"{_CHECK} 4",
        twin=True,
    ),
    Entry(
        "allow-origin-wildcard-with-credentials",
        "Access-Control-Allow-Origin is '*', which does not count for a request with credentials",
        "send Access-Control-Allow-Origin: {origin} and Access-Control-Allow-Credentials: true,"
        " or call fetch without credentials: 'include'",
        "WildcardOriginNotAllowed",
        "CORSNotSupportingCredentials",
        f"{_CHECK}s 3 and 4",
        twin=True,
    ),
    Entry(
        "allow-credentials-not-true",
        "the request has credentials, and Access-Control-Allow-Credentials is {got}, not 'true'",
        "allow_credentials: true, or call fetch without credentials: 'include'",
        "InvalidAllowCredentials",
        "CORSMIssingAllowCredentials",  # Firefox's own spelling
        f"{_CHECK} 7",
        twin=True,
    ),
    Entry(
        "response-malformed",
        "the head of the response contains a NUL byte, and a browser takes such a response for a"
        " network error",
        "send no NUL in any header",
        step="Fetch, header value",
    ),
    Entry(
        "preflight-status-not-ok",
        "the preflight is answered {status}, and only 200 to 299 grants it",
        "answer OPTIONS before authentication and routing, with 204",
        "PreflightInvalidStatus",
        "CORSPreflightDidNotSucceed",
        f"{_PREFLIGHT} 7",
    ),
    Entry(
        "preflight-redirected",
        "the preflight is answered {status} to '{location}', and no preflight is ever redirected",
        "call the final URL (scheme, trailing slash), and exempt OPTIONS from the login",
        "PreflightDisallowedRedirect",
        "CORSExternalRedirectNotAllowed",
        f"{_PREFLIGHT} 6",
    ),
    Entry(
        "allow-methods-malformed",
        "Access-Control-Allow-Methods is '{got}', which is no list of methods",
        "send methods separated by commas, without quotes or brackets",
        "InvalidAllowMethodsPreflightResponse",
        "CORSInvalidAllowMethod",
        f"{_PREFLIGHT} 7.3",
    ),
    Entry(
        "allow-headers-malformed",
        "Access-Control-Allow-Headers is '{got}', which is no list of header names",
        "send header names separated by commas, without quotes or brackets",
        "InvalidAllowHeadersPreflightResponse",
        "CORSInvalidAllowHeader",
        f"{_PREFLIGHT} 7.3",
    ),
    Entry(
        "allow-methods-lacks-method",
        "Access-Control-Allow-Methods is {got}, and the page asks for '{method}'",
        "add {method} to allow_methods",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        f"{_PREFLIGHT} 7.5",
    ),
    Entry(
        "allow-methods-wildcard-with-credentials",
        "Access-Control-Allow-Methods is {got}, and for a request with credentials '*' is a"
        " method of that name, not '{method}'",
        "name {method} in allow_methods",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        f"{_PREFLIGHT} 7.5",
    ),
    Entry(
        "method-in-other-case",
        "the page asks for '{method}', and '{upper}' is allowed: methods compare case by case, and"
        " a browser puts only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals",
        "write {upper} in the page's call of fetch",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        "Fetch, normalize a method",
    ),
    Entry(
        "allow-headers-lacks-name",
        "Access-Control-Allow-Headers is {got}, and the page sends '{names}' too",
        "add {names} to allow_headers",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.7",
    ),
    Entry(
        "allow-headers-wildcard-with-credentials",
        "Access-Control-Allow-Headers is {got}, and for a request with credentials '*' is a"
        " name of its own, which does not cover '{names}'",
        "name {names} in allow_headers",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.7",
    ),
    Entry(
        "authorization-not-covered-by-wildcard",
        "'*' in Access-Control-Allow-Headers never covers '{names}'; Chrome still lets it, other"
        " browsers do not",
        'add {names} to allow_headers, beside "*"',
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.6",
    ),
    Entry(
        "redirect-to-other-scheme",
        "the response redirects to '{location}', and a request of a page may go to http and https"
        " only",
        "redirect to an http or https URL, or answer with the address as content",
        "CorsDisabledScheme",
        "CORSRequestNotHttp",
        f"{_REDIRECT}, step 6",
    ),
    Entry(
        "redirect-not-followed",
        "the response redirects to '{location}', where no browser follows; the page sees a network"
        " error that looks like CORS",
        "redirect to an http or https URL",
        step=_REDIRECT,
    ),
    Entry(
        "redirect-with-userinfo",
        "the response redirects to '{location}', and no cross-origin redirect may carry a user name"
        " or password",
        "take the user name and password out of the Location",
        "RedirectContainsCredentials",
        "CORSExternalRedirectNotAllowed",
        f"{_REDIRECT}, steps 9 and 10",
    ),
    Entry(
        "proxy-authentication",
        "the response is 407, which a browser takes for its own proxy's and never shows to a page",
        "answer 401 or 403",
        step="Fetch, HTTP-network-or-cache fetch",
    ),
    Entry(
        "response-cut-short",
        "no complete response arrived: {failure}; the page sees a network error that looks like"
        " CORS",
        "see to the upstream, not to CORS",
        firefox="CORSDidNotSucceed",
        step="Fetch, HTTP-network fetch",
    ),
)
