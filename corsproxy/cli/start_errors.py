"""Why `run` cannot start, told as JSON where the log is for programs."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from corsproxy.cli import reason
from corsproxy.cli.options import Sources
from corsproxy.config import policy_file
from corsproxy.config.diagnostics import ConfigError, as_json
from corsproxy.config.yaml_text.tree import Notes, Scalar, Settings

_JSON = "json"


def told(sources: Sources, error: Exception) -> bool:
    """Print the error as the log would; whether it was: not where the log is for people."""
    if not _wants_json(sources):
        return False
    from corsproxy.watch.log.json_lines import JsonLines

    for data in _data(error):
        print(JsonLines().event("error", data, time.time()), file=sys.stderr)
    return True


def _data(error: Exception) -> Iterator[Mapping[str, Any]]:
    if isinstance(error, ConfigError):
        yield from map(as_json, error.diagnostics)
    else:
        yield {"text": reason(error) if isinstance(error, OSError) else str(error)}


def _wants_json(sources: Sources) -> bool:
    """By flag or variable; else by the file, as far as it can be read."""
    said = sources.flags.get("log.format") or sources.environ.get("CORSPROXY_LOG_FORMAT")
    return (said or _in_file(sources)) == _JSON


def _in_file(sources: Sources) -> str | None:
    if sources.path is None or policy_file.once(sources.path):
        return None
    from corsproxy.config.yaml_text import reader

    try:
        root = reader.read(policy_file.read(sources.path), Notes(), sources.environ)
    except OSError:
        return None
    log = root.values.get("log") if root is not None else None
    form = log.values.get("format") if isinstance(log, Settings) else None
    return form.text if isinstance(form, Scalar) else None
