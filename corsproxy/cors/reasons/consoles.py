"""What the consoles say, as far as it tells one error from another.

Chromium has a name for each error, the CorsError, in its developer tools, and shows a text in its
console. Firefox has a key for each message, and shows the text; WebKit has texts only.
"""

from collections.abc import Mapping
from types import MappingProxyType

FIREFOX_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "CORSAllowOriginNotMatchingOrigin": "‘Access-Control-Allow-Origin’ does not match",
        "CORSDidNotSucceed": "CORS request did not succeed",
        "CORSExternalRedirectNotAllowed": "external redirect not allowed",
        "CORSInvalidAllowHeader": "’ in CORS header ‘Access-Control-Allow-Headers’",
        "CORSInvalidAllowMethod": "’ in CORS header ‘Access-Control-Allow-Methods’",
        "CORSMethodNotFound": "Did not find method in CORS header",
        "CORSMissingAllowCredentials": "expected ‘true’ in CORS header",
        "CORSMissingAllowHeaderFromPreflight": "is not allowed according to header",
        "CORSMissingAllowOrigin": "‘Access-Control-Allow-Origin’ missing",
        "CORSMultipleAllowOriginNotAllowed": "Multiple CORS header",
        "CORSNotSupportingCredentials": "Credential is not supported if the CORS header",
        "CORSPreflightDidNotSucceed": "CORS preflight response did not succeed",
        "CORSRequestNotHttp": "CORS request not http",
    }
)

CHROME_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "MissingAllowOriginHeader": "No 'Access-Control-Allow-Origin' header is present",
        "MultipleAllowOriginValues": "header contains multiple values",
        "InvalidAllowOriginValue": "header contains the invalid value",
        "AllowOriginMismatch": "that is not equal to the supplied origin",
        "WildcardOriginNotAllowed": "must not be the wildcard '*' when the request's credentials",
        "InvalidAllowCredentials": "'Access-Control-Allow-Credentials' header in the response is",
        "PreflightInvalidStatus": "It does not have HTTP ok status",
        "PreflightDisallowedRedirect": "Redirect is not allowed for a preflight request",
        "MethodDisallowedByPreflightResponse": "is not allowed by Access-Control-Allow-Methods in",
        "HeaderDisallowedByPreflightResponse": "is not allowed by Access-Control-Allow-Headers in",
        "InvalidAllowMethodsPreflightResponse": "Cannot parse Access-Control-Allow-Methods",
        "InvalidAllowHeadersPreflightResponse": "Cannot parse Access-Control-Allow-Headers",
        "RedirectContainsCredentials": "contains a username and password",
        "CorsDisabledScheme": "are only supported for protocol schemes",
        "LocalNetworkAccessPermissionDenied": "Permission was denied for this request to access",
        "InsecureLocalNetwork": "is not a secure context and the resource is in more-private",
    }
)
"""Seen in Chromium 156, but for the last three."""

WEBKIT_ORIGIN = "is not allowed by Access-Control-Allow-Origin"
WEBKIT_SEVERAL = "Access-Control-Allow-Origin cannot contain more than one origin"
WEBKIT_PREFLIGHT = "Preflight response is not successful"
WEBKIT_VALUE = "has an invalid value"
WEBKIT_METHOD = "is not allowed by Access-Control-Allow-Methods"
WEBKIT_NAME = "is not allowed by Access-Control-Allow-Headers"
WEBKIT_REDIRECT = "Cross-origin redirection to"
"""The tell-tale words of WebKit's messages, as seen in WebKitGTK 2.50."""

NEVER_SAYS_WHY = (
    "Failed to fetch",
    "NetworkError when attempting to fetch resource",
    "Load failed",
    "net::ERR_FAILED",
    "Network Error",
)
"""What the code of a page gets in Chromium, Firefox and WebKit, of the network panel, of axios."""
