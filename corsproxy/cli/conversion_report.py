"""What a conversion loses, as errors of the file that was read; and where its text goes."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from corsproxy.cli import NO
from corsproxy.config.colour import wants_colour
from corsproxy.config.diagnostics import Diagnostic, Severity, render
from corsproxy.gateways.conversion.gateway import Loss


def report(losses: Sequence[Loss], text: str | None, *, accepted: bool) -> None:
    """Print each loss with its place in `text`, the file that was read, on standard error."""
    lines = (text or "").splitlines()
    severity = Severity.WARNING if accepted else Severity.ERROR
    found = [
        Diagnostic(
            "lost-in-conversion",
            severity,
            f"{loss.setting}: {loss.effect}",
            loss.place,
            loss.fix,
            lines[loss.place.line - 1] if 0 < loss.place.line <= len(lines) else "",
        )
        for loss in losses
    ]
    print(render(found, colour=wants_colour(sys.stderr, os.environ)), end="", file=sys.stderr)


def deliver(text: str, output: Path | None, *, lossy: bool, accepted: bool) -> int:
    """Write `text` to `output`, else to standard output; nothing of what is lossy, unasked."""
    if lossy and not accepted:
        print(
            "nothing is written\n  fix: mend these, or --allow-lossy to do without them",
            file=sys.stderr,
        )
        return NO
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, "utf-8")
    return 0
