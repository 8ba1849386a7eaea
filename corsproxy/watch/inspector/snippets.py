"""Snippets: what reproduces a request, from a shell and from a page. Secrets are masked."""

import json
import shlex

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.decision import Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.masking import masked, masked_text
from corsproxy.watch.message_head import Head, url_of

_CURLS_OWN = frozenset({"host", "connection", "content-length", "accept-encoding", "user-agent"})
_BROWSERS_OWN = frozenset(
    {
        "accept", "accept-language", "cache-control", "pragma", "user-agent", "priority",
        "upgrade-insecure-requests", "if-modified-since", "if-none-match",
    }
)  # fmt: skip


def snippets(exchange: Exchange, asked: Head) -> dict[str, str]:
    """A command for curl and a call of `fetch`."""
    address = masked_text(url_of(exchange, asked))
    return {"curl": _curl(exchange, address, asked), "fetch": _fetch(exchange, address, asked)}


def _curl(exchange: Exchange, address: str, asked: Head) -> str:
    headers = [(name, value) for name, value in masked(asked.headers) if _curl_sends(name.lower())]
    command = "curl -I" if exchange.method == "HEAD" else "curl -i"
    if exchange.method not in ("GET", "HEAD"):
        command += f" -X {shlex.quote(exchange.method)}"
    lines = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers]
    return " \\\n  ".join([f"{command} {shlex.quote(address)}", *lines])


def _curl_sends(name: str) -> bool:
    return name not in _CURLS_OWN and not name.startswith("sec-")


def _fetch(exchange: Exchange, address: str, asked: Head) -> str:
    """The call of the page; for a preflight the one that it was sent for."""
    request = exchange.decision.request
    if exchange.decision.kind is Kind.PREFLIGHT:
        method = request.requested_method or "GET"
        names = [name for name in f.elements(request.requested_names or "") if name]
        set_by_page = [(name, "...") for name in names]
    else:
        method = exchange.method
        set_by_page = [pair for pair in masked(asked.headers) if _page_sets(pair[0].lower())]
    options: dict[str, object] = {"method": method}
    if f.joined(asked.headers, "Cookie") is not None:
        options["credentials"] = "include"
    if set_by_page:
        options["headers"] = dict(set_by_page)
    return f"await fetch({json.dumps(address)}, {json.dumps(options, indent=2)})"


def _page_sets(name: str) -> bool:
    browsers = name in _BROWSERS_OWN or name in fetch.FORBIDDEN_REQUEST_NAMES
    return not browsers and not name.startswith(fetch.FORBIDDEN_REQUEST_PREFIXES)
