"""Which addresses speak https: those that say so, or those that `tls` is meant for."""

import pytest

from corsproxy.config.loading import load_text

TWO = "[8080, https://localhost:8443]"


@pytest.mark.parametrize(
    ("listen", "tls", "spoken", "auto"),
    [
        pytest.param("8080", None, ["http"], False, id="nothing said is http"),
        pytest.param("8080", "auto", ["https"], True, id="tls alone is for the one address"),
        pytest.param("[8080, 8081]", "auto", ["https", "https"], True, id="and for all of them"),
        pytest.param("https://localhost:1", None, ["https"], True, id="https alone is auto"),
        pytest.param(TWO, None, ["http", "https"], True, id="http and https at once"),
        pytest.param(TWO, "auto", ["http", "https"], True, id="the one that says so is meant"),
        pytest.param("[http://a.test, 81]", "auto", ["http", "https"], True, id="http, said so"),
    ],
)
def test_an_address_speaks(listen: str, tls: str | None, spoken: list[str], auto: bool) -> None:
    text = f"upstream: http://127.0.0.1:9\nadmin: off\nlisten: {listen}\n"
    text += f"tls: {tls}\n" if tls else ""
    config = load_text(text.encode(), "f", {}, {}).config
    assert [getattr(address, "scheme", "") for address in config.listen] == spoken
    assert config.tls.auto is auto


def test_a_socket_speaks_http() -> None:
    text = b"upstream: http://127.0.0.1:9\nlisten: [unix:/a.sock, 81]\ntls: auto\nadmin: off\n"
    config = load_text(text, "f", {}, {}).config
    assert [str(address) for address in config.listen] == ["unix:/a.sock", "https://127.0.0.1:81"]
