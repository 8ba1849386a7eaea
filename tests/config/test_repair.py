"""What of a fix a machine can do: where it is put, what is safe, and what is kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsproxy.config import load_text
from corsproxy.config.diagnostics import Advice, Diagnostic, Removal
from corsproxy.config.repair import Replacement, Text, repaired, replacements
from tests.config.test_cases import BAD
from tests.config.test_fixes import judged

COMMENT = re.compile(rb"(?m)(?:^|\s)#.*")
UPSTREAM = "upstream: http://127.0.0.1:8000\n"


def judge(content: bytes) -> list[Diagnostic]:
    return judged(content, "policy.yaml")


def edits() -> Iterator[tuple[Path, Diagnostic, Replacement | None]]:
    for path in BAD:
        content = path.read_bytes()
        found = judged(content, path.name)
        for one, edit in zip(found, replacements(content, found), strict=True):
            if one.fix is not None:
                yield path, one, edit


@pytest.mark.parametrize(
    ("path", "found", "edit"),
    [
        pytest.param(path, one, edit, id=f"{path.stem}-{one.span.line}-{one.id}")
        for path, one, edit in edits()
    ],
)
def test_a_fix_is_advice_or_a_replacement_that_works(
    path: Path, found: Diagnostic, edit: Replacement | None
) -> None:
    if isinstance(found.fix, Advice) and not isinstance(found.fix, Removal):
        assert edit is None
        return
    assert edit is not None
    content = path.read_bytes()
    before, after = (
        [(one.id, one.message) for one in judged(text, path.name)]
        for text in (content, Text(content).edited(edit))
    )
    assert after.count((found.id, found.message)) < before.count((found.id, found.message))


def mended(text: str) -> str:
    return repaired(text.encode(), judge).content.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("fast_lane: yes", "fast_lane: true", id="a truth value"),
        pytest.param("limits: {connections: '5'}", "limits: {connections: 5}", id="quotes"),
        pytest.param(
            "cors: {allow_origins: http://a.test}",
            "cors: {allow_origins: [http://a.test]}",
            id="a list of one",
        ),
        pytest.param(
            "cors: {allow_origins: [HTTP://A.test/]}",
            "cors: {allow_origins: [http://a.test]}",
            id="an origin's spelling",
        ),
        pytest.param(
            "cors:\n  # ours\n  allow_origins:\n    - http://a.test\n    - http://a.test\n",
            "cors:\n  # ours\n  allow_origins:\n    - http://a.test\n",
            id="an entry that stands twice",
        ),
        pytest.param(
            "cors:\n  allow_origins: [https://Example.com/]\n  max_age: '60'",
            "cors:\n  allow_origins: [https://example.com]\n  max_age: 60",
            id="several at once",
        ),
        pytest.param(
            "cors: {allow_origins: [http://a.test], allow_methods: [PUT, PUT, PUT, PUT]}",
            "cors: {allow_origins: [http://a.test], allow_methods: [PUT]}",
            id="all but one of the same",
        ),
        pytest.param(
            "cors:\n  allow_origins:\n    - *.a.test\n    - *.b.test",
            'cors:\n  allow_origins:\n    - "*.a.test"\n    - "*.b.test"',
            id="stars, each of which hides the next",
        ),
        pytest.param(
            "cors:\n  allow_origins: [http://a.test]\n  allow_methods: [put, 'PUT', *]",
            'cors:\n  allow_origins: [http://a.test]\n  allow_methods: ["*"]',
            id="one after the other",
        ),
    ],
)
def test_what_changes_nothing_of_what_is_allowed_is_mended(before: str, after: str) -> None:
    assert mended(f"{UPSTREAM}{before}\n") == f"{UPSTREAM}{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cors: {allow_origins: ['https://*.co.uk']}", id="what is unwise"),
        pytest.param("cors: {allow_origins: [http://a.test/app]}", id="a path"),
        pytest.param("cors: {allow_origins: [null]}", id="null, which may mean nothing"),
        pytest.param("cors: {allow_origins: ['http://a.test]}", id="a quote without its end"),
        pytest.param("cors: {allow_origins: [http://a.test], allow_headers: '*'}", id="a wildcard"),
        pytest.param("cors: {orgins: [http://a.test]}", id="a key that is nearly one"),
        pytest.param("limits: {connections: 0o17}", id="a number that reads two ways"),
        pytest.param("fast_lane: ${CASE_FAST:-yes}", id="a variable"),
        pytest.param(
            "cors:\n  allow_origins:\n    - http://a.test\n    - http://a.test # why",
            id="a comment",
        ),
    ],
)
def test_what_only_a_person_knows_is_left(text: str) -> None:
    given = f"{UPSTREAM}{text}\n"
    assert mended(given) == given
    assert judge(given.encode())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_line_ends_and_the_mark_at_the_start_stay(end: str, mark: str) -> None:
    lines = ["# ünser", "upstream: http://a.test", "fast_lane: yes  # quick", "", "admin: off", ""]
    before = mark + end.join(lines)
    assert mended(before) == before.replace("yes", "true")


def test_more_than_is_told_at_once_is_mended() -> None:
    origins = "".join(f"    - http://a{i // 2}.test\n" for i in range(2000))
    judgements = 0

    def counted(content: bytes) -> list[Diagnostic]:
        nonlocal judgements
        judgements += 1
        return judge(content)

    done = repaired(f"{UPSTREAM}cors:\n  allow_origins:\n{origins}".encode(), counted)
    assert (len(done.repairs), done.left) == (1000, [])
    assert judgements < 30


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_no_comment_is_lost(path: Path) -> None:
    content = path.read_bytes()
    done = repaired(content, lambda text: judged(text, path.name))
    before, after = (COMMENT.findall(text) for text in (content, done.content))
    assert before == after


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_is_mended_once_is_left_alone(path: Path) -> None:
    done = repaired(path.read_bytes(), lambda text: judged(text, path.name))
    again = repaired(done.content, lambda text: judged(text, path.name))
    assert (again.repairs, again.content) == ([], done.content)


def test_what_was_done_and_what_is_left_are_told() -> None:
    text = f"{UPSTREAM}cors: {{allow_origins: [http://a.test], allow_credentials: yes}}\nlog: 1\n"
    done = repaired(text.encode(), judge)
    assert [(one.before, one.after, one.diagnostic.id) for one in done.repairs] == [
        ("yes", "true", "expected-boolean")
    ]
    assert "expected-mapping" in [one.id for one in done.left]
    assert done.left == judge(done.content)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_policy_that_could_be_loaded_means_the_same_afterwards(path: Path) -> None:
    content = path.read_bytes()
    found = judged(content, path.name)
    done = repaired(content, lambda text: judged(text, path.name))
    assert len(done.left) <= len(found) or found[0].id in ("unquoted-star", "tab")
    if any(one.severity == "error" for one in found):
        return
    before, after = (
        load_text(text, path.name, {}, {}, offline=True).config for text in (content, done.content)
    )
    for old, new in zip(before.policies, after.policies, strict=True):
        for pattern in old.allow_origins.patterns:
            assert new.allow_origins.match(str(pattern)) or not getattr(pattern, "exact", False)
        assert old.allow_methods.any == new.allow_methods.any
        assert old.max_age == new.max_age
        assert old.allow_credentials == new.allow_credentials
