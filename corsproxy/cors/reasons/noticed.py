"""What no console tells: responses that arrive but lack something, and what looks like CORS."""

from corsproxy.cors.reasons.entry import Entry

_EXPOSED = "Fetch, CORS-exposed header-name list"
_COOKIES = "RFC 6265bis, 5.7"
_LOCAL = "Local Network Access"

NOTICED = (
    Entry(
        "emulated",
        "as {gateway} does with this policy: it {what}",
        "leave emulate out, for the standard's own rule",
    ),
    Entry(
        "headers-not-exposed",
        "the page reads null for {names}: Access-Control-Expose-Headers does not name them",
        "add {names} to expose_headers",
        step=_EXPOSED,
    ),
    Entry(
        "expose-headers-malformed",
        "Access-Control-Expose-Headers is '{got}', which is not a list of header names, so all of"
        " it is ignored",
        "send header names separated by commas, without quotes or brackets",
        step=_EXPOSED,
    ),
    Entry(
        "expose-headers-wildcard-with-credentials",
        "Access-Control-Expose-Headers is '{got}', and for a request with credentials '*' exposes"
        " nothing",
        "name {names} in expose_headers",
        step=_EXPOSED,
    ),
    Entry(
        "vary-missing",
        "Access-Control-Allow-Origin is '{got}' and Vary does not list Origin: a cache may give"
        " this response to another origin, which is then blocked",
        "send Vary: Origin on every response of this URL",
        step="Fetch, CORS protocol and HTTP caches",
    ),
    Entry(
        "redirect-taints-origin",
        "the response redirects to '{location}', which is on another origin, so the browser"
        " sends Origin: null there",
        "call the final URL, or redirect within the same origin",
        step="Fetch, HTTP-redirect fetch",
    ),
    Entry(
        "preflight-repeated",
        "after the redirect some browsers ask again with a preflight, though nothing is left that"
        " needs one, or with the page's origin; at {url} it fails: {why}",
        "let {url} answer OPTIONS as the first URL does, for any origin that may ask, or call it"
        " directly",
        step="Fetch, HTTP-redirect fetch",
    ),
    Entry(
        "preflight-cached",
        "the policy changed, and a browser that asked before may use the cached response for up"
        " to {seconds} s: Access-Control-Max-Age was {max_age}",
        "tick 'Disable cache' in DevTools, or set max_age: -1 while the policy changes",
        step="Fetch, CORS-preflight cache",
    ),
    Entry(
        "actual-request-missing",
        "the preflight for {method} was granted, but no actual request followed within {seconds} s:"
        " the browser refused the response, the page gave up, or the request went elsewhere",
        "check the page's console; credentials: 'include' needs allow_credentials: true",
        step="Fetch, CORS-preflight fetch",
    ),
    Entry(
        "upstream-headers-replaced",
        "the upstream sends CORS headers itself ({names}), and the policy's replaced them",
        "configure CORS on one side only: remove it from the upstream, or compare with mode:"
        " validate",
    ),
    Entry(
        "upstream-error",
        "the upstream answered {status}; called without this proxy, the page would see a CORS error"
        " instead, because the response has no Access-Control-Allow-Origin",
        "fix the upstream; in production, send the CORS headers on errors too",
    ),
    Entry(
        "host-replaced",
        "the upstream answered {status}, and it saw the Host {seen} where the page had called"
        " {sent}: servers that check Host answer so",
        "let it see {sent}: --forward-host preserve",
        step="RFC 9110, 7.2",
    ),
    Entry(
        "origin-foreign",
        "the upstream answered {status}, and it saw the page's Origin {origin} beside the Host"
        " {seen}: servers that check Origin against forgery answer so",
        "let it see its own: --forward-origin rewrite, or allow {origin} in the upstream",
        step="RFC 6454, 7.3",
    ),
    Entry(
        "upstream-failed",
        "no response arrived from the upstream: {failure}; this is not a CORS error",
        "start the upstream, or correct its address",
    ),
    Entry(
        "password-prompt",
        "the response is 401 with WWW-Authenticate: Basic, so for a request with credentials"
        " Chromium and Firefox ask for a password and the page waits",
        "answer 401 with another scheme than Basic",
        step="Fetch, HTTP-network-or-cache fetch",
    ),
    Entry(
        "resource-policy",
        "the response says Cross-Origin-Resource-Policy: {got}; that does not concern fetch with"
        " CORS, but blocks images, scripts and styles without the attribute crossorigin",
        "add crossorigin to the element, or send Cross-Origin-Resource-Policy: cross-origin",
        step="Fetch, cross-origin resource policy check",
    ),
    Entry(
        "no-origin",
        "the request has no Origin: it comes from the same origin, from an element without the"
        " attribute crossorigin, or not from a browser",
        "send Origin to see what a page of it would get",
    ),
    Entry(
        "cookie-needs-secure",
        "the cookie '{cookie}' says SameSite=None without Secure: Chromium and Firefox drop it,"
        " WebKit keeps it",
        "add Secure, or leave out SameSite=None",
        step=_COOKIES,
    ),
    Entry(
        "cookie-secure-over-http",
        "the cookie '{cookie}' says Secure, and over plain http Chromium and Firefox keep it on"
        " this machine only, WebKit nowhere",
        "serve the proxy over https (tls: auto); for Chromium and Firefox, http://localhost is"
        " enough",
        step=_COOKIES,
    ),
    Entry(
        "cookie-secure-on-localhost",
        "the cookie '{cookie}' says Secure: over plain http on this machine Chromium and Firefox"
        " keep it, WebKit drops it",
        "serve the proxy over https (tls: auto), to try it in Safari too",
        step=_COOKIES,
    ),
    Entry(
        "cookie-foreign-domain",
        "the cookie '{cookie}' says Domain={domain}, and the response comes from {host}",
        "leave out Domain",
        step=_COOKIES,
    ),
    Entry(
        "cookie-prefix-broken",
        "the name of the cookie '{cookie}' demands {demand}",
        "send {demand}, or rename the cookie",
        step=_COOKIES,
    ),
    Entry(
        "cookie-same-site",
        "the cookie '{cookie}' counts as SameSite={same_site}, and {origin} is another site than"
        " {host}: the browser drops it, and would not send it",
        "put page and proxy on the same host name, or send SameSite=None; Secure",
        step=_COOKIES,
    ),
    Entry(
        "cookie-same-site-in-chromium",
        "the cookie '{cookie}' counts as SameSite={same_site} in Chromium, for which {origin} is"
        " another site than {host}: it drops the cookie, Firefox and WebKit keep it",
        "put page and proxy on the same scheme and host name, or send SameSite=None; Secure",
        step=_COOKIES,
    ),
    Entry(
        "cookie-without-credentials",
        "the response sets the cookie '{cookie}', which browsers keep only when the page calls"
        " fetch with credentials: 'include'",
        "call fetch with credentials: 'include', and set allow_credentials: true",
        step="Fetch, HTTP-network fetch",
    ),
    Entry(
        "cookie-adapted",
        "the cookie '{cookie}' was changed so that the browser keeps it from this address:"
        " {changes}",
        "nothing has to be done; rewrite.cookies: false leaves cookies as the upstream made them",
        step=_COOKIES,
    ),
    Entry(
        "cookie-reaches-other-upstreams",
        "the cookie '{cookie}' has the path {path}, so browsers send it to {routes} as well, where"
        " another upstream gets it",
        "give the cookie a Path of its own, or each upstream a host name of its own (routes: host)",
        step="RFC 6265bis, 5.1.4",
    ),
    Entry(
        "local-network-permission",
        "a page of {origin} that calls {host} connects to this machine: Chromium and Firefox ask"
        " the user first, and until that is granted no request arrives; once it is denied, the"
        " console shows a CORS error",
        "grant the permission, or serve the page from localhost",
        "LocalNetworkAccessPermissionDenied",
        "CORSDidNotSucceed",
        step=_LOCAL,
    ),
    Entry(
        "insecure-local-network",
        "a page of {origin} is not a secure context, and {host} is on this machine: Chromium never"
        " lets the page call it, Firefox asks the user first; no request arrives before that is"
        " granted, and once it is denied, or in Chromium at once, the console shows a CORS error",
        "serve the page over https, or from localhost",
        "InsecureLocalNetwork",
        "CORSDidNotSucceed",
        step=_LOCAL,
    ),
    Entry(
        "request-not-http",
        "what the page calls is no http or https URL: its http:// is missing, as in"
        " 'localhost:8080/users', or it is a file",
        "call http://localhost:8080/users, the whole URL, and open the page over http as well",
        "CorsDisabledScheme",
        "CORSRequestNotHttp",
        step="Fetch, main fetch",
    ),
    Entry(
        "mixed-content",
        "a page of {origin} may not call plain http on {host}: that is mixed content, not CORS, and"
        " no request arrives",
        "reach the proxy over https (tls: auto); for Chromium and Firefox, http://localhost is"
        " enough",
        step="Mixed Content, 4.4",
    ),
    Entry(
        "mixed-content-on-localhost",
        "a page of {origin} may not call plain http in WebKit, not even {host} on this machine:"
        " that is mixed content, though the console speaks of access control too",
        "reach the proxy over https (tls: auto), to try it in Safari too",
        step="Mixed Content, 4.4",
        webkit="due to access control checks",
    ),
)
