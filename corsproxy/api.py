"""What the package offers as functions: settings loaded, and what would happen, explained."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy.config import loading
from corsproxy.config.diagnostics import Diagnostic
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.decision import decide
from corsproxy.cors.explain import check_json, findings_text, scene, scene_json, scene_text
from corsproxy.cors.explain.scene_text import check_lines
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    settings: Mapping[str, str | bool | tuple[str, ...]] | None = None,
    environ: Mapping[str, str] | None = None,
    on_warning: Callable[[Diagnostic], object] | None = None,
) -> Config:
    """Load a policy file and return its settings, as `corsproxy run -c FILE` would.

    `path` names the file; `text` is the content of one instead. Without either, `settings` must
    name the upstream. `settings` has values by key, spelled as flags are; they win over the file.
    `environ` is where `${NAME}` and the variables `CORSPROXY_...` are looked up: nothing, unless it
    is given, so pass `os.environ` for what the command does. `on_warning` is called with each
    warning.

    Raises ConfigError with every error at once, each with its line, column and fix; OSError for a
    file that cannot be read; TypeError for both `path` and `text`.

    >>> config = load(
    ...     text="upstream: http://127.0.0.1:8000",
    ...     settings={"listen": "127.0.0.1:0", "cors.allow_origins": ("https://app.example",)},
    ... )
    >>> config.policy.allow_origins
    Origins(https://app.example)
    """
    if path is not None and text is not None:
        raise TypeError("load() takes a path or a text, not both")
    flags, variables = settings or {}, environ or {}
    if text is not None:
        loaded = loading.load_text(text.encode(), "<text>", variables, flags)
        loaded = loaded._replace(config=replace(loaded.config, source=None))
    else:
        loaded = loading.load(None if path is None else Path(path), variables, flags)
    if on_warning is not None:
        for warning in loaded.warnings:
            on_warning(warning)
    return loaded.config


class Explanation(NamedTuple):
    """What `explain` found out.

    `allowed` is whether the page reads the response (of an `Attempt`), or whether every check
    passed (of a `Request`). `text` is for people. `data` is the same for programs: what
    `corsproxy explain --format json` prints, of JSON types only; its keys are stable.

    >>> policy = Policy.from_lists(origins=["https://app.example"])
    >>> explain(policy, Attempt("https://app.example", "GET")).allowed
    True
    """

    allowed: bool
    text: str
    data: dict[str, Any]


def explain(policy: Policy, what: Attempt | Request, own_origin: str = "") -> Explanation:
    """Explain what `policy` makes of a page's call (Attempt), or of a single request (Request).

    An Attempt is followed to its end: preflight, actual request, and what the browser does with
    each response. A Request is judged by itself, and nothing is said of browsers. No socket is
    opened. `own_origin` is the gateway's origin, as pages name it; an Attempt from there is not a
    CORS request.

    >>> policy = Policy.from_lists(origins=["https://app.example"], methods=["PUT"])
    >>> found = explain(policy, Attempt("https://app.example:8443", "PUT"))
    >>> found.allowed
    False
    >>> found.data["reasons"][0]["id"]
    'origin-not-allowed'
    >>> print(explain(policy, Request("GET", "https://app.example")).text, end="")
    passed  origin  the origin 'https://app.example' is allowed
    passed  method  the method GET never needs allowing
    """
    if isinstance(what, Attempt):
        found = scene(policy, what, own_origin)
        return Explanation(found.readable, scene_text(found), scene_json(found))
    decision = decide(policy, what)
    checks = findings_text(policy, decision)
    lines = [line.strip() for check in checks for line in check_lines(check)]
    data = {
        "kind": decision.kind.value,
        "action": decision.action.value,
        "status": decision.status,
        "checks": [check_json(check) for check in checks],
        "headers": [list(header) for header in decision.headers],
        "vary": list(decision.vary),
    }
    return Explanation(not decision.refused, "".join(f"{line}\n" for line in lines), data)
