"""What the consoles of Firefox and WebKit say, as far as it tells one error from another.

Chromium needs no words: its developer tools give each error a name, the CorsError. Firefox has a
key for each message, and shows the text; WebKit has texts only.
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

WEBKIT_ORIGIN = "is not allowed by Access-Control-Allow-Origin"
WEBKIT_SEVERAL = "Access-Control-Allow-Origin cannot contain more than one origin"
WEBKIT_PREFLIGHT = "Preflight response is not successful"
WEBKIT_VALUE = "has an invalid value"
WEBKIT_METHOD = "is not allowed by Access-Control-Allow-Methods"
WEBKIT_NAME = "is not allowed by Access-Control-Allow-Headers"
WEBKIT_REDIRECT = "Cross-origin redirection to"
"""The tell-tale words of WebKit's messages, as seen in WebKitGTK 2.50."""
