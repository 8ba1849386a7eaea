"""Every regular expression of the package costs linear time, whatever it meets.

Each is found in the source, so that none can be forgotten, and given texts that are made of its own
parts: what it looks for, begun over and over and never ended.
"""

import ast
import importlib
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import corsproxy
from corsproxy.cors.origin_spelling import _CAUSES
from corsproxy.proxy.http1.head_pieces import Splitter

ROOT = Path(corsproxy.__file__).parent
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
CALLS = frozenset(("compile", "subn", *METHODS))
SIZE = 65_536
"""Characters: as long as a whole request head."""
FIRST_SIZE = SIZE // 16
"""What costs too much here already is not tried at full length."""
CEILING = 30
"""How much more than a plain scan of the same text an expression may cost."""
BY_HAND: dict[str, list[str]] = {
    "cors/browser/verdict.py": [r"[+-]?[0-9]+", r"[0-9]+"],
    "cors/origin_spelling.py": [f"(?s:{shape})" for shape, _ in _CAUSES],
    "proxy/http1/forwarding.py": [r"(\r\n(?:x-(?:a|key)):)[^\r]*+"],
    "proxy/http1/head_pieces.py": [],
}
"""Expressions that are made where they are used, by file; those of `pieces` are looked at below."""


SOURCES = {path: path.read_text() for path in sorted(ROOT.rglob("*.py"))}
USED = re.compile(r"\b(\w+)\.(search|match|fullmatch|sub|split|findall|finditer)\b")
SETTINGS = frozenset({"config/kinds/kind.py:_COMMA", "config/lint/origin_rules.py:_CLASS"}) | {
    "config/yaml_text/substitution.py:_REFERENCE"
}
"""Expressions that meet nothing but what the user has written, and cost its square at worst."""


class Found(NamedTuple):
    """An expression, where it stands, and what is done with it."""

    place: str
    pattern: "re.Pattern[Any]"
    methods: frozenset[str]


def found() -> Iterator[Found]:
    """Each expression in the source that is given to `re`."""
    for path, text in SOURCES.items():
        if "import re\n" not in text:
            continue
        name = path.relative_to(ROOT).as_posix()
        module = importlib.import_module(f"corsproxy.{name[:-3].replace('/', '.')}")
        tree = ast.parse(text)
        uses = used(tree, text, name)
        for call in calls(tree):
            place, done = f"{name}:{call.lineno}", uses(call)
            if not done:
                continue
            try:
                yield Found(place, evaluated(call, vars(module)), done)
            except NameError:
                assert name in BY_HAND, f"{place}: make it where the module is loaded"
                for one in BY_HAND[name]:
                    yield Found(f"{place} {one}", re.compile(one), done)


def used(tree: ast.Module, text: str, name: str) -> Callable[[ast.Call], frozenset[str]]:
    """Tells what is done with an expression: all that can be, where nothing tells."""
    names, bound = {}, {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[id(node.value)] = node.targets[0].id
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            bound[id(node.value)] = node.attr

    def of(call: ast.Call) -> frozenset[str]:
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr != "compile":
            return frozenset({call.func.attr})
        if id(call) in bound:
            return frozenset({bound[id(call)]})
        known = names.get(id(call))
        if f"{name}:{known}" in SETTINGS:
            return frozenset()
        sources = [text] if known and known.startswith("_") else SOURCES.values()
        done = {method for one in sources for key, method in USED.findall(one) if key == known}
        return frozenset(done or METHODS)

    return of


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = node.func
            ours = isinstance(called.value, ast.Name) and called.value.id == "re"
            if ours and called.attr in CALLS:
                yield node


def evaluated(call: ast.Call, names: dict[str, Any]) -> "re.Pattern[Any]":
    """The expression, with the flags that stand beside it."""

    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), "source", "eval"), dict(names))

    flags = [key.value for key in call.keywords if key.arg == "flags"]
    compiles = isinstance(call.func, ast.Attribute) and call.func.attr == "compile"
    if compiles and len(call.args) > 1:
        flags.append(call.args[1])
    elif not flags and len(call.args) > 2 and not compiles:
        flags = [one for one in call.args[2:] if "re." in ast.unparse(one)]
    return re.compile(value(call.args[0]), value(flags[0]) if flags else 0)


def bound() -> Iterator[Found]:
    """What modules hold of expressions that are made elsewhere: `split = Splitter(...)`."""
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        if name.endswith("__main__.py"):
            continue
        module = importlib.import_module(f"corsproxy.{name[:-3].replace('/', '.')}")
        for key, value in vars(module).items():
            if isinstance(value, Splitter):
                yield Found(f"{name} {key}", value.pattern, frozenset({"split"}))
            elif isinstance(pattern := getattr(value, "__self__", None), re.Pattern):
                yield Found(f"{name} {key}", pattern, frozenset({value.__name__}))


