"""What is tried in real Chromium: a page's call, and the answers that a server gives to it.

In field values `{page}` stands for the page's origin, `{api}` for the server's, `{third}` for one
that is neither, `{port}` for the page's port, `{case}` for the path of the case.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Pairs = tuple[tuple[str, str], ...]

ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
METHODS = "Access-Control-Allow-Methods"
HEADERS = "Access-Control-Allow-Headers"
EXPOSE = "Access-Control-Expose-Headers"
MAX_AGE = "Access-Control-Max-Age"

PAGE: Pairs = ((ORIGIN, "{page}"),)
PAGE_AND_CREDENTIALS: Pairs = (*PAGE, (CREDENTIALS, "true"))


@dataclass(frozen=True)
class Response:
    """A status and the fields beside it."""

    status: int = 200
    fields: Pairs = PAGE


@dataclass(frozen=True)
class Case:
    """A call of fetch, and how each request that follows from it is answered.

    `beyond` is for whatever arrives at the target of a redirect, `further` at that of a second.
    `twice` repeats the call, to see whether the preflight is sent again. `start` is the origin that
    is called: "api", "third", or "page", its own. `opaque` is whether the page is sandboxed.
    """

    id: str
    method: str = "GET"
    fields: Pairs = ()
    credentials: bool = False
    preflight: Response = field(default_factory=lambda: Response(204))
    response: Response = field(default_factory=Response)
    beyond_preflight: Response = field(default_factory=lambda: Response(204))
    beyond: Response = field(default_factory=Response)
    further_preflight: Response = field(default_factory=lambda: Response(204))
    further: Response = field(default_factory=Response)
    twice: bool = False
    start: str = "api"
    opaque: bool = False

    def at(self, depth: int, *, preflight: bool) -> Response:
        """The response after `depth` redirects."""
        requests = (self.response, self.beyond, self.further)
        preflights = (self.preflight, self.beyond_preflight, self.further_preflight)
        return (preflights if preflight else requests)[min(depth, 2)]


def cases() -> list[Case]:
    """All of them, each with an id of its own."""
    return [
        *_allow_origin(),
        *_allow_credentials(),
        *_preflight_statuses(),
        *_methods(),
        *_request_fields(),
        *_allow_headers(),
        *_redirects(),
        *_exposing(),
        *_max_age(),
    ]


ALLOW_ORIGIN = {
    "the origin itself": "{page}",
    "blanks around": "  {page}\t",
    "wildcard": "*",
    "two wildcards": "**",
    "null": "null",
    "null in capitals": "NULL",
    "empty": "",
    "undefined": "undefined",
    "trailing slash": "{page}/",
    "blank before a slash": "{page} /",
    "path": "{page}/app",
    "query": "{page}?a",
    "capital scheme": "HTTP://{host}:{port}",
    "other scheme": "https://{host}:{port}",
    "other loopback name": "http://localhost:{port}",
    "no port": "http://127.0.0.1",
    "other port": "http://127.0.0.1:1",
    "any port": "http://127.0.0.1:*",
    "port too high": "http://127.0.0.1:65536",
    "no scheme": "{host}:{port}",
    "host and port": "localhost:{port}",
    "host only": "page.test",
    "wildcard subdomain": "*.page.test",
    "scheme and wildcard subdomain": "http://*.page.test",
    "scheme and wildcard": "http://*",
    "in double quotes": '"{page}"',
    "in single quotes": "'{page}'",
    "list by comma": "{page}, http://other.test",
    "list by blank": "{page} http://other.test",
    "list by semicolon": "{page};http://other.test",
    "twice in one line": "{page}, {page}",
    "wildcard and origin": "*, {page}",
    "user": "http://user@{host}:{port}",
    "scheme only": "http://",
    "scheme without slashes": "http:{host}:{port}",
    "true": "true",
    "brackets": "[{page}]",
    "opaque scheme": "chrome-extension://abc",
    "angle brackets": "<{page}>",
    "percent host": "http://%zz",
    "unfinished IPv6": "http://[::1",
    "IPv6": "http://[::1]:{port}",
    "regular expression": ".*",
    "host with a hash": "http://#",
    "null and origin": "null, {page}",
    "list of nulls": "null null",
    "trailing comma": "{page},",
    "leading comma": ",{page}",
    "comma alone": ",",
    "semicolon at the end": "{page};",
    "tab within": "{page}\thttp://other.test",
    "file": "file:///x",
    "data": "data:text/plain,x",
    "blob": "blob:{page}/x",
    "about": "about:blank",
    "host starting with a dot": "http://.127.0.0.1",
    "unicode host": "http://b\xfccher.test",
    "port zero": "http://127.0.0.1:0",
    "port empty": "http://127.0.0.1:",
    "port of letters": "http://127.0.0.1:abc",
    "number": "1",
    "origin placeholder": "$http_origin",
    "empty label": "http://a..b",
    "short address": "http://127.1",
    "address in hexadecimal": "http://0x7f000001",
    "five numbers": "http://1.2.3.4.5",
    "address too high": "http://256.0.0.1",
    "number as a host": "http://1234",
    "number at the end": "http://page.1",
    "hyphens": "http://-page-.test",
    "underscore": "http://a_b.test",
    "UTF-8 host": "http://b\xc3\xbccher.test",
    "percent-encoded host": "http://%61.test",
    "asterisk host": "http://*",
    "comma in host": "http://a;b",
    "quote in host": "http://a'b",
    "trailing dot": "http://page.test.",
    "dot only": "http://.",
    "http opaque": "http:page",
    "space scheme": "ht tp://page.test",
    "scheme of digits": "1http://page.test",
    "javascript": "javascript:1",
    "ws": "ws://page.test",
    "unknown opaque": "foo:bar baz",
    "percent sign": "%ORIGIN%",
    "host in capitals": "http://LOCALHOST:{port}",
    "query and slash": "{page}/?a=b",
    "fragment": "{page}#x",
    "colon only": ":",
    "slashes only": "//{host}:{port}",
    "star with port": "*:{port}",
    "None": "None",
    "all": "all",
}


def _allow_origin() -> Iterator[Case]:
    for name, value in ALLOW_ORIGIN.items():
        fields = ((ORIGIN, value),)
        yield Case(f"allow-origin, {name}", response=Response(200, fields))
        if name in ("empty", "null", "trailing slash", "list by comma", "host only", "wildcard"):
            tried = Case(f"preflight allow-origin, {name}", "PUT")
            yield replace(tried, preflight=Response(204, (*fields, (METHODS, "PUT"))))
        if name in ("wildcard", "null", "the origin itself", "two wildcards"):
            with_true = (*fields, (CREDENTIALS, "true"))
            yield Case(f"credentials, {name}", credentials=True, response=Response(200, with_true))
    yield Case("allow-origin, absent", response=Response(200, ()))
    yield Case("allow-origin, absent on a 500", response=Response(500, ()))
    yield Case("allow-origin, on a 500", response=Response(500))
    yield Case("allow-origin, on a 404", response=Response(404))
    yield Case("allow-origin, on a 407", response=Response(407))
    yield Case("allow-origin, absent on a 407", response=Response(407, ()))
    yield Case("preflight 407", "PUT", preflight=Response(407, (*PAGE, (METHODS, "PUT"))))
    yield Case("allow-origin, two equal lines", response=Response(200, PAGE * 2))
    yield Case("allow-origin, two lines", response=Response(200, (*PAGE, (ORIGIN, "*"))))
    yield Case("allow-origin, an empty line too", response=Response(200, (*PAGE, (ORIGIN, ""))))
    yield Case(
        "preflight allow-origin, absent", "PUT", preflight=Response(204, ((METHODS, "PUT"),))
    )
    yield Case("preflight allow-origin, two lines", "PUT", preflight=Response(204, PAGE * 2))


ALLOW_CREDENTIALS = {
    "true": "true",
    "blanks around true": " true ",
    "True": "True",
    "TRUE": "TRUE",
    "one": "1",
    "yes": "yes",
    "false": "false",
    "empty": "",
    "twice true": "true, true",
    "quoted": '"true"',
}


def _allow_credentials() -> Iterator[Case]:
    for name, value in ALLOW_CREDENTIALS.items():
        fields = (*PAGE, (CREDENTIALS, value))
        yield Case(f"allow-credentials, {name}", credentials=True, response=Response(200, fields))
        yield Case(
            f"preflight allow-credentials, {name}",
            "PUT",
            credentials=True,
            preflight=Response(204, (*fields, (METHODS, "PUT"))),
            response=Response(200, PAGE_AND_CREDENTIALS),
        )
    yield Case("allow-credentials, absent", credentials=True)
    yield Case("preflight allow-credentials, absent", "PUT", credentials=True)
    two = Response(200, (*PAGE_AND_CREDENTIALS, (CREDENTIALS, "true")))
    yield Case("allow-credentials, two lines", credentials=True, response=two)
    granted = Response(204, (*PAGE_AND_CREDENTIALS, (METHODS, "PUT")))
    yield Case(
        "preflight with credentials, answer without", "PUT", credentials=True, preflight=granted
    )
    yield Case(
        "preflight wildcard with credentials",
        "PUT",
        credentials=True,
        preflight=Response(204, ((ORIGIN, "*"), (CREDENTIALS, "true"), (METHODS, "PUT"))),
    )


def _preflight_statuses() -> Iterator[Case]:
    full = (*PAGE, (METHODS, "PUT"))
    for status in (200, 201, 202, 204, 206, 226, 299, 300, 304, 400, 401, 403, 404, 405, 500, 503):
        yield Case(f"preflight {status}", "PUT", preflight=Response(status, full))
    for status in (401, 404, 405, 500):
        yield Case(f"preflight {status} without fields", "PUT", preflight=Response(status, ()))
    for status in (301, 302, 303, 307, 308):
        moved = (("Location", "{api}{case}/beyond"),)
        yield Case(
            f"preflight {status} redirected", "PUT", preflight=Response(status, full + moved)
        )
        yield Case(f"preflight {status} redirected bare", "PUT", preflight=Response(status, moved))
        yield Case(
            f"preflight {status} without a location", "PUT", preflight=Response(status, full)
        )
    empty = (*full, ("Location", ""))
    yield Case("preflight 302, empty location", "PUT", preflight=Response(302, empty))
    both_wrong = Response(404, (*PAGE, (METHODS, '"GET"')))
    yield Case("preflight 404 and malformed methods", "PUT", preflight=both_wrong)
    status_and_origin = Response(404, ((ORIGIN, "http://other.test"), (METHODS, "PUT")))
    yield Case("preflight 404 and another origin", "PUT", preflight=status_and_origin)


ALLOW_METHODS = {
    "listed": ("PUT", "PUT"),
    "among others": ("PUT", "GET, PUT ,DELETE"),
    "with empty elements": ("PUT", ",, PUT,"),
    "lower case put": ("put", "PUT"),
    "listed in lower case": ("PUT", "put"),
    "not listed": ("PUT", "GET"),
    "absent": ("PUT", None),
    "empty": ("DELETE", ""),
    "wildcard": ("PUT", "*"),
    "wildcard among others": ("PUT", "GET, *"),
    "patch for PATCH": ("patch", "PATCH"),
    "patch for patch": ("patch", "patch"),
    "PATCH": ("PATCH", "PATCH"),
    "own method": ("PURGE", "PURGE"),
    "own method unlisted": ("PURGE", "PUT"),
    "OPTIONS": ("options", "OPTIONS"),
    "OPTIONS not listed": ("OPTIONS", "PUT"),
    "in quotes": ("PUT", '"PUT"'),
    "in brackets": ("PUT", "[PUT]"),
    "by blanks": ("PUT", "GET PUT"),
    "by semicolons": ("PUT", "GET; PUT"),
    "HEAD is safelisted": ("HEAD", None),
    "POST is safelisted": ("post", None),
}


def _methods() -> Iterator[Case]:
    for name, (method, listed) in ALLOW_METHODS.items():
        fields = PAGE if listed is None else (*PAGE, (METHODS, listed))
        yield Case(f"allow-methods, {name}", method, preflight=Response(204, fields))
    for name in ("wildcard", "wildcard among others", "listed", "not listed"):
        method, listed = ALLOW_METHODS[name]
        fields = (*PAGE_AND_CREDENTIALS, (METHODS, listed or ""))
        yield Case(
            f"allow-methods with credentials, {name}",
            method,
            credentials=True,
            preflight=Response(204, fields),
            response=Response(200, PAGE_AND_CREDENTIALS),
        )
    two = (*PAGE, (METHODS, "GET"), (METHODS, "PUT"))
    yield Case("allow-methods, two lines", "PUT", preflight=Response(204, two))
    both = (*PAGE, (METHODS, "GET"), (HEADERS, "(x)"))
    yield Case("methods lacking and headers malformed", "PUT", preflight=Response(204, both))
    yield Case(
        "methods and headers malformed",
        "PUT",
        preflight=Response(204, (*PAGE, (METHODS, "(x)"), (HEADERS, "(x)"))),
    )
    yield Case("method and name lacking", "PUT", (("X-A", "1"),), preflight=Response(204, PAGE))


MUCH: Pairs = (
    ("Accept", "a" * 128),
    ("Accept-Language", "a" * 128),
    ("Content-Language", "a" * 128),
    *((name, "1" * 128) for name in ("DPR", "Device-Memory", "Width", "Viewport-Width")),
    ("RTT", "1" * 112),
    ("Content-Type", "text/plain"),
)

REQUEST_FIELDS: dict[str, Pairs] = {
    "no field": (),
    "accept": (("Accept", "text/html, application/json;q=0.5"),),
    "accept with a colon": (("Accept", "a:b"),),
    "accept in braces": (("Accept", "{}"),),
    "accept of 128": (("Accept", "a" * 128),),
    "accept of 129": (("Accept", "a" * 129),),
    "accept twice": (("Accept", "a" * 80), ("Accept", "b" * 80)),
    "accept-language": (("Accept-Language", "de-CH, fr;q=0.9, *;q=0.5"),),
    "accept-language underscore": (("Accept-Language", "de_CH"),),
    "content-language": (("Content-Language", "de"),),
    "content-language slash": (("Content-Language", "de/ch"),),
    "form": (("Content-Type", "application/x-www-form-urlencoded"),),
    "form with charset": (("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"),),
    "plain": (("Content-Type", "text/plain"),),
    "plain in capitals": (("Content-Type", "TEXT/Plain ; charset=utf-8"),),
    "plain with quotes": (("Content-Type", 'text/plain; charset="utf-8"'),),
    "multipart": (("Content-Type", "multipart/form-data; boundary=x"),),
    "json": (("Content-Type", "application/json"),),
    "html": (("Content-Type", "text/html"),),
    "two types": (("Content-Type", "text/plain, application/json"),),
    "type twice": (("Content-Type", "text/plain"), ("Content-Type", "text/plain")),
    "no type": (("Content-Type", "plain"),),
    "empty type": (("Content-Type", ""),),
    "range": (("Range", "bytes=0-255"),),
    "range to the end": (("Range", "bytes=256-"),),
    "range from the end": (("Range", "bytes=-5"),),
    "two ranges": (("Range", "bytes=1-2,5-6"),),
    "range with blanks": (("Range", "bytes= 1-2"),),
    "range backwards": (("Range", "bytes=9-2"),),
    "own field": (("X-A", "1"),),
    "two own fields": (("X-B", "1"), ("x-a", "2")),
    "authorization": (("Authorization", "Bearer t"),),
    "save-data": (("Save-Data", "on"),),
    "dpr": (("DPR", "2"),),
    "device-memory": (("Device-Memory", "8"),),
    "viewport-width": (("Viewport-Width", "800"),),
    "width": (("Width", "800"),),
    "downlink": (("Downlink", "10"),),
    "rtt": (("RTT", "50"),),
    "ect": (("ECT", "4g"),),
    "user-agent": (("User-Agent", "x"),),
    "cache-control": (("Cache-Control", "no-cache"),),
    "pragma": (("Pragma", "no-cache"),),
    "if-none-match": (("If-None-Match", '"x"'),),
    "forbidden, cookie": (("Cookie", "a=b"),),
    "forbidden, sec-": (("Sec-A", "b"),),
    "forbidden, proxy-": (("Proxy-A", "b"),),
    "method override": (("X-HTTP-Method-Override", "PUT"),),
    "method override, forbidden": (("X-HTTP-Method-Override", "TRACE"),),
    "save-data off": (("Save-Data", "off"),),
    "save-data in capitals": (("Save-Data", "ON"),),
    "dpr fraction": (("DPR", "1.5"),),
    "dpr no number": (("DPR", "x"),),
    "dpr from a dot": (("DPR", ".5"),),
    "dpr to a dot": (("DPR", "5."),),
    "width fraction": (("Width", "1.5"),),
    "rtt empty": (("RTT", ""),),
    "ect unknown": (("ECT", "5g"),),
    "ect in capitals": (("ECT", "4G"),),
    "under 1024 bytes": MUCH,
    "over 1024 bytes": (*MUCH, ("Downlink", "1" * 20)),
}
"""Each is sent once with a preflight that allows no name, so that only safelisted ones pass."""


def _request_fields() -> Iterator[Case]:
    for name, fields in REQUEST_FIELDS.items():
        yield Case(f"request fields, {name}", "POST", fields)


ALLOW_HEADERS = {
    "listed": "x-a, x-b",
    "in other case": "X-A, X-b",
    "one lacking": "x-b",
    "other lacking": "x-a",
    "empty elements": ", x-a,, x-b,",
    "wildcard": "*",
    "wildcard and one": "*, x-a",
    "in quotes": '"x-a", "x-b"',
    "by blanks": "x-a x-b",
    "in brackets": "[x-a, x-b]",
    "colon": "x-a:, x-b",
    "empty": "",
}


def _allow_headers() -> Iterator[Case]:
    own: Pairs = (("X-B", "1"), ("X-A", "2"))
    for name, value in ALLOW_HEADERS.items():
        fields = (*PAGE, (HEADERS, value))
        yield Case(f"allow-headers, {name}", "GET", own, preflight=Response(204, fields))
        yield Case(
            f"allow-headers with credentials, {name}",
            "GET",
            own,
            credentials=True,
            preflight=Response(204, (*fields, (CREDENTIALS, "true"))),
            response=Response(200, PAGE_AND_CREDENTIALS),
        )
    token: Pairs = (("Authorization", "Bearer t"),)
    for name, value in {"wildcard": "*", "listed": "authorization", "absent": ""}.items():
        fields = (*PAGE, (HEADERS, value))
        yield Case(f"authorization, {name}", "GET", token, preflight=Response(204, fields))
        yield Case(
            f"authorization with credentials, {name}",
            "GET",
            token,
            credentials=True,
            preflight=Response(204, (*fields, (CREDENTIALS, "true"))),
            response=Response(200, PAGE_AND_CREDENTIALS),
        )
    lines = (*PAGE, (HEADERS, "x-a"), (HEADERS, "x-b"))
    yield Case("allow-headers, two lines", "GET", own, preflight=Response(204, lines))


REDIRECTS = {
    "same origin": "{case}/beyond",
    "third origin": "{third}{case}/beyond",
    "back to the page": "{page}{case}/beyond",
    "user": "http://user@{host}:{api_port}{case}/beyond",
    "user and password": "http://user:secret@{host}:{api_port}{case}/beyond",
    "empty user": "http://@{host}:{api_port}{case}/beyond",
    "user, third origin": "http://user@{host}:{third_port}{case}/beyond",
    "ftp": "ftp://127.0.0.1/x",
    "own scheme": "myapp://x",
    "mailto": "mailto:a@page.test",
    "data": "data:text/plain,x",
    "file": "file:///etc/hostname",
    "about": "about:blank",
    "blob": "blob:{page}/x",
    "filesystem": "filesystem:{page}/x",
    "javascript": "javascript:1",
    "websocket": "ws://{host}:{api_port}/",
    "chrome": "chrome://version",
    "no URL": "http://[",
    "no host": "http://",
    "port too high": "http://127.0.0.1:65536/",
    "blank in the host": "http://a b/",
    "bad percent host": "http://%zz/",
    "backslashes": "{third_backslashes}{case}/beyond",
    "scheme in capitals": "{third_capitals}{case}/beyond",
    "no scheme": "//{host}:{third_port}{case}/beyond",
    "three slashes": "///{host}:{third_port}{case}/beyond",
    "no scheme, user": "//user@{host}:{third_port}{case}/beyond",
    "password only": "http://:secret@{host}:{third_port}{case}/beyond",
    "user at the page": "http://user@{host}:{page_port}{case}/beyond",
    "relative": "{number}/beyond",
    "blanks around": "  {third}{case}/beyond  ",
    "fragment": "{third}{case}/beyond#part",
    "parent": "../case/{number}/beyond",
    "no slashes": "http:{case}/beyond",
    "one slash": "http:/case/{number}/beyond",
    "empty": "",
    "blank": " ",
    "query only": "?x",
    "devtools": "devtools://devtools/x",
    "chrome-untrusted": "chrome-untrusted://x",
    "chrome-error": "chrome-error://chromewebdata/",
    "content": "content://x/y",
    "magnet": "magnet:?xt=1",
    "steam": "steam://run/1",
    "sms": "sms:123",
    "gopher": "gopher://127.0.0.1/",
    "isolated-app": "isolated-app://x/",
    "fragment only": "#part",
    "custom with slashes": "myapp://open/x",
    "tel": "tel:123",
    "view-source": "view-source:{third}/",
    "intent": "intent://x#Intent;end",
    "extension": "chrome-extension://abcdefghijklmnopabcdefghijklmnop/x",
    "moz-extension": "moz-extension://abc/x",
    "secure websocket": "wss://{host}:{api_port}/",
    "unknown scheme": "foo:bar",
    "resource": "resource://gre/x",
    "blob of nobody": "blob:null/x",
}


def _redirects() -> Iterator[Case]:
    for name, location in REDIRECTS.items():
        moved = Response(302, (*PAGE, ("Location", location)))
        yield Case(f"redirect, {name}", response=moved)
    third = ("Location", "{third}{case}/beyond")
    for status in (301, 303, 307, 308, 300, 304):
        yield Case(f"redirect {status}", response=Response(status, (*PAGE, third)))
    away = Response(302, (*PAGE, third))
    yield Case("redirect without fields", response=Response(302, (third,)))
    yield Case("redirect without a location", response=Response(302))
    yield Case("redirect, target without fields", response=away, beyond=Response(200, ()))
    yield Case("redirect, target allows any", response=away, beyond=Response(200, ((ORIGIN, "*"),)))
    null = Response(200, ((ORIGIN, "null"),))
    yield Case("redirect, target allows null", response=away, beyond=null)
    near = Response(302, (*PAGE, ("Location", "{case}/beyond")))
    yield Case("redirect, same origin, target allows null", response=near, beyond=null)
    put = Response(204, (*PAGE, (METHODS, "PUT")))
    preflighted = Case("", "PUT", preflight=put, beyond=null)
    null_put = Response(204, ((ORIGIN, "null"), (METHODS, "PUT")))
    for status in (302, 303, 307):
        moved = Response(status, (*PAGE, third))
        tried = replace(preflighted, response=moved)
        yield replace(tried, id=f"preflighted {status}, second granted", beyond_preflight=null_put)
        yield replace(tried, id=f"preflighted {status}, second refused", beyond_preflight=put)
    same = Response(307, (*PAGE, ("Location", "{case}/beyond")))
    yield replace(
        preflighted,
        id="preflighted 307, same origin",
        response=same,
        beyond=Response(200),
        beyond_preflight=put,
    )
    posted = Case("post 302 becomes GET", "POST", response=away, beyond=null)
    yield posted
    token: Pairs = (("Authorization", "Bearer t"),)
    allowed = Response(204, (*PAGE, (HEADERS, "authorization")))
    yield Case(
        "authorization does not cross origins",
        "GET",
        token,
        preflight=allowed,
        response=away,
        beyond=null,
        beyond_preflight=Response(204, ()),
    )
    json: Pairs = (("Content-Type", "application/json"),)
    yield Case(
        "content fields are lost with the method",
        "POST",
        json,
        response=away,
        beyond=null,
        preflight=Response(204, (*PAGE, (HEADERS, "content-type"))),
        beyond_preflight=Response(204, ()),
    )
    include = Response(302, (*PAGE_AND_CREDENTIALS, third))
    yield Case(
        "redirect with credentials, wildcard beyond",
        credentials=True,
        response=include,
        beyond=Response(200, ((ORIGIN, "*"),)),
    )


EXPOSE_HEADERS = {
    "absent": None,
    "one": "x-one",
    "other case": "X-ONE",
    "both": "x-one, X-Two",
    "wildcard": "*",
    "wildcard and one": "*, x-one",
    "bad element": 'x-one, "x-two"',
    "blank in a name": "x-one x-two",
    "empty elements": ",x-one,,",
    "set-cookie": "set-cookie, x-one",
    "safelisted too": "content-type",
}


def _exposing() -> Iterator[Case]:
    extra: Pairs = (("X-One", "1"), ("X-Two", "2"), ("Set-Cookie", "a=b"), ("Pragma", "x"))
    for name, value in EXPOSE_HEADERS.items():
        listed: Pairs = () if value is None else ((EXPOSE, value),)
        yield Case(f"expose, {name}", response=Response(200, (*PAGE, *extra, *listed)))
        with_true = (*PAGE_AND_CREDENTIALS, *extra, *listed)
        tried = Case(f"expose with credentials, {name}", credentials=True)
        yield replace(tried, response=Response(200, with_true))


def _max_age() -> Iterator[Case]:
    ages = {
        "absent": None,
        "zero": "0",
        "minute": "60",
        "negative": "-1",
        "signed": "+60",
        "no number": "forever",
        "fraction": "60.5",
        "empty": "",
        "huge": "9" * 30,
    }
    for name, age in ages.items():
        said: Pairs = () if age is None else ((MAX_AGE, age),)
        granted = Response(204, (*PAGE, (METHODS, "PUT"), *said))
        yield Case(f"max-age, {name}", "PUT", preflight=granted, twice=True)
