"""The two ends that a Connection talks to: who gets the response, and who keeps its books."""

from typing import Protocol, TypeVar

from corsproxy.proxy.http1.response_head import ResponseHead
from corsproxy.proxy.upstream.cures import Upstream
from corsproxy.proxy.upstream.failure import UpstreamFailure

C_contra = TypeVar("C_contra", contravariant=True)


class Receiver(Protocol):
    """Who a response is for. All of it is called from within the event loop, none of it awaits."""

    def on_interim(self, head: ResponseHead) -> None:
        """A 1xx head; the final one follows."""

    def on_head(self, head: ResponseHead) -> None:
        """The final head, or 101."""

    def on_whole(self, head: ResponseHead, content: bytes) -> None:
        """A final head and all of its content, which came in one piece: there is no more."""

    def on_more(self) -> None:
        """What came together with the head is handed over, and the response goes on."""

    def on_data(self, data: bytes) -> None:
        """Content; with its framing if the request was started `verbatim`."""

    def on_end(self) -> None:
        """The response is complete. The connection is not this receiver's any more."""

    def on_failure(self, failure: UpstreamFailure) -> None:
        """There will be no more of it. The connection is gone."""

    def on_blocked(self) -> None:
        """The upstream takes no more for now: write nothing."""

    def on_writable(self) -> None:
        """It does again."""


class Owner(Protocol[C_contra]):
    """Who keeps a connection's books: its Upstream."""

    max_head: int
    speaks_http10: bool
    """Whether its last response that told was in HTTP/1.0, which knows no chunks."""

    @property
    def address(self) -> Upstream: ...

    def opened(self, connection: C_contra) -> None: ...

    def free(self, connection: C_contra) -> None: ...

    def lost(self, connection: C_contra) -> None: ...
