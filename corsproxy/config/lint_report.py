"""What lint found, for programs: JSON, and SARIF, which code hosts and editors show."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from corsproxy import __version__
from corsproxy.config.diagnostics import Diagnostic, Severity, as_json
from corsproxy.config.lint import rules
from corsproxy.config.repair import Replacement

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class LintResult(NamedTuple):
    """One error or warning, and the edit that its fix is, where it is one."""

    diagnostic: Diagnostic
    replacement: Replacement | None


def render_json(results: Iterable[LintResult]) -> str:
    """A list with one object each."""
    return _text([_object(result) for result in results])


def render_sarif(results: Sequence[LintResult]) -> str:
    """One run, of the Static Analysis Results Interchange Format, version 2.1.0 (OASIS)."""
    ids = list(dict.fromkeys(result.diagnostic.id for result in results))
    driver = {"name": "corsproxy", "version": __version__, "rules": list(map(_rule, ids))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, ids) for result in results],
    }
    return _text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _text(data: Any) -> str:
    return json.dumps(data, indent=2) + "\n"


def _object(result: LintResult) -> dict[str, Any]:
    one, edit = result
    data = as_json(one)
    fix = data.pop("fix")
    end = {"end_line": one.span.line, "end_column": _end_column(one)}
    return data | end | {"fix": fix, "replacement": edit._asdict() if edit else None}


def _end_column(one: Diagnostic) -> int:
    """Behind the last character that is marked, none of which is beyond the line's end."""
    span = one.span
    return span.column + span.length if span.line else 0


def _rule(id_: str) -> dict[str, Any]:
    return {"id": id_, "shortDescription": {"text": _reasons().get(id_, id_.replace("-", " "))}}


def _reasons() -> dict[str, str]:
    """Why there is a warning, by its id."""
    found = (*rules.POLICY_RULES, *rules.LIST_RULES, *rules.PROXY_RULES)
    return {
        rule.__name__.replace("_", "-"): " ".join((rule.__doc__ or "").split()) for rule in found
    }


def _result(result: LintResult, ids: list[str]) -> dict[str, Any]:
    one, edit = result
    told = one.message + (f"\nfix: {one.fix}" if one.fix else "")
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(one.span.source)}}
    if one.span.line:
        place = (one.span.line, one.span.column)
        location["region"] = _region(*place, one.span.line, _end_column(one))
    found = {
        "ruleId": one.id,
        "ruleIndex": ids.index(one.id),
        "level": "error" if one.severity is Severity.ERROR else "warning",
        "message": {"text": told},
        "locations": [{"physicalLocation": location}],
    }
    return found | ({"fixes": [_fix(one, edit)]} if edit else {})


def _fix(one: Diagnostic, edit: Replacement) -> dict[str, Any]:
    change = {
        "artifactLocation": {"uri": _uri(one.span.source)},
        "replacements": [
            {"deletedRegion": _region(*edit[:4]), "insertedContent": {"text": edit.text}}
        ],
    }
    return {"description": {"text": str(one.fix)}, "artifactChanges": [change]}


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    places = {"startLine": line, "startColumn": column}
    return places | {"endLine": end_line, "endColumn": end_column}


def _uri(source: str) -> str:
    """A path as a URI: relative ones stay so, as code hosts want them."""
    path = Path(source)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
