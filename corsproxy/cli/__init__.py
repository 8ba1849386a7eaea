"""The command line: which commands there are, and what their exit codes mean.

A command is imported only when it is asked for, so that none waits for what another needs.
"""

import gc
import os
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from corsproxy import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

NO = 1
"""Errors in the settings; or blocked, or not healthy."""

WRONG_USAGE = 2

COULD_NOT_RUN = 3
"""A file that cannot be read, a port that is taken."""

COMMANDS = {
    "run": "Run the proxy; the command that is meant when none is named.",
    "demo": "Run the proxy between a page and a backend to try it with.",
    "lint": "Check policy files: every error and warning, with its fix.",
    "explain": "Say what would happen to a request, and why.",
    "probe": "Ask a live server, and judge its responses as a browser would.",
    "verify": "Ask a deployed server for all that the policy says, and list what differs.",
    "learn": "Let everything pass, and write the policy that would have sufficed.",
    "export": "Write the policy as the configuration of a gateway.",
    "import": "Write the policy that a gateway's configuration says.",
    "compare": "Say what each gateway would do with a page's call, given this policy.",
    "formats": "List the gateways that export, import and emulate know.",
    "trust": "Let this machine's browsers trust the local authority of `tls: auto`.",
    "completion": "Print the script by which a shell completes corsproxy's words.",
    "schema": "Print the JSON Schema of policy files, for editors.",
    "healthcheck": "Ask the running proxy whether it is well.",
}
"""Each is the attribute `command` of the module of its name."""

SECTIONS = {
    "Common commands": ("run", "demo", "lint", "explain"),
    "Live servers": ("probe", "verify", "learn"),
    "Gateways in production": ("export", "import", "compare", "formats"),
    "This machine": ("trust", "completion", "schema", "healthcheck"),
}
"""Of help, with the commands of each."""

_OWN_FLAGS = ("-h", "--help", "-V", "--version")
"""What is not taken for a flag of `run`."""


