"""`--help`: the flags of a command by what they are about, none wider than a terminal."""

from collections.abc import Iterable
from typing import Any

import click

from corsproxy.config.schema import Setting

SECTIONS = {
    "Policy": ("cors",),
    "Listening": ("listen", "tls", "allowed_hosts", "admin", "trusted_proxies"),
    "Forwarding": ("upstream", "forward", "rewrite", "upstream_proxy", "fast_lane"),
    "Upstream's certificate": ("upstream_tls",),
    "Limits": ("timeouts", "limits"),
    "Logging": ("log", "har"),
}
"""The titles of what settings are about, and the groups of settings below each."""

_TITLES = {group: title for title, groups in SECTIONS.items() for group in groups}


_KEPT = "\xa0"
"""Stands for a space at which no line is broken."""


class SettingFlag(click.Option):
    """The flag of one setting: its help tells its variable and its default, too."""

    def __init__(self, *names: Any, setting: Setting, **given: Any) -> None:
        super().__init__(*names, **given)
        self.setting = setting

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The flag, and what it means."""
        from corsproxy.config.default_text import default_text

        if (record := super().get_help_record(ctx)) is None:
            return None
        flag, meaning = record
        default = default_text(self.setting)
        last = f"; default:{_KEPT}{default}" if default else ""
        return flag, f"{meaning}  [env{_KEPT}var: {self.setting.variable}{last}]"


class Command(click.Command):
    """A command whose help has a section for the settings of each kind."""

    def get_help(self, ctx: click.Context) -> str:
        """All of it."""
        return super().get_help(ctx).replace(_KEPT, " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Its own flags first; settings that mean nothing to it are not shown."""
        for title, rows in sections_of(self, ctx).items():
            with formatter.section(title):
                formatter.write_dl(rows)
        if any(isinstance(flag, SettingFlag) and flag.hidden for flag in self.params):
            formatter.write_paragraph()
            formatter.write_text("Flags of run that mean nothing here are not shown.")


def sections_of(command: click.Command, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
    """The flags of a command that are shown and their meanings, below their titles."""
    sections: dict[str, list[tuple[str, str]]] = {"Options": []}
    sections |= {title: [] for title in SECTIONS}
    for flag in command.get_params(ctx):
        if isinstance(flag, click.Option) and (record := flag.get_help_record(ctx)) is not None:
            sections[_title(flag)].append(record)
    return {title: rows for title, rows in sections.items() if rows}


def _title(flag: click.Option) -> str:
    return _TITLES[group_of(flag.setting)] if isinstance(flag, SettingFlag) else "Options"


def group_of(setting: Setting) -> str:
    """The part of a policy file that the setting stands in: "cors"."""
    return setting.key.partition(".")[0]


def write_commands(
    formatter: click.HelpFormatter,
    sections: dict[str, tuple[str, ...]],
    meanings: dict[str, str],
) -> None:
    """The commands below the title of each section, their meanings in one column."""
    width = _widest(meanings)
    for title, names in sections.items():
        with formatter.section(title):
            formatter.write_dl([(f"{name:{width}}", meanings[name]) for name in names])


def _widest(words: Iterable[str]) -> int:
    return max(map(len, words))
