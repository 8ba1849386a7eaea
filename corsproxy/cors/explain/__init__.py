"""Decision and Verdict in words and JSON: one wording for log, inspector, shell and responses."""

from corsproxy.cors.explain.exchanges import (
    exchange_differences,
    exchange_json,
    exchange_notices,
    exchange_outcome,
)
from corsproxy.cors.explain.findings import ExplainedCheck, explanations, findings_text
from corsproxy.cors.explain.notices import before_any_request, notices, preflights_still_cached
from corsproxy.cors.explain.outcome import (
    NETWORK_ERROR,
    Outcome,
    blocked_by,
    consoles,
    differing,
    explained_verdict,
    outcome,
    with_outcomes,
)
from corsproxy.cors.explain.scene import Scene, SceneStep, scene
from corsproxy.cors.explain.scene_text import check_json, reason_json, scene_json, scene_text

__all__ = [
    "NETWORK_ERROR",
    "ExplainedCheck",
    "Outcome",
    "Scene",
    "SceneStep",
    "before_any_request",
    "blocked_by",
    "check_json",
    "consoles",
    "differing",
    "exchange_differences",
    "exchange_json",
    "exchange_notices",
    "exchange_outcome",
    "explained_verdict",
    "explanations",
    "findings_text",
    "notices",
    "outcome",
    "preflights_still_cached",
    "reason_json",
    "scene",
    "scene_json",
    "scene_text",
    "with_outcomes",
]
