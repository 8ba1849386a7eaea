"""The ways in which a browser blocks a response, whoever made it."""

from corsproxy.cors.reasons.consoles import (
    WEBKIT_METHOD,
    WEBKIT_NAME,
    WEBKIT_ORIGIN,
    WEBKIT_PREFLIGHT,
    WEBKIT_REDIRECT,
    WEBKIT_SEVERAL,
    WEBKIT_VALUE,
)
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
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        # Firefox has no key for a refused opaque origin, and tells of the missing header as for any
        # other origin; its CORSRequestNotHttp is for schemes that are not http. "Refused" is read
        # as "without Allow-Origin" here: where it names another origin, the key is the mismatch's.
        "opaque-origin-unanswered",
        "the response has no Access-Control-Allow-Origin, and the page's origin is 'null', which"
        " any sandboxed frame has too",
        "serve the page over http, give the frame allow-same-origin, or call the final URL",
        "MissingAllowOriginHeader",
        "CORSMissingAllowOrigin",
        f"{_CHECK} 2",
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "allow-origin-differs",
        "Access-Control-Allow-Origin is '{got}', and the page's origin is '{origin}': {how}",
        "send Access-Control-Allow-Origin: {origin}",
        "AllowOriginMismatch",
        "CORSAllowOriginNotMatchingOrigin",
        f"{_CHECK} 4",
        twin=True,
        webkit=WEBKIT_ORIGIN,
    ),
    Entry(
        "allow-origin-repeated",
        "Access-Control-Allow-Origin is '{got}', and only one value is read; often the upstream"
        " and a proxy before it both add the header",
        "configure CORS on one side only: send Access-Control-Allow-Origin: {origin}, once",
        "MultipleAllowOriginValues",
        "CORSMultipleAllowOriginNotAllowed",
        f"{_CHECK} 4",
        twin=True,
        webkit=WEBKIT_SEVERAL,
    ),
    Entry(
        "allow-origin-list",
        "Access-Control-Allow-Origin is '{got}', and only one origin may stand there",
        "send Access-Control-Allow-Origin: {origin}, the one that asks, and Vary: Origin",
        "MultipleAllowOriginValues",
        "CORSAllowOriginNotMatchingOrigin",
        f"{_CHECK} 4",
        twin=True,
        webkit=WEBKIT_SEVERAL,
    ),
    Entry(
        "allow-origin-invalid",
        "Access-Control-Allow-Origin is '{got}', which is neither an origin nor '*' nor 'null'",
        "send Access-Control-Allow-Origin: {origin}",
        "InvalidAllowOriginValue",
        "CORSAllowOriginNotMatchingOrigin",
        f"{_CHECK} 4",
        twin=True,
        webkit=WEBKIT_ORIGIN,
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
        webkit="Cannot use wildcard in Access-Control-Allow-Origin",
    ),
    Entry(
        "allow-credentials-not-true",
        "the request has credentials, and Access-Control-Allow-Credentials is {got}, not 'true'",
        "allow_credentials: true, or call fetch without credentials: 'include'",
        "InvalidAllowCredentials",
        "CORSMissingAllowCredentials",
        f"{_CHECK} 7",
        twin=True,
        webkit="Credentials flag is true, but Access-Control-Allow-Credentials",
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
        "the preflight's response has status {status}, and only 200 to 299 grants it",
        "answer OPTIONS before authentication and routing, with 204",
        "PreflightInvalidStatus",
        "CORSPreflightDidNotSucceed",
        f"{_PREFLIGHT} 7",
        webkit=WEBKIT_PREFLIGHT,
    ),
    Entry(
        "preflight-redirected",
        "the preflight's response is a {status} redirect to '{location}', and browsers do not"
        " follow redirects of preflights",
        "call the final URL (scheme, trailing slash), and exempt OPTIONS from the login",
        "PreflightDisallowedRedirect",
        "CORSExternalRedirectNotAllowed",
        f"{_PREFLIGHT} 6",
        webkit=WEBKIT_PREFLIGHT,
    ),
    Entry(
        "allow-methods-malformed",
        "Access-Control-Allow-Methods is '{got}', which is not a list of methods",
        "send methods separated by commas, without quotes or brackets",
        "InvalidAllowMethodsPreflightResponse",
        "CORSInvalidAllowMethod",
        f"{_PREFLIGHT} 7.3",
        webkit=WEBKIT_VALUE,
    ),
    Entry(
        "allow-headers-malformed",
        "Access-Control-Allow-Headers is '{got}', which is not a list of header names",
        "send header names separated by commas, without quotes or brackets",
        "InvalidAllowHeadersPreflightResponse",
        "CORSInvalidAllowHeader",
        f"{_PREFLIGHT} 7.3",
        webkit=WEBKIT_VALUE,
    ),
    Entry(
        "allow-methods-lacks-method",
        "Access-Control-Allow-Methods is {got}, and the page asks for '{method}'",
        "add {method} to allow_methods",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        f"{_PREFLIGHT} 7.5",
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "allow-methods-wildcard-with-credentials",
        "Access-Control-Allow-Methods is {got}, and for a request with credentials '*' is an"
        " ordinary method name and does not cover '{method}'",
        "name {method} in allow_methods",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        f"{_PREFLIGHT} 7.5",
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "method-in-other-case",
        "the page asks for '{method}', and '{upper}' is allowed: methods are case-sensitive, and"
        " a browser puts only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals",
        "write {upper} in the page's call of fetch",
        "MethodDisallowedByPreflightResponse",
        "CORSMethodNotFound",
        "Fetch, normalize a method",
        webkit=WEBKIT_METHOD,
    ),
    Entry(
        "allow-headers-lacks-name",
        "Access-Control-Allow-Headers is {got}, and the page sends '{names}' too",
        "add {names} to allow_headers",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.7",
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "allow-headers-wildcard-with-credentials",
        "Access-Control-Allow-Headers is {got}, and for a request with credentials '*' is an"
        " ordinary header name and does not cover '{names}'",
        "name {names} in allow_headers",
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.7",
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "authorization-not-covered-by-wildcard",
        "by the standard '*' in Access-Control-Allow-Headers never covers '{names}'; no current"
        " browser blocks it, and Firefox warns that it will",
        'add {names} to allow_headers, beside "*"',
        "HeaderDisallowedByPreflightResponse",
        "CORSMissingAllowHeaderFromPreflight",
        f"{_PREFLIGHT} 7.6",
        webkit=WEBKIT_NAME,
    ),
    Entry(
        "redirect-to-other-scheme",
        "the response redirects to '{location}', and a request of a page may go to http and https"
        " only",
        "redirect to an http or https URL, or send the address as content",
        "CorsDisabledScheme",
        "CORSDidNotSucceed",
        f"{_REDIRECT}, step 6",
        webkit=WEBKIT_REDIRECT,
    ),
    Entry(
        "redirect-not-followed",
        "the response redirects to '{location}', which no browser follows; the page sees a network"
        " error that looks like CORS",
        "redirect to an http or https URL",
        firefox="CORSDidNotSucceed",
        step=_REDIRECT,
        webkit=WEBKIT_REDIRECT,
    ),
    Entry(
        "redirect-with-userinfo",
        "the response redirects to '{location}', and a cross-origin redirect must not contain a"
        " user name or password",
        "take the user name and password out of the Location",
        "RedirectContainsCredentials",
        "CORSDidNotSucceed",
        f"{_REDIRECT}, steps 9 and 10",
        webkit=WEBKIT_REDIRECT,
    ),
    Entry(
        "redirect-with-own-userinfo",
        "the response redirects to '{location}' on the page's own origin, and Chromium follows to"
        " no user name or password",
        "take the user name and password out of the Location",
        step="Chromium, embedded credentials",
    ),
    Entry(
        "redirects-too-many",
        "the response redirects once more after {limit} redirects, and no browser goes on",
        "end the circle of redirects",
        firefox="CORSDidNotSucceed",
        step=f"{_REDIRECT}, step 7",
    ),
    Entry(
        "proxy-authentication",
        "the response is 407, which Chromium takes for its own proxy's and never shows to a page",
        "answer 401 or 403",
        step="Fetch, HTTP-network-or-cache fetch",
    ),
    Entry(
        "response-cut-short",
        "no complete response arrived: {failure}; the page sees a network error that looks like"
        " CORS",
        "fix the upstream; CORS is not the cause",
        firefox="CORSDidNotSucceed",
        step="Fetch, HTTP-network fetch",
    ),
)