class Commands(click.Group):
    """The commands; `run` where the first argument names none."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # what an import makes stays: the collector need not look through it
        try:
            command = import_module(f"corsproxy.cli.{cmd_name}").command
        finally:
            gc.freeze()
            gc.enable()
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands; for a flag those of `run`, which is meant where none is named."""
        from click.shell_completion import CompletionItem

        if not incomplete.startswith("-"):
            names = [name for name in COMMANDS if name.startswith(incomplete)]
            return [CompletionItem(name, help=COMMANDS[name]) for name in names]
        run = self.get_command(ctx, "run")
        assert run is not None
        flags = run.shell_complete(click.Context(run, parent=ctx), incomplete)
        own = [one for one in super().shell_complete(ctx, incomplete) if one.value in _OWN_FLAGS]
        return [*flags, *(one for one in own if one.value not in {flag.value for flag in flags})]

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        from corsproxy.cli.help_text import write_commands

        write_commands(formatter, SECTIONS, COMMANDS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        completing = not args and ctx.resilient_parsing
        own = any(arg in _OWN_FLAGS for arg in args[:1])
        if not (completing or own) and (not args or args[0].startswith("-")):
            args.insert(0, "run")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            near = _nearest_command(args[0])
            fix = f"\n  fix: corsproxy {near}" if near else ""
            if _names_file(args[0]):
                fix = f"\n  fix: corsproxy run -c {shlex.quote(args[0])}"
            ctx.fail(f"no command is called {args[0]!r}: expected {', '.join(COMMANDS)}{fix}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="corsproxy COMMAND --help tells the flags of each; those of run may stand alone.",
)
@click.version_option(__version__, "-V", "--version", message="corsproxy %(version)s")
def commands() -> None:
    """CORS, from localhost to production, from one policy file.

    \b
    corsproxy --upstream http://127.0.0.1:8000 --allow-origin http://page.test
    corsproxy run -c policy.yaml
    """  # noqa: D301 - click's own mark: what follows keeps its lines


_MEANT_COMMANDS = {
    "--help": ("help",),
    "--version": ("version",),
    "run": ("serve", "start", "proxy", "up"),
    "lint": ("check", "validate", "fmt", "format", "fix"),
    "explain": ("why",),
    "export": ("convert", "generate"),
}
"""Commands, and what other tools call them."""

_MEANT = {
    "--upstream": ("--target", "--to", "--backend", "--url", "--proxy"),
    "--listen": ("--port", "-p", "--from", "--host", "--bind"),
    "--allow-origin": ("--origin", "--origins", "--allow"),
    "--limit-connections": ("--connections",),
}
"""Flags, and what other tools call them."""


def _nearest_command(word: str) -> str:
    """The command that was probably meant; "" if none is near."""
    import difflib

    meant = (ours for ours, others in _MEANT_COMMANDS.items() if word in others)
    return next(meant, "") or next(iter(difflib.get_close_matches(word, COMMANDS, n=1)), "")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments name, and exit with its code."""
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode shows escapes instead
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_exit_code(arguments))


def _open_standard_streams() -> None:
    """Where a standard stream is closed, no socket may get its number, and what is written to it.

    (uvloop gives up the whole process when it shall close such a number.)
    """
    import os
    from pathlib import Path

    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open to the end


def _exit_code(arguments: Sequence[str] | None) -> int:
    args = None if arguments is None else list(arguments)
    if "_CORSPROXY_COMPLETE" in os.environ:
        import corsproxy.cli.shell_completion  # noqa: F401 - click meets its classes
    try:
        result = commands.main(args, prog_name="corsproxy", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        given = sys.argv[1:] if arguments is None else list(arguments)
        _with_what_was_meant(error, given).show()
        return WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        return 130  # as a shell reports SIGINT
    except BrokenPipeError:
        sys.stdout = None  # nobody reads it any more, and Python would flush it at exit
        return NO
    except OSError as error:
        print(f"corsproxy: {reason(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    except Exception as error:
        if (code := _errors(error)) is None:
            raise
        return code
    return result if isinstance(result, int) else 0


def _with_what_was_meant(error: click.ClickException, given: list[str]) -> click.ClickException:
    """An unknown flag, with ours of the same meaning in the place of one that is spelled alike.

    Likewise a word too many, with what it was probably meant to be.
    """
    if error.message.startswith("Got unexpected extra argument"):
        return _one_too_many(error, given)
    name = error.option_name if isinstance(error, click.NoSuchOption) else ""
    meant = next((flag for flag, others in _MEANT.items() if name in others), None)
    if meant is None:
        return error
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return click.UsageError(f"No such option '{name}'. Did you mean '{meant}'?", ctx=ctx)


def _one_too_many(error: click.ClickException, given: list[str]) -> click.ClickException:
    extra = error.message.rpartition("(")[2].rstrip(")").split()
    if not extra or extra[0] not in given:
        return error
    before = given[: given.index(extra[0])]
    flag = before[-1] if before and before[-1].startswith("--") else ""
    hint = ""
    if flag and extra[0].lower() in ("true", "false", "yes", "no", "on", "off"):
        wanted = extra[0].lower() in ("true", "yes", "on")
        hint = f"{flag} takes no value\n  fix: {flag if wanted else flag.replace('--', '--no-', 1)}"
    elif any(flag.startswith("--allow-") for flag in before) and os.path.lexists(extra[0]):
        star = next(flag for flag in reversed(before) if flag.startswith("--allow-"))
        hint = f"the shell has put file names in the place of *\n  fix: {star} '*'"
    elif _names_file(extra[0]):
        hint = f"the policy file is named by a flag\n  fix: -c {shlex.quote(extra[0])}"
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return click.UsageError(f"{error.message}: {hint}", ctx=ctx) if hint else error


def _names_file(word: str) -> bool:
    return word.endswith((".yaml", ".yml"))


def reason(error: OSError) -> str:
    """What the matter is, and with which file."""
    why = error.strerror or str(error)
    return f"{error.filename}: {why}" if error.filename else why


def _errors(error: Exception) -> int | None:
    """Print the errors of a ConfigError; None for any other error, which is ours."""
    from corsproxy.config.colour import wants_colour
    from corsproxy.config.diagnostics import ConfigError, render

    if not isinstance(error, ConfigError):
        return None
    colour = wants_colour(sys.stderr, os.environ)
    print(render(error.diagnostics, colour=colour), end="", file=sys.stderr)
    return NO
