"""The man pages, written from the commands and the table of settings, in man(7)."""

import inspect
import re
from collections.abc import Iterable, Iterator
from importlib import import_module

import click

from corsproxy import __version__
from corsproxy.cli import COMMANDS, SECTIONS, commands
from corsproxy.cli.help_text import sections_of
from corsproxy.config.default_text import default_text
from corsproxy.config.schema import GROUPS, ROUTE, SETTINGS, Setting

_QUOTED = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"(?<![\w-])(--?[\w][\w-]*|[^\s,/]+)")

EXIT_CODES = {
    "0": "Fine: served and stopped, no errors, readable.",
    "1": "Errors in the settings; or blocked, not healthy, lossy without --allow-lossy.",
    "2": "Wrong usage of the command line, or no HAR where one is expected.",
    "3": "It could not run: a port that is taken, a file that cannot be read.",
    "130": "Interrupted: Ctrl-C, or run told to stop a second time.",
}
VARIABLES = {
    "CORSPROXY_CONFIG": "The policy file, where -c names none.",
    "CORSPROXY_...": "Each setting has a variable, called as its flag: CORSPROXY_ALLOW_ORIGIN is "
    "--allow-origin. Elements of a list are separated by commas. Flags win over variables, and "
    "these over the file.",
    "NO_COLOR, FORCE_COLOR": "No colour at all; colour where standard output is no terminal.",
}


def pages() -> dict[str, str]:
    """Each page, by the name of its file."""
    found = {f"man1/corsproxy-{name}.1": _lines(_command(name)) for name in COMMANDS}
    return found | {
        "man1/corsproxy.1": _lines(_program()),
        "man5/corsproxy-policy.5": _lines(_policy()),
    }


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _program() -> Iterator[str]:
    yield from _head("corsproxy", 1, "CORS, from localhost to production, from one policy file")
    yield from (".SH SYNOPSIS", r".B corsproxy", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]...")
    yield from (".SH DESCRIPTION", *_paragraphs(commands.help or ""))
    for title, names in SECTIONS.items():
        yield f".SS {_roff(title)}"
        for name in names:
            yield from _term(f"{_bold(f'corsproxy-{name}')}(1)", COMMANDS[name])
    own = click.Context(commands, info_name="corsproxy", **commands.context_settings)
    yield from _options(commands, own)
    yield ".SH EXIT STATUS"
    for code, meaning in EXIT_CODES.items():
        yield from _term(_bold(code), meaning)
    yield ".SH ENVIRONMENT"
    for name, meaning in VARIABLES.items():
        yield from _term(_bold(name), meaning)
    yield from _see("corsproxy-run(1)", "corsproxy-policy(5)")


def _command(name: str) -> Iterator[str]:
    command = import_module(f"corsproxy.cli.{name}").command
    assert isinstance(command, click.Command)
    parent = click.Context(commands, info_name="corsproxy", **commands.context_settings)
    context = click.Context(command, info_name=name, parent=parent)
    pieces = " ".join(command.collect_usage_pieces(context))
    yield from _head(f"corsproxy-{name}", 1, COMMANDS[name])
    yield from (".SH SYNOPSIS", f".B corsproxy {name}", _roff(pieces))
    yield from (".SH DESCRIPTION", *_paragraphs(command.help or ""))
    yield from _options(command, context)
    yield from (".SH EXIT STATUS", "See corsproxy(1).")
    yield from _see("corsproxy(1)", "corsproxy-policy(5)")


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for title, rows in sections_of(command, context).items():
        yield f".SH {_roff(title.upper())}"
        for flag, meaning in rows:
            yield from _term(_flag(flag), meaning)


def _policy() -> Iterator[str]:
    yield from _head("corsproxy-policy", 5, "the policy file of corsproxy")
    yield from (
        ".SH DESCRIPTION",
        "A policy is YAML. Each setting may stand once; an error or a warning is told with its",
        "position and fix by corsproxy\\-lint(1).",
        "Each has a flag and a variable, too.",
        ".PP",
        ".nf",
        *(_roff(line) for line in _EXAMPLE.splitlines()),
        ".fi",
        ".SH SETTINGS",
        *_settings([setting for setting in SETTINGS if "." not in setting.key]),
    )
    for group, meaning in GROUPS.items():
        inside = [one for one in SETTINGS if one.key.rpartition(".")[0] == group]
        if inside:
            yield from (f".SS {_roff(group)}", _roff(meaning), *_settings(inside))
    yield from (".SS routes", _roff(GROUPS["routes"]))
    for setting in ROUTE:
        if "." not in setting.key:
            yield from _term(_bold(setting.key), setting.help)
    yield "A route has cors and upstream_tls, too, and inherits each setting in them."
    yield from _see("corsproxy(1)", "corsproxy-lint(1)", "corsproxy-schema(1)")


_EXAMPLE = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins: [http://localhost:5173, "https://*.preview.example.com"]
  allow_methods: [PUT, DELETE]
  allow_headers: [authorization, content-type]
  allow_credentials: true"""


def _settings(rows: Iterable[Setting]) -> Iterator[str]:
    for setting in rows:
        default = default_text(setting)
        known = f"--{setting.flag}, {setting.variable}" + (
            f"; default: {default}" if default else ""
        )
        yield from _term(_bold(setting.key), f"{setting.help}  [{known}]")


def _head(name: str, section: int, meaning: str) -> Iterator[str]:
    first = meaning[:1].lower() if meaning[1:2].islower() else meaning[:1]
    yield f'.TH {name.upper()} {section} "" "corsproxy {__version__}" "corsproxy"'
    yield from (".nh", ".ad l")  # no word is cut, as words are flags and names
    yield from (".SH NAME", f"{_roff(name)} \\- {_roff(first + meaning[1:].rstrip('.'))}")


def _paragraphs(text: str) -> Iterator[str]:
    for i, paragraph in enumerate(inspect.cleandoc(text).split("\n\n")):
        if i:
            yield ".PP"
        kept = paragraph.startswith("\b\n")
        lines = paragraph.removeprefix("\b\n").splitlines()
        yield from ([".nf", *map(_roff, lines), ".fi"] if kept else map(_roff, lines))


def _term(term: str, meaning: str) -> Iterator[str]:
    yield from (".TP", term, _roff(" ".join(meaning.split())))


def _flag(text: str) -> str:
    """`-c, --config PATH`: flags are bold, what they take is underlined."""
    return _WORD.sub(lambda word: (_bold if word[0].startswith("-") else _under)(word[0]), text)


def _bold(text: str) -> str:
    return rf"\fB{_escaped(text)}\fR"


def _under(text: str) -> str:
    return rf"\fI{_escaped(text)}\fR"


def _see(*pages: str) -> Iterator[str]:
    yield from (".SH SEE ALSO", ", ".join(_roff(page) for page in pages))


def _roff(text: str) -> str:
    """One line of text; what stands in backticks is bold."""
    line = _QUOTED.sub(r"\\fB\1\\fR", _escaped(text))
    return rf"\&{line}" if line.startswith((".", "'")) else line


def _escaped(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-")
