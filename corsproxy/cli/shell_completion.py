"""What a shell is told when it completes: the words that may stand at the cursor.

The scripts give the line up to the cursor as COMP_LINE, and the shell's name and `complete` as
_CORSPROXY_COMPLETE. They get one line for each word, `kind<TAB>word<TAB>meaning`; the kind is plain
or file. click finds what may come next, and this what it looks like in the line of each shell.
"""

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    _resolve_context,
    _resolve_incomplete,
    add_completion_class,
)

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_CORSPROXY_COMPLETE"

_SCRIPTS = Path(__file__).with_name("completion_scripts")
_NAMES = {"bash": "corsproxy.bash", "zsh": "_corsproxy", "fish": "corsproxy.fish"}

_ASSIGNED = re.compile(r"(--[a-z-]+=)(.*)", re.DOTALL)
_SPECIAL = re.compile(r"([^\w@%+=:,./~-])")
"""What bash would act upon, outside of quotes."""


def script(shell: str) -> str:
    """The text that teaches `shell` to complete corsproxy."""
    return (_SCRIPTS / _NAMES[shell]).read_text(encoding="utf-8")


class Line(NamedTuple):
    """The words before the one at the cursor, that word so far, and whether a quote is open."""

    before: list[str]
    typed: str
    quoted: bool

    @classmethod
    def read(cls, text: str) -> "Line":
        """A line up to the cursor, as shells cut it into words."""
        lexer = shlex.shlex(f"{text}x", posix=True)  # the x is where the next letter would go
        lexer.whitespace_split = True
        lexer.commenters = ""
        found, quoted = [], False
        try:
            for word in lexer:
                found.append(word)  # noqa: PERF402 - those before an error count
        except ValueError:
            quoted = True
            found.append(lexer.token)
        return cls(found[:-1], found[-1][:-1], quoted)


class Completion(ShellComplete):
    """What is common to the shells."""

    def source(self) -> str:
        """The script; as click's own _CORSPROXY_COMPLETE=bash_source asks for it."""
        return script(self.name)

    def get_completions(self, args: list[str], incomplete: str) -> "list[CompletionItem[str]]":
        """As click finds them; a flag that waits for its value hides no word before it.

        (click reads none of the words where one flag lacks its value, so neither is the policy
        known whose origins are wanted.)
        """
        whole = args[:-1] if args[1:] and args[-1].startswith("-") else args
        context = _resolve_context(self.cli, self.ctx_args, self.prog_name, whole)
        if args and context.command is self.cli:
            return []  # no command is called so, and whatever follows is not known
        asked, incomplete = _resolve_incomplete(context, args, incomplete)
        return asked.shell_complete(context, incomplete)

    def complete(self) -> str:
        """One line for each word that may stand at the cursor."""
        line = Line.read(os.environ.get("COMP_LINE", ""))
        option, value = _split(line.typed)
        try:
            found = self.get_completions([*line.before[1:], *option], value)
        except click.ClickException:  # what stands there already is wrong
            return ""
        lead = f"{option[0]}=" if option else ""
        return "\n".join(self.line(item, lead, line) for item in found)

    def line(self, item: "CompletionItem[str]", lead: str, line: Line) -> str:
        """One word, and what it means."""
        word = "" if item.type == "file" else self.word(f"{lead}{item.value}", line)
        return f"{item.type}\t{word}\t{_first_sentence(item.help)}"

    def word(self, word: str, _line: Line) -> str:
        """`word` as the shell takes it."""
        return word


def _split(typed: str) -> tuple[list[str], str]:
    """The flag in `--flag=value`, and the value."""
    assigned = _ASSIGNED.fullmatch(typed)
    return ([assigned[1][:-1]], assigned[2]) if assigned else ([], typed)


def _first_sentence(meaning: str | None) -> str:
    return " ".join((meaning or "").split()).partition(". ")[0].removesuffix(".")


@add_completion_class
class Bash(Completion):
    """It replaces what follows the last of its break characters, and quotes nothing."""

    name = "bash"

    def word(self, word: str, line: Line) -> str:
        """Without what stands before the break, and with what bash acts upon escaped."""
        if line.quoted:
            return word
        breaks = os.environ.get("COMP_WORDBREAKS", ":=")
        end = max((line.typed.rfind(mark) + 1 for mark in ":=" if mark in breaks), default=0)
        return _SPECIAL.sub(r"\\\1", word[end:])


@add_completion_class
class Zsh(Completion):
    """Its script hands words to `_describe`, which knows their quotes."""

    name = "zsh"

    def word(self, word: str, _line: Line) -> str:
        """As `_describe` wants it: a colon would begin the meaning."""
        return word.replace("\\", "\\\\").replace(":", "\\:")


@add_completion_class
class Fish(Completion):
    """It takes words as they are, and quotes them itself."""

    name = "fish"
