"""load: file, variables and flags in; a Config and its warnings, or all mistakes at once, out.

The steps, each of which notes what is wrong and goes on with the rest:

1. YAML is composed into nodes, not loaded into values: each keeps its line and column, and nothing
   is converted behind our back (to `yaml.safe_load`, NO is false and a second key wins unseen).
2. Variables and flags replace whole nodes. They become nodes themselves, with a Span that names the
   flag, so that one reader and one wording serve all three sources.
3. The table in `schema` reads each node into a value.
4. The values make policies and routes; `cors.policy` has the last word on what is sound.
5. What is sound but contradicts itself is an error, what is merely unwise a warning (`lint`).

A mistake is noted and not raised, as an exception ends the reading and would tell of the first
only; NodeError is raised within one node and caught at its edge. What follows from a value that
could not be read is not told: `Values.unread` knows which those are. A library of models (pydantic)
reads types better than this does, but knows neither lines nor the fix, and these are what a user
reads.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy.config import certificate, listen_scheme, policy_file
from corsproxy.config import settings as s
from corsproxy.config.address import UpstreamAddress
from corsproxy.config.diagnostics import ConfigError, Diagnostic
from corsproxy.config.inputs import Given, add_quick_policy, from_tree, overlay
from corsproxy.config.lint import contradictions, rules
from corsproxy.config.routes import RouteReader
from corsproxy.config.schema import SETTINGS
from corsproxy.config.values import Values
from corsproxy.config.yaml_text.tree import Notes, Settings
from corsproxy.cors.span import Span

NO_UPSTREAM = UpstreamAddress("http", "upstream.invalid", 80)
"""Stands for an upstream where none is needed, because nothing is forwarded."""


class Loaded(NamedTuple):
    """A sound Config, and what is unwise about it, by place."""

    config: s.Config
    warnings: list[Diagnostic]


def load(
    path: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    *,
    offline: bool = False,
) -> Loaded:
    """The settings of the file at `path` (None for no file), of the variables and the flags.

    `flags` has values by key ("cors.allow_origins": text, bool, or tuple of texts). Raises
    ConfigError with every mistake, OSError for a file that cannot be read. `offline` is for those
    who forward nothing: a missing upstream is no mistake then, and NO_UPSTREAM stands for it.
    """
    content = None
    if path is not None:
        content = policy_file.read(path)
    loaded = load_text(content, str(path or ""), environ, flags, offline=offline)
    if policy_file.once(path):  # there is no file to name, to watch or to write to
        return loaded._replace(config=dataclasses.replace(loaded.config, source=None))
    return loaded


def load_text(
    content: bytes | None,
    source: str,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    *,
    offline: bool = False,
) -> Loaded:
    """As `load`, from the content of a file that diagnostics call `source`; None for no file."""
    notes = Notes(source)
    given = gather(content, notes, environ, flags)
    if content is None:
        add_quick_policy(given)
    config = build(given, notes, Path(source) if content is not None else None, offline=offline)
    rules.check_policies(config, notes)
    if content is not None:
        config = dataclasses.replace(config, text=content.decode("utf-8", "replace"))
    return Loaded(config, notes.sorted)


def gather(
    content: bytes | None, notes: Notes, environ: Mapping[str, str], flags: Mapping[str, Any]
) -> Given:
    """What was given, not read into values yet; ConfigError where `content` is no YAML.

    Mistakes are noted, for `build` to raise.
    """
    root = Settings({}, {}, Span(notes.source, 1, 1)) if content is None else None
    if content is not None:
        from corsproxy.config.yaml_text import reader  # imports yaml: not where there is no file

        root = reader.read(content, notes, environ)
    if root is None:
        raise ConfigError(notes.sorted)
    given = from_tree(root, SETTINGS, notes, also=("routes",))
    overlay(given, environ, flags, notes)
    return given


def build(given: Given, notes: Notes, source: Path | None, *, offline: bool = False) -> s.Config:
    """The Config of what was given; ConfigError with all that was noted, where any is a mistake."""
    config = _built(given, notes, source, offline)
    if config is None or notes.mistaken:
        raise ConfigError(notes.sorted)
    return config


def _built(given: Given, notes: Notes, source: Path | None, offline: bool) -> s.Config | None:
    found = Values.read(given, SETTINGS, notes)
    if "upstream" not in given.nodes and not offline:
        contradictions.note_no_upstream(notes, source)
    upstream = found.values.setdefault("upstream", NO_UPSTREAM)
    cors = found.cors()
    policy = cors.policy(notes)
    upstream_tls = s.UpstreamTls(**found.group("upstream_tls"))
    read = RouteReader(notes, upstream, policy, cors, upstream_tls)
    if (node := given.nodes.get("routes")) is not None:
        read.read(node)
    if policy is None:
        return None
    routes, places = read.finished(policy)
    top = found.group("")
    tls = s.Tls(auto=top.pop("tls", False), **found.group("tls"))
    top["listen"], tls = listen_scheme.settled(top.get("listen", (s.DEFAULT_LISTEN,)), tls)
    config = s.Config(
        **top,
        tls=tls,
        policy=policy,
        routes=routes,
        forward=s.Forward(
            **found.group("forward"),
            request_headers=s.HeaderChanges(**found.group("forward.request_headers")),
            response_headers=s.HeaderChanges(**found.group("forward.response_headers")),
        ),
        rewrite=s.Rewrite(**found.group("rewrite")),
        upstream_tls=upstream_tls,
        timeouts=s.Timeouts(**found.group("timeouts")),
        limits=s.Limits(**found.group("limits")),
        log=s.Log(**found.group("log")),
        source=source,
        spans=found.spans | places,
    )
    contradictions.check(config, notes)
    certificate.check(config, notes)
    return config
