"""Every fix works when it is pasted: the mistake is gone, and no other has come."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsproxy.config import ConfigError, load, load_text
from corsproxy.config.diagnostics import Diagnostic
from tests.config.test_cases import BAD

ADVICE = re.compile(
    r"delete .*|give .*|list .*|either .*|serve .*|two spaces instead|\$\{\w+:-default\}"
    r"|\w+ stands at the top"
)
"""What is said to a person, because only a person knows the value."""


class Text:
    """A file of settings, and what a reader does with the fix of a mistake in it."""

    def __init__(self, text: str, mistake: Diagnostic) -> None:
        self._lines = text.splitlines()
        self._at = mistake.span.line - 1
        self._from = mistake.span.column - 1
        self._to = self._from + mistake.span.length
        self._fix = mistake.fix or ""

    def pasted(self) -> Iterator[str]:
        """In the place of what is marked; of the rest of its line; of its value; or added."""
        line = self._lines[self._at]
        fix, _, group = self._fix.partition(", below ")
        if group:
            yield from self._below(fix, group)
            return
        yield self._with(f"{line[: self._from]}{fix}{line[self._to :]}")
        yield self._with(f"{line[: self._from]}{fix}")
        if (colon := line.find(": ", self._from)) > 0:
            yield self._with(f"{line[: colon + 2]}{fix}")
        yield self._with(f"{line}\n{' ' * (len(line) - len(line.lstrip()))}{fix}")
        yield self._with(f"{line[: self._to]}, {fix}{line[self._to :]}")
        yield "\n".join([*self._lines, fix, ""])

    def _with(self, line: str) -> str:
        return "\n".join([*self._lines[: self._at], line, *self._lines[self._at + 1 :], ""])

    def _below(self, fix: str, group: str) -> Iterator[str]:
        """Moved there, or added where nothing was marked that stood elsewhere."""
        for left in (self._lines[: self._at] + self._lines[self._at + 1 :], self._lines):
            text = "\n".join([*left, ""])
            yield re.sub(rf"(?m)^{group}:\s*$", f"{group}:\n  {fix}", text)
            yield re.sub(rf"(?m)^{group}: \{{", f"{group}: {{{fix}, ", text)


def judged(text: bytes, name: str) -> list[Diagnostic]:
    try:
        return load_text(text, name, {}, {}, offline=True).warnings
    except ConfigError as error:
        return list(error.diagnostics)


def remains(mistake: Diagnostic, found: list[Diagnostic]) -> bool:
    return any((one.id, one.message) == (mistake.id, mistake.message) for one in found)


def mistakes() -> Iterator[tuple[Path, Diagnostic]]:
    for path in BAD:
        found = judged(path.read_bytes(), path.name)
        yield from ((path, one) for one in found if one.fix and not ADVICE.fullmatch(one.fix))


@pytest.mark.parametrize(
    ("path", "mistake"),
    [
        pytest.param(path, one, id=f"{path.stem}-{one.span.line}-{one.id}")
        for path, one in mistakes()
    ],
)
def test_a_fix_in_a_file_works_when_pasted(path: Path, mistake: Diagnostic) -> None:
    text = path.read_text(encoding="utf-8")
    before = judged(text.encode(), path.name)
    unreadable = len(before) == 1  # what else is wrong is seen only afterwards
    tried = []
    for pasted in Text(text, mistake).pasted():
        after = judged(pasted.encode(), path.name)
        fewer = len(after) < len(before) or unreadable
        if fewer and not remains(mistake, after):
            return
        tried.append(pasted)
    raise AssertionError("\n".join(tried))


@pytest.mark.parametrize(
    ("key", "given"),
    [
        pytest.param("upstream", "23000", id="a port for an upstream"),
        pytest.param("upstream", "localhost:8000", id="an upstream without a scheme"),
        pytest.param("upstream", "http://127.0.0.1:8000/dev", id="an upstream with a path"),
        pytest.param("listen", ":8080", id="a port with its colon"),
        pytest.param("listen", "*:8080", id="a star for a host"),
        pytest.param("listen", "localhost", id="a host without a port"),
        pytest.param("listen", "http://localhost:8080/api", id="a URL to listen on"),
        pytest.param("cors.allow_origins", ("localhost:5173",), id="an origin without a scheme"),
        pytest.param("cors.allow_origins", ("http://a.test/",), id="an origin with a slash"),
        pytest.param("cors.allow_origins", ("http://*:3000",), id="any host"),
        pytest.param("cors.allow_origins", ("http://a.test,http://b.test",), id="two in one"),
        pytest.param("cors.allow_methods", ("GET, PUT",), id="two methods in one"),
        pytest.param("cors.mode", "enforced", id="a word that is nearly one"),
    ],
)
def test_a_fix_of_a_flag_works_when_pasted(key: str, given: str | tuple[str, ...]) -> None:
    flags = {
        "upstream": "http://127.0.0.1:8000",
        "cors.allow_origins": ("http://page.test",),
        key: given,
    }
    with pytest.raises(ConfigError) as caught:
        load(None, {}, flags)
    (told,) = caught.value.diagnostics
    assert told.fix is not None
    words = shlex.split(told.fix)
    pasted = tuple(word for word in words if not word.startswith("--"))
    load(None, {}, flags | {key: pasted if isinstance(given, tuple) else pasted[0]})


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        pytest.param("CORSPROXY_UPSTREAM", '"http://127.0.0.1:8000"', id="quotes"),
        pytest.param("CORSPROXY_UPSTREAM", "'http://127.0.0.1:8000'", id="single quotes"),
        pytest.param("CORSPROXY_ALLOW_ORIGIN", '"http://a.test,http://b.test"', id="of a list"),
        pytest.param("CORSPROXY_ALLOW_ORIGIN", '["http://a.test", "http://b.test"]', id="JSON"),
        pytest.param("CORSPROXY_MAX_AGE", '"10m"', id="a duration"),
    ],
)
def test_a_fix_of_a_variable_works_when_pasted(variable: str, given: str) -> None:
    environ = {
        "CORSPROXY_UPSTREAM": "http://127.0.0.1:8000",
        "CORSPROXY_ALLOW_ORIGIN": "http://page.test",
        variable: given,
    }
    with pytest.raises(ConfigError) as caught:
        load(None, environ, {})
    (told,) = caught.value.diagnostics
    assert str(told.span) == variable
    load(None, environ | {variable: told.fix or ""}, {})


@pytest.mark.parametrize(("admin", "fix"), [("of", '"off"'), ("none", '"off"'), ("a:b", None)])
def test_a_word_in_the_place_of_admin_meant_off(admin: str, fix: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(f"upstream: http://a.test\nadmin: {admin}\n".encode(), "f.yaml", {}, {})
    [told] = caught.value.diagnostics
    assert told.fix == fix
    if fix:
        text = f"upstream: http://a.test\nadmin: {fix}\n".encode()
        assert load_text(text, "f.yaml", {}, {}).config.admin is None
