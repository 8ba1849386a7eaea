"""What programs write into the documentation: tables from the settings, help from the commands."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable

from corsproxy.cli.help_text import SECTIONS
from corsproxy.config.default_text import default_text
from corsproxy.config.lint import rules
from corsproxy.config.schema import GROUPS, ROUTE, SETTINGS, Setting
from corsproxy.gateways.conversion import registry
from tests.config.test_cases import CASES, ELSEWHERE
from tests.config.test_cases import mistakes as ids_of_mistakes
from tests.docs import catalogue, probing, pytest_page


def write(name: str) -> str:
    """The part called `name`; a help text is called by its command line, "corsproxy lint"."""
    return _WRITERS[name]() if name in _WRITERS else help_of(*name.split()[1:])


def help_of(*command: str) -> str:
    """What the program itself prints, at the usual width of a terminal, but for the settings."""
    done = subprocess.run(
        [sys.executable, "-m", "corsproxy", *command, "--help"],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```text\n{_without_settings(done.stdout)}```\n"


_SECTION = re.compile(rf"^({'|'.join(SECTIONS)}):\n(?:  .*\n)+\n?", re.MULTILINE)
"""The flags of settings that are about one thing, below their title."""


def _without_settings(told: str) -> str:
    """A help text that names the sections of settings, which the reference has."""
    titles = [section[1] for section in _SECTION.finditer(told)]
    kept = _SECTION.sub("", told).rstrip("\n")
    more = f"\n\n{', '.join(titles)}:\n  ... a flag for each setting: configuration.md"
    kept, mark, note = kept.partition("\n\nFlags of run")
    return f"{kept}{more if titles else ''}{mark}{note}\n"


def settings() -> str:
    """One table for the settings at the top, one for each group."""
    top = [setting for setting in SETTINGS if "." not in setting.key]
    parts = [_table(top)]
    for group, meaning in GROUPS.items():
        inside = [setting for setting in SETTINGS if setting.key.rpartition(".")[0] == group]
        if inside:
            parts.append(f"### `{group}`\n\n{meaning}\n\n{_table(inside)}")
    return "\n".join(parts)


def routes() -> str:
    """The settings that only a route has; it inherits those of `cors`."""
    own = [setting for setting in ROUTE if not setting.key.startswith("cors.")]
    rows = [f"| `{setting.key}` | {_cell(setting.help)} |" for setting in own]
    return _lines(["| in the file | meaning |", "| --- | --- |", *rows])


def warnings() -> str:
    """Each rule's reason, and the example that its own test knows."""
    found = (*rules.POLICY_RULES, *rules.LIST_RULES, *rules.PROXY_RULES)
    return "\n".join(
        _example(rule.__name__.replace("_", "-"), f"{_reason(rule)}\n\n") for rule in found
    )


def mistakes() -> str:
    """Each mistake's example; its message is its reason."""
    return "\n".join(_example(id_) for id_ in sorted(ids_of_mistakes() - ELSEWHERE))


def _example(id_: str, reason: str = "") -> str:
    told = (
        (CASES / f"{id_}.out").read_text(encoding="utf-8").replace(f"{id_}.yaml:", "policy.yaml:")
    )
    return f"### {id_}\n\n{reason}```text\n{told}```\n"


def _reason(rule: object) -> str:
    assert rule.__doc__
    return _cell(" ".join(rule.__doc__.partition("\n\n")[0].split()))


def _table(rows: Iterable[Setting]) -> str:
    head = ["| in the file | flag and variable | default | meaning |", "| --- | --- | --- | --- |"]
    return _lines([*head, *(_row(setting) for setting in rows)])


_UNUSUAL = {
    "upstream": "must be given",
    "tls": "`auto` for https addresses, else none",
}


def _row(setting: Setting) -> str:
    negated = f"`--no-{setting.flag}` " if setting.kind.switch else ""
    given = f"`--{setting.flag}` {negated}`{setting.variable}`"
    choices = setting.kind.schema.get("enum")
    one_of = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    default = _UNUSUAL.get(setting.key) or _shown(setting)
    return f"| `{setting.key}` | {given} | {default} | {_cell(setting.help)}{one_of} |"


def _shown(setting: Setting) -> str:
    default = default_text(setting)
    return f"`{default}`" if default else "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def emulated() -> str:
    """Each gateway that can be emulated, and from where it is known what it does."""
    rows = [(name, registry.gateway(name)) for name in registry.names()]
    lines = [
        f"| `{name}` | {_cell(one.title)} | {_cell(one.profile.source)} | "
        f"{'seen' if one.profile.observed else 'documented'} |"
        for name, one in rows
        if one.profile is not None
    ]
    return _lines(["| name | gateway | known from | |", "| --- | --- | --- | --- |", *lines])


_WRITERS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "routes": routes,
    "warnings": warnings,
    "mistakes": mistakes,
    "reasons": catalogue.reasons,
    "console messages": catalogue.console_messages,
    "probe example": probing.example,
    "audit": probing.audit,
    "verify example": probing.verify,
    "emulated": emulated,
    "pytest failure": pytest_page.failure,
}
