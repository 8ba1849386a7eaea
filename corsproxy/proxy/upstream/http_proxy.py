"""The way to an upstream through an HTTP proxy, as companies have them.

To an https upstream the proxy opens a tunnel (CONNECT; RFC 9110, 9.3.6), and TLS is ours from end
to end. Requests to an http upstream go to the proxy itself, with the whole URL as their target
(RFC 9112, 3.2.2): `Destination.target`. Nothing on this machine is reached that way.
"""

import asyncio
import socket
import urllib.request
from collections.abc import Callable

from corsproxy.config.address import AddressError, HttpProxy, UpstreamAddress
from corsproxy.config.settings import ENVIRONMENT
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.proxy.http1.response_head import quoted
from corsproxy.proxy.upstream.failure import UpstreamFailure

MAX_HEAD = 65536
"""Bytes of a proxy's response to CONNECT."""


def proxy_for(setting: HttpProxy | str | None, upstream: UpstreamAddress) -> HttpProxy | None:
    """The proxy on the way to `upstream`; None for none.

    With ENVIRONMENT it is HTTPS_PROXY's (http_proxy's for http, ALL_PROXY's for both), unless
    NO_PROXY names the host; read as by urllib, and so by most of Python. Raises OSError for
    a variable that names no proxy.
    """
    if setting is None or upstream.path is not None or is_loopback_host(upstream.host):
        return None
    if isinstance(setting, HttpProxy):
        return setting
    assert setting == ENVIRONMENT
    known = urllib.request.getproxies_environment()
    url = known.get(upstream.scheme) or known.get("all")
    if not url or _excepted(f"{upstream.host}:{upstream.port}"):
        return None
    try:
        return HttpProxy.parse(url)
    except AddressError as error:
        raise OSError(f"upstream_proxy: {upstream.scheme.upper()}_PROXY: {error.message}") from None


_excepted: Callable[[str], bool] = getattr(urllib.request, "proxy_bypass_environment")  # noqa: B009
"""By NO_PROXY; documented, and not in the types of the standard library."""


async def connect(sock: socket.socket, proxy: HttpProxy, upstream: UpstreamAddress) -> None:
    """Have `proxy`, at the other end of `sock`, open a tunnel to `upstream`.

    Raises UpstreamFailure where it does not, OSError where the connection is lost.
    """
    target = f"{upstream.host}:{upstream.port}"
    if ":" in upstream.host:
        target = f"[{upstream.host}]:{upstream.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head:
        data = await loop.sock_recv(sock, MAX_HEAD)
        head += data
        if not data or len(head) > MAX_HEAD:
            raise UpstreamFailure("proxy", upstream, f"{proxy} says {quoted(head)}")
    version, _, rest = head.partition(b" ")
    end = head.index(b"\r\n\r\n") + 4
    if not version.startswith(b"HTTP/1.") or rest[:1] != b"2" or len(head) > end:
        raise UpstreamFailure("proxy", upstream, f"{proxy} says {quoted(head)}")
