"""What may stand behind a flag."""

from pathlib import Path

import pytest

from corsproxy.config.schema import SETTINGS, Setting
from tests.cli.test_shell_completion import told, words

POLICY = """
upstream: http://127.0.0.1:8000
cors: {allow_origins: ["https://shop.test", "https://*.shop.test"]}
routes: [{path: /a/, cors: {allow_origins: ["https://a.test"]}}, {path: /b/}]
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("corsproxy --log-level ", ["debug", "info", "warning", "error"], id="a word"),
        pytest.param("corsproxy --admin o", ["off"], id="a word among addresses"),
        pytest.param("corsproxy --emulate fe", ["fetch"], id="the standard"),
        pytest.param("corsproxy export aws-", ["aws-http-api", "aws-rest-api"], id="gateways"),
        pytest.param("corsproxy verify --as sam", ["sam-local"], id="an emulation"),
        pytest.param("corsproxy export kong --as d", ["declarative"], id="a form"),
        pytest.param("corsproxy probe --method P", ["POST", "PUT", "PATCH"], id="methods"),
        pytest.param("corsproxy --allow-header auth", ["authorization"], id="a header's name"),
        pytest.param("corsproxy completion z", ["zsh"], id="a shell"),
    ],
)
def test_known_words_are_told(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    "setting", [one for one in SETTINGS if one.kind.metavar == "FILE"], ids=lambda one: one.flag
)
def test_each_flag_of_a_file_lets_the_shell_list_files(setting: Setting) -> None:
    assert [answer[0] for answer in told(f"corsproxy --{setting.flag} x")] == ["file"]


@pytest.mark.parametrize(
    "words", ["-c", "lint", "import nginx", "export nginx -o", "explain --har"]
)
def test_what_names_a_file_lets_the_shell_list_files(words: str) -> None:
    assert [answer[0] for answer in told(f"corsproxy {words} x")] == ["file"]


def test_origins_and_paths_are_those_of_the_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    line = f"corsproxy explain -c {path} "
    assert words(f"{line}--origin ", "fish") == ["https://shop.test", "https://a.test"]
    assert words(line, "fish") == ["/a/", "/b/"]
    given = words("corsproxy explain --origin ", "fish", CORSPROXY_CONFIG=str(path))
    assert given == ["https://shop.test", "https://a.test"]


def test_a_pipe_is_not_read_for_it(tmp_path: Path) -> None:
    assert words("corsproxy explain -c /dev/stdin /") == ["/"]
