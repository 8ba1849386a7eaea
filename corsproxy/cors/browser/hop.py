"""Hop: one request of a page's call, and which comes after its response.

The order in which a browser sends and judges (Fetch, "HTTP fetch" and "HTTP-redirect fetch"),
without a socket: whoever has one sends what a hop says and tells it the response. A loop that sends
and judges at once would be shorter; but then the order would stand in two places, in `probe` and in
the tests that play the same to real browsers.
https://fetch.spec.whatwg.org/#concept-http-fetch
https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
"""

from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.redirect import MAX_REDIRECTS, follow
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.browser.verdict import (
    Verdict,
    on_preflight,
    on_response,
    on_same_origin,
    stopped_everywhere,
)


class Hop(NamedTuple):
    """A request to `url`, after so many redirects: the preflight, or the actual request."""

    attempt: Attempt
    url: str
    preflight: bool
    redirects: int = 0

    @property
    def crossing(self) -> bool:
        """Whether CORS takes part: the request leaves the page's origin.

        Fetch keeps the response tainting "cors" for good once it does; so does this, for whoever
        comes back from another origin comes with the origin `null`.
        https://fetch.spec.whatwg.org/#concept-request-response-tainting
        """
        return self.attempt.origin != origin_of(self.url)

    def verdict(self, status: int, headers: f.Fields) -> Verdict:
        """What the attempt's browser makes of the response."""
        if self.preflight:
            return on_preflight(self.attempt, status, headers, self.url)
        judge = on_response if self.crossing else on_same_origin
        verdict = judge(self.attempt, status, headers, self.url)
        if verdict.readable and self.redirects == MAX_REDIRECTS and self._onward(status, headers):
            values = {"limit": str(MAX_REDIRECTS)}
            key = "CORSDidNotSucceed" if self.crossing else ""
            return stopped_everywhere("redirects-too-many", values, firefox=key)
        return verdict

    def after(self, verdict: Verdict, status: int, headers: f.Fields) -> "Hop | None":
        """The next request; None where the response is the page's, or the browser stopped.

        `verdict` is that on this very response: whoever walks has it, and has told of it.
        """
        if not verdict.readable:
            return None
        if self.preflight:
            return self._replace(preflight=False)
        return self._onward(status, headers)

    def _onward(self, status: int, headers: f.Fields) -> "Hop | None":
        onward = follow(self.attempt, self.url, status, headers)
        return first_hop(*onward, self.redirects + 1) if onward else None


def first_hop(attempt: Attempt, url: str, redirects: int = 0) -> Hop:
    """The request that `attempt` begins with at `url`.

    Fetch, "main fetch", which also begins anew after each redirect:
    https://fetch.spec.whatwg.org/#concept-main-fetch
    """
    hop = Hop(attempt, url, False, redirects)
    return hop._replace(preflight=hop.crossing and attempt.preflight_due)
