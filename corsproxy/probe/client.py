"""client: one request sent, and the head of its response as it came.

aiohttp's client brings TLS, name resolution over both address families and a parser that follows
1xx responses; it is told to leave out everything it does of its own: no redirect is followed, no
cookie kept, no header added, no content decoded, no proxy taken from the environment. Only heads
are read, as `fetch` settles at the head: an endless stream answers as fast as any.
"""

import ssl
from typing import Any, NamedTuple

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from corsproxy.cors.escape import printable
from corsproxy.cors.headers import Fields
from corsproxy.limits import MAX_FIELDS

MAX_HEAD_BYTES = 262_144
"""Of one line of a head. Chromium reads no head that has more in all, Firefox none of more than
393,216. The lesser counts: a server that only Firefox can read has no outcome worth telling."""
_OWN_NAMES = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


_NUL = r"\x00"
"""NUL in aiohttp's quotation of a head: to a browser the whole response is a network error then
(Fetch, "header value"; web-platform-tests, fetch/h1-parsing). Other control bytes it lets pass."""


class ServerResponse(NamedTuple):
    """The head of a response. `headers` as they came, in order, latin-1."""

    status: int
    reason: str
    headers: Fields
    malformed: bool = False
    """A head that no browser reads; the rest is then empty."""

    @property
    def ok(self) -> bool:
        """Whether the status is an ok status, 200-299."""
        return 200 <= self.status <= 299


_MALFORMED = ServerResponse(0, "", (), malformed=True)


class UnreachableError(Exception):
    """No response came; the text says what was tried and why it failed."""


class ProbeClient:
    """A browser's network, as far as CORS goes: each request on a connection of its own."""

    def __init__(self, *, verify: bool = True, timeout: float = 30.0) -> None:
        self._verify = verify
        self._timeout = timeout

    async def send(
        self, method: str, url: str, headers: Fields, content: bytes = b""
    ) -> ServerResponse:
        """The head of the response; raises UnreachableError when none comes."""
        try:
            async with (
                self._session(method) as session,
                session.request(
                    method,
                    URL(url, encoded=True),
                    headers=CIMultiDict(headers),
                    data=content or None,
                    allow_redirects=False,
                ) as response,
            ):
                reason = response.reason or ""
                if "\0" in reason:
                    return _MALFORMED
                return ServerResponse(response.status, reason, _text(response.raw_headers))
        except aiohttp.ClientResponseError as error:
            if _NUL in error.message:
                return _MALFORMED
            raise UnreachableError(_why(url, error, self._timeout)) from error
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError, OSError, ValueError) as error:
            raise UnreachableError(_why(url, error, self._timeout)) from error

    def _session(self, method: str) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._verify, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            request_class=_spelling(method),
            auto_decompress=False,
            skip_auto_headers=_OWN_NAMES,
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
            max_headers=MAX_FIELDS,
        )


def _spelling(method: str) -> type[aiohttp.ClientRequest]:
    """A request whose method is sent as spelled: aiohttp would make `PATCH` of `patch`."""

    class Request(aiohttp.ClientRequest):
        def __init__(self, _in_capitals: str, url: URL, **options: Any) -> None:
            super().__init__(method, url, **options)
            self.method = method

    return Request


def _text(raw: tuple[tuple[bytes, bytes], ...]) -> Fields:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _why(url: str, error: Exception, timeout: float) -> str:
    """One sentence: what was asked, and what stood in the way."""
    where = str(URL(url, encoded=True).with_user(None).with_query(None).with_fragment(None))
    match error:
        case TimeoutError():
            cause = f"no response within {timeout:g} s"
        case aiohttp.ClientConnectorDNSError():
            cause = "its host name does not resolve"
        case aiohttp.ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "")
            cause = f"its certificate is not trusted ({why})\n  fix: --insecure takes any"
        case aiohttp.ClientConnectorSSLError():
            cause = f"the TLS handshake fails ({error.os_error.strerror or error.os_error})"
        case aiohttp.ClientConnectorError():
            refused = isinstance(error.os_error, ConnectionRefusedError)
            cause = "nothing listens there" if refused else str(error.os_error)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            cause = "the connection is closed before a response came"
        case aiohttp.ClientResponseError():
            if error.message.startswith("Got more than"):
                cause = f"a line of its head has more than {MAX_HEAD_BYTES} bytes"
                return f"{where} cannot be reached: {cause}; Chromium reads no such response"
            # Behind the colon comes a piece of the response, which may hold anybody's secrets.
            what = error.message.strip().partition(":")[0]
            cause = f"its response is not HTTP ({printable(what)})"
        case _:
            cause = str(error) or type(error).__name__
    return f"{where} cannot be reached: {cause}"
