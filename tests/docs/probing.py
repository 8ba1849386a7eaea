"""What docs/probe.md shows of the program: reports that its tests know, and the audit's table."""

from pathlib import Path

from corsproxy.probe import audit as a
from corsproxy.probe.trials import UNKNOWN, Trial, trials

CASES = Path(__file__).parents[1] / "cases" / "probe"


def example() -> str:
    """The report of a preflight that grants too little."""
    told = (CASES / "refused.txt").read_text(encoding="utf-8").replace("PORT", "8000")
    return f"```text\n{told}```\n"


def verify() -> str:
    """The report of a server that makes some mistakes."""
    told = (CASES.with_name("verify") / "wrong.txt").read_text(encoding="utf-8")
    return f"```text\n{told}```\n"


def audit() -> str:
    """Each weakness, its grade with credentials and without, and what shows it."""
    each_once: dict[str, Trial] = {}
    for trial in (*UNKNOWN, *trials("https://api.example.com")):
        each_once.setdefault(trial.text, trial)
    rows = [
        f"| `{trial.id}` | {trial.worst}, {trial.mild} | `{trial.origin}` | {trial.text} |"
        for trial in each_once.values()
    ]
    rows += [
        f"| `{weakness.id}` | {weakness.grade} | any | {weakness.text} |"
        for weakness in (
            a.WILDCARD_WITH_CREDENTIALS,
            a.VARY_MISSING,
            a.VARY_MISSING_WITHOUT_ORIGIN,
            a.ANY_ORIGIN,
            a.FOREIGN_ORIGIN,
        )
    ]
    head = ["| weakness | grade with credentials, without | shown by | meaning |"]
    return "\n".join([*head, "| --- | --- | --- | --- |", *rows]) + "\n"
