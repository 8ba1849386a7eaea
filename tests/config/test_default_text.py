"""What holds where a setting is left out, as a file would say it."""

import pytest

from corsproxy.config import load_text
from corsproxy.config.default_text import default_text
from corsproxy.config.schema import SETTINGS, Setting, value_of

BY_KEY = {setting.key: setting for setting in SETTINGS}
UPSTREAM = b"upstream: http://127.0.0.1:8000\n"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param("upstream", "", id="must be given"),
        pytest.param("cors.allow_origins", "", id="none"),
        pytest.param("cors.mode", "enforce", id="a word"),
        pytest.param("cors.allow_credentials", "false", id="a truth value"),
        pytest.param("timeouts.connect", "5", id="a number"),
        pytest.param("listen", "127.0.0.1:8080", id="a list"),
    ],
)
def test_a_default_reads_as_in_a_file(key: str, text: str) -> None:
    assert default_text(BY_KEY[key]) == text


@pytest.mark.parametrize(
    "setting",
    [one for one in SETTINGS if default_text(one) and one.key != "tls"],
    ids=lambda setting: setting.key,
)
def test_a_default_means_the_same_when_it_is_written_down(setting: Setting) -> None:
    group, _, name = setting.key.rpartition(".")
    given = f"{name or setting.key}: {default_text(setting)}"
    text = UPSTREAM + (f"{group}: {{{given}}}\n" if group else f"{given}\n").encode()
    written, silent = (load_text(one, "f.yaml", {}, {}).config for one in (text, UPSTREAM))
    assert value_of(written, setting) == value_of(silent, setting)
