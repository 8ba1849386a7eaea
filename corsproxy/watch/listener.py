"""Listener: the admin address's connections, under limits and timeouts like the gateway's own.

A connection is idle (no request, or a head that has not ended), busy (a handler is at work) or
ending. Idle: aiohttp ends it after KEEPALIVE_TIMEOUT, however slowly it sends; where connections
are scarce it gives way (`accept.connection_limit`). Busy: whoever does not take the response is cut
off after WRITE_TIMEOUT. In each state what a client sends counts from the beginning of the last
request: the head has `limits.header_bytes`, and nothing here takes content.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import LineTooLong

from corsproxy.accept.connection_limit import ConnectionLimit, client_of
from corsproxy.limits import KEEPALIVE_TIMEOUT, LINGERING_TIME_AFTER_ERROR, MAX_FIELDS
from corsproxy.watch.guard import Guard, problem_response
from corsproxy.watch.watcher_errors import WatcherErrors

WRITE_TIMEOUT = 20.0
"""Seconds in which a client takes nothing of what waits for it, after which it loses its place."""

logger = logging.getLogger(__name__)


class Sent(web.StreamResponse):
    """Stands for a response that is on the wire already; the connection ends after it."""

    @property
    def keep_alive(self) -> bool:
        """Never."""
        return False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:  # noqa: ARG002
        """Write nothing."""
        return None

    async def write_eof(self, data: Any = b"") -> None:
        """Write nothing."""


class AdminConnection(web.RequestHandler):
    """One client's connection. No page and no log line of aiohttp's own is ever seen."""

    __slots__ = (
        *("_begun", "_busy", "_ending", "_faults", "_received", "_room", "_since", "_timer"),
        *("_open", "_why_refused"),
    )

    def __init__(
        self,
        server: "AdminServer",
        faults: WatcherErrors,
        room: ConnectionLimit,
        max_bytes: int,
        why_refused: str,
    ) -> None:
        how: dict[str, Any] = {
            "loop": asyncio.get_running_loop(),
            "keepalive_timeout": KEEPALIVE_TIMEOUT,
            "lingering_time": LINGERING_TIME_AFTER_ERROR,
            "access_log": None,
            "logger": logger,
            "max_line_size": max_bytes,
            "max_field_size": max_bytes,
            "max_headers": MAX_FIELDS,
        }
        super().__init__(server, **how)
        self._faults = faults
        self._room = room
        self._why_refused = why_refused
        self._open = cast("asyncio.Transport", None)  # aiohttp forgets it before it is closed
        self._since = time.monotonic()  # idle for so long, where it is not busy
        self._received = 0
        self._begun = self._busy = self._ending = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open = cast("asyncio.Transport", transport)
        super().connection_made(transport)
        if self._why_refused:
            self._room.refuse(self)
            self._end(problem_response(503, f"{self._why_refused}: close one"))
        else:
            self._room.enter(self, client_of(transport.get_extra_info("peername")))

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._ending:
            return
        if self._received <= self.max_line_size:
            super().data_received(data)
        else:
            self._begun = self._begun or self._busy
            self._end(self._too_large())

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        self._room.leave(self)
        self._room.dismiss(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits for the client than it has taken."""
        super().pause_writing()
        self._abort_after(WRITE_TIMEOUT)

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._ending:
            self._stop_timer()

    def begin(self) -> None:
        """A request has been read: what comes from now on belongs to the next one."""
        self._received = 0
        self._busy, self._begun = True, False

    def begin_response(self) -> None:
        """The head of a response leaves: a stream's, where its handler is still at work."""
        self._begun = self._busy

    def done(self) -> None:
        """The handler has ended."""
        self._busy = self._begun = False
        self._since = time.monotonic()

    def idle_for(self) -> float:
        return 0.0 if self._busy or self._ending else time.monotonic() - self._since

    def give_way(self) -> None:
        """What the client has not taken by now it does not get any more."""
        self._open.abort()

    @property
    def begun(self) -> bool:
        """Whether a second head would be taken for content."""
        return self._begun

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """The response to what aiohttp could not read: never its own, which quotes the request."""
        if status == 500:
            self._end(problem_response(500, "the inspector failed; the log says where"))
        elif isinstance(exc, LineTooLong):
            self._end(self._too_large())
        else:
            self._end(problem_response(400, "this is not an HTTP/1.1 request"))
        return Sent()

    def log_exception(self, *args: Any, **kw: Any) -> None:  # noqa: ARG002 - it quotes the request
        """What fails outside of a handler is noted, and nothing of the request."""
        if isinstance(error := kw.get("exc_info"), BaseException):
            self._faults.note("admin", error)

    def _too_large(self) -> web.Response:
        max_bytes = self.max_line_size
        message = f"the request is larger than {max_bytes} bytes (limits.header_bytes)"
        return problem_response(431, message)

    def _end(self, response: web.Response) -> None:
        """Answer without aiohttp, which takes what it cannot read for HTTP/1.0; then end."""
        self._ending = True
        transport = self.transport
        if transport is None:
            return
        if self._begun:
            transport.abort()  # a second head would be taken for content
            return
        self._abort_after(LINGERING_TIME_AFTER_ERROR)
        body = cast("bytes", response.body)
        headers = {**response.headers, "Content-Length": len(body), "Connection": "close"}
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        if transport.can_write_eof():
            transport.write_eof()

    def _abort_after(self, seconds: float) -> None:
        transport = self.transport
        if transport is not None:
            self._stop_timer()
            self._timer = asyncio.get_running_loop().call_later(seconds, transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class AdminServer(web.Server):
    """The protocol factory of the admin address; `application` is what serves behind the guard."""

    def __init__(
        self,
        application: web.Server,
        guard: Guard,
        faults: WatcherErrors,
        room: ConnectionLimit,
        header_bytes: Callable[[], int],
    ) -> None:
        super().__init__(
            self._handle, request_factory=application.request_factory, handler_cancellation=True
        )
        self._serve = application.request_handler
        self._guard = guard
        self._faults = faults
        self._header_bytes = header_bytes
        self._room = room

    def connection(self, client: str) -> AdminConnection:
        """The protocol of a new connection."""
        why = self._room.refusal(client)
        return AdminConnection(self, self._faults, self._room, self._header_bytes(), why)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = cast("AdminConnection", request.protocol)
        connection.begin()
        try:
            return await self._respond(request)
        finally:
            connection.done()

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        """The response of the application, or one that says in a sentence why there is none."""
        try:
            return await self._guard.check(request, self._serve)
        except web.HTTPException as error:
            allow = error.headers.get("Allow")
            sentence = f"it takes {allow}" if allow else "nothing is served at this address"
            response = problem_response(error.status, sentence)
            if allow:
                response.headers["Allow"] = allow
        except ConnectionError:
            raise  # the client has gone
        except Exception as error:  # noqa: BLE001 - whatever a handler does, the server goes on
            self._faults.note("admin", error)
            if cast("AdminConnection", request.protocol).begun:
                raise ConnectionResetError from None  # ends the connection, and is told to nobody
            response = problem_response(500, "the inspector failed; the log says where")
        return response


async def note_begun(request: web.Request, _: web.StreamResponse) -> None:
    """For `on_response_prepare`."""
    cast("AdminConnection", request.protocol).begin_response()