EVERY = list({(one.pattern, one.methods): one for one in (*found(), *bound())}.values())


def examples(pattern: "re.Pattern[Any]") -> set[str]:
    """Texts that are made of the expression's parts: some of them match, most nearly do."""
    text = pattern.pattern
    parsed = parser.parse(text.decode("latin-1") if isinstance(text, bytes) else text, 0)
    made = {"".join(pieces) for pieces in texts(parsed, 0)}
    begun = {text[:end] for text in made for end in (1, 2, 3, 5, 8, 13, len(text) - 1, len(text))}
    return {text for text in begun if text}


def texts(parsed: Any, depth: int) -> list[list[str]]:
    """Two ways or so to write what is parsed, each in pieces."""
    ways: list[list[str]] = [[]]
    for code, argument in parsed:
        more = [way for way in pieces(str(code), argument, depth) if way] or [""]
        ways = [[*way, piece] for way in ways for piece in more][:12]
    return ways


def pieces(code: str, argument: Any, depth: int) -> list[str]:
    """Ways to write one part of an expression."""
    made = [""]
    match code:
        case "LITERAL":
            made = [chr(argument)]
        case "NOT_LITERAL" | "ANY":
            made = ["a"]
        case "IN":
            made = list(dict.fromkeys(members(argument)))[:3]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            once = inside(argument[2], depth)
            made = [one * max(argument[0], 1) for one in once]
            made += [one * (argument[0] + 2) for one in once[:1]]
        case "BRANCH":
            made = [text for branch in argument[1] for text in inside(branch, depth)[:1]][:8]
        case "SUBPATTERN":
            made = inside(argument[-1], depth)
        case "ATOMIC_GROUP":
            made = inside(argument, depth)
        case "ASSERT" | "ASSERT_NOT":
            made = inside(argument[1], depth)[:1]
    return made


def inside(parsed: Any, depth: int) -> list[str]:
    return ["".join(way) for way in texts(parsed, depth + 1)][:3]


def members(argument: Any) -> Iterator[str]:
    for kind, value in argument:
        match str(kind):
            case "LITERAL":
                yield chr(value)
            case "RANGE":
                yield chr(value[0])
            case "NEGATE":
                yield "a"
            case "CATEGORY":
                yield " " if "SPACE" in str(value) and "NOT" not in str(value) else "a"


def hostile(pattern: "re.Pattern[Any]", size: int) -> Iterator[str]:
    """Each example, over and over; and begun once, before one long run of each character."""
    made = examples(pattern)
    letters = {letter for text in made for letter in text} | set("a/@. \t\x00")
    for text in made:
        yield (text * (size // len(text) + 1))[:size]
        yield text + text[-1] * (size - len(text)) + "\x00"
    for letter in letters:
        yield letter * size
        yield letter * size + "\x00"


def cost(one: Found, text: Any) -> float:
    """Seconds for what is done with an expression."""
    before = time.perf_counter()
    for method in one.methods:
        arguments = (text[:0], text) if method == "sub" else (text,)
        done = getattr(one.pattern, method)(*arguments)
        if method == "finditer":
            deque(done, 0)
    return time.perf_counter() - before


SCAN = {
    str: Found("", re.compile(r"[^\x01]x?"), frozenset({"findall"})),
    bytes: Found("", re.compile(rb"[^\x01]x?"), frozenset({"findall"})),
}


def slower(one: Found, text: str) -> float:
    """How much more it costs than a plain scan of the same text."""
    given = text.encode("latin-1", "replace") if isinstance(one.pattern.pattern, bytes) else text
    ratio = 0.0
    for _ in range(3):  # what was slow may have been interrupted
        ratio = cost(one, given) / cost(SCAN[type(given)], given)
        if ratio < CEILING:
            break
    return ratio


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("one", EVERY, ids=[one.place for one in EVERY])
def test_an_expression_costs_linear_time(one: Found) -> None:
    for size in (FIRST_SIZE, SIZE):
        for text in hostile(one.pattern, size):
            assert slower(one, text) < CEILING, (size, text[:60])


@pytest.mark.parametrize("text", [r"\beyJ[\w-]{5,}\.", r"a*b", r"\s+$", r"x[^y]*y"])
def test_an_expression_that_is_not_linear_is_found(text: str) -> None:
    one = Found("", re.compile(text), frozenset({"search"}))
    assert any(slower(one, made) > CEILING for made in hostile(one.pattern, SIZE // 4))


def test_every_place_is_looked_at() -> None:
    assert len(EVERY) > 60
    assert any(one.place.startswith("proxy/http1/response_head.py split") for one in EVERY)
