"""Decision and Verdict in words and JSON: one wording for log, inspector, shell and responses."""

from corsproxy.cors.explain.exchanges import (
    exchange_differences,
    exchange_json,
    exchange_notices,
    exchange_outcome,
)
from corsproxy.cors.explain.findings import Explained, explanations, findings_text
from corsproxy.cors.explain.notices import before_any_request, notices, preflights_still_cached
from corsproxy.cors.explain.outcome import (
    Outcome,
    blocked_by,
    consoles,
    differing,
    outcome,
    told_verdict,
    with_outcomes,
)
from corsproxy.cors.explain.scene import Scene, Step, scene
from corsproxy.cors.explain.scene_text import check_json, scene_json, scene_text, told_json

__all__ = [
    "Explained",
    "Outcome",
    "Scene",
    "Step",
    "before_any_request",
    "blocked_by",
    "check_json",
    "consoles",
    "differing",
    "exchange_differences",
    "exchange_json",
    "exchange_notices",
    "exchange_outcome",
    "explanations",
    "findings_text",
    "notices",
    "outcome",
    "preflights_still_cached",
    "scene",
    "scene_json",
    "scene_text",
    "told_json",
    "told_verdict",
    "with_outcomes",
]
