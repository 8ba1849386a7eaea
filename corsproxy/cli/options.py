"""Flags for every setting, made from the table of settings."""

import functools
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from corsproxy.cli.help_text import SettingFlag, group_of
from corsproxy.cli.value_completion import files, of_setting
from corsproxy.config.loading import Loaded, load
from corsproxy.config.schema import SETTINGS, Setting


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the settings come from; `load` reads them anew each time, for a reload."""

    path: Path | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def given(self) -> bool:
        """Whether a file or a flag says anything, so that there is a policy to ask."""
        return self.path is not None or bool(self.flags)

    def load(self, *, offline: bool = False) -> Loaded:
        """The settings and warnings; as `config.load`."""
        return load(self.path, self.environ, self.flags, offline=offline)


def settings(
    command: Callable[..., Any], *, own: Collection[str] = (), shown: Collection[str] | None = None
) -> Callable[..., Any]:
    """Give `command` the flags -c, --print-config and one per setting; it receives `sources`.

    The settings in `own` have no flag here, since the command means something else by it. Help
    tells of the groups in `shown` only, or of all; the others are taken nevertheless, so that a
    command line of `run` serves here, too.
    """
    flagged_settings = [setting for setting in SETTINGS if setting.key not in own]

    @functools.wraps(command)
    def wrapped(*args: Any, config: Path | None, print_config: bool, **given: Any) -> Any:
        flags = {setting.key: given.pop(_parameter(setting)) for setting in flagged_settings}
        chosen = {key: value for key, value in flags.items() if value not in (None, ())}
        sources = Sources(config, chosen)
        if print_config:
            from corsproxy.config.config_writer import to_yaml

            print(to_yaml(sources.load().config), end="")
            return 0
        return command(*args, sources=sources, **given)

    flagged: Callable[..., Any] = wrapped
    for setting in reversed(flagged_settings):
        hidden = shown is not None and group_of(setting) not in shown
        flagged = _option(setting, hidden=hidden)(flagged)
    flagged = click.option(
        "--print-config",
        is_flag=True,
        hidden=shown is not None,
        help="Print the settings as a policy file, and exit.",
    )(flagged)
    return click.option(
        "-c",
        "--config",
        type=click.Path(path_type=Path, readable=False),  # an unreadable file is no wrong usage
        envvar="CORSPROXY_CONFIG",
        shell_complete=files,
        show_envvar=True,
        help="The policy file. Flags win over variables, and these win over it.",
    )(flagged)


def _parameter(setting: Setting) -> str:
    return setting.flag.replace("-", "_")


def _option(
    setting: Setting, *, hidden: bool
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    name, parameter = f"--{setting.flag}", _parameter(setting)
    if setting.kind.switch:
        return click.option(
            f"{name}/--no-{setting.flag}",
            parameter,
            cls=SettingFlag,
            setting=setting,
            default=None,
            hidden=hidden,
            help=setting.help,
        )
    repeated = " Repeat for more." if setting.kind.many else ""
    return click.option(
        name,
        parameter,
        cls=SettingFlag,
        setting=setting,
        multiple=setting.kind.many,
        metavar=setting.kind.metavar,
        shell_complete=of_setting(setting),
        hidden=hidden,
        help=setting.help + repeated,
    )
