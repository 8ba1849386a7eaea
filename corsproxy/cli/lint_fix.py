"""lint --fix and --diff: the safe edits, made or shown."""

import difflib
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from corsproxy.cli import NO, reason
from corsproxy.config import atomic_save
from corsproxy.config.diagnostics import Diagnostic, shown
from corsproxy.config.repair import Repair, repaired
from corsproxy.cors.secret_text import userinfo_starred

if TYPE_CHECKING:
    from corsproxy.cli.lint import Judged

Judge = Callable[[str, bytes], list[Diagnostic]]


def mend(judged: "Iterable[Judged]", judge: Judge) -> "tuple[list[Judged], bool]":
    """Make the edits and tell them; the files as they are then, and whether one was not written."""
    left, unwritten = [], False
    for file in judged:
        mended = repaired(file.content, partial(judge, file.name))
        try:
            if mended.repairs:
                atomic_save.replace(Path(file.name), file.content, mended.content)
        except OSError as error:
            print(f"{shown(file.name)}: cannot be written: {reason(error)}", file=sys.stderr)
            unwritten = True
            left.append(file)
        else:
            for repair in mended.repairs:
                print(_told(repair), file=sys.stderr)
            left.append(file._replace(content=mended.content, found=mended.left))
    return left, unwritten


def print_diff(judged: "Iterable[Judged]", judge: Judge) -> int:
    """Print what `mend` would change, as a patch; the exit code."""
    changed = 0
    for file in judged:
        mended = repaired(file.content, partial(judge, file.name))
        before, after = (
            content.decode("utf-8", "replace").splitlines(keepends=True)
            for content in (file.content, mended.content)
        )
        for line in difflib.unified_diff(before, after, file.name, file.name):
            ends = line.endswith("\n")
            print(line if ends else f"{line}\n\\ No newline at end of file\n", end="")
            changed = NO
    return changed


def _told(repair: Repair) -> str:
    one = repair.diagnostic
    before = userinfo_starred(repair.before.strip(" \t\r\n,"))
    what = f"{before} -> {repair.after}" if repair.after else f"{before} taken out"
    return f"{shown(str(one.span))}: fixed: {shown(what)} [{one.id}]"
