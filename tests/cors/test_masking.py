import pytest

from corsproxy.cors.masking import masked, masked_text, masked_value, secret_name

CANARY = "c4n4ry"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        pytest.param("Authorization", f"Bearer {CANARY}", "Bearer ***", id="the scheme stays"),
        pytest.param("authorization", CANARY, "***", id="a token without a scheme"),
        pytest.param("Proxy-Authorization", f"Basic {CANARY}", "Basic ***", id="for a proxy"),
        pytest.param("Cookie", f"a={CANARY}; b={CANARY}", "a=***; b=***", id="cookie names stay"),
        pytest.param("Cookie", CANARY, "***", id="a cookie without a name"),
        pytest.param(
            "Set-Cookie",
            f"sid={CANARY}; Path=/; Secure; SameSite=None",
            "sid=***; Path=/; Secure; SameSite=None",
            id="attributes of a cookie stay",
        ),
        pytest.param("Host", f"u:{CANARY}@api.test", "***@api.test", id="userinfo in Host"),
        pytest.param("Host", "api.test:80", "api.test:80", id="a host"),
        pytest.param(
            "Sec-WebSocket-Protocol",
            f"graphql-ws, bearer, {CANARY}",
            "graphql-ws, ***, ***",
            id="a token among protocols",
        ),
        pytest.param("X-Api-Key", CANARY, "***", id="API key"),
        pytest.param("apikey", CANARY, "***", id="API key in one word"),
        pytest.param("X-Auth-Token", CANARY, "***", id="token"),
        pytest.param("X-Amz-Security-Token", CANARY, "***", id="AWS"),
        pytest.param("X-CSRF-Token", CANARY, "***", id="CSRF token"),
        pytest.param("X-Session-Id", CANARY, "***", id="session"),
        pytest.param("X-Auth", CANARY, "***", id="auth alone"),
        pytest.param(
            "Referer", f"https://u:{CANARY}@h/?token={CANARY}", "https://***@h/?token=***", id="URL"
        ),
        pytest.param("Location", f"//{CANARY}@h/", "//***@h/", id="userinfo without a scheme"),
        pytest.param("X-Note", f"eyJhbGciOiJ.{CANARY}.{CANARY}", "***", id="a JWT anywhere"),
        pytest.param("Accept", "text/html;q=0.9", "text/html;q=0.9", id="no secret"),
        pytest.param("Idempotency-Key", "7", "7", id="a key that opens nothing"),
        pytest.param("Sec-WebSocket-Key", "x3JJ==", "x3JJ==", id="a nonce"),
        pytest.param("Access-Control-Allow-Credentials", "true", "true", id="a field of CORS"),
        pytest.param("Access-Control-Allow-Headers", "x-token", "x-token", id="a list of names"),
        pytest.param("WWW-Authenticate", 'Basic realm="a"', 'Basic realm="a"', id="a challenge"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(name: str, value: str, shown: str) -> None:
    assert masked_value(name, value) == shown
    assert masked([(name, value)]) == [(name, shown)]


@pytest.mark.parametrize(
    "key",
    [
        "token", "access_token", "id_token", "refreshToken", "api_key", "apiKey", "key", "code",
        "password", "passwd", "client_secret", "sig", "signature", "X-Amz-Signature", "session",
        "jwt", "auth", "%74oken", "a%70i_key",
    ],
)  # fmt: skip
def test_a_query_value_is_masked_when_its_key_tells(key: str) -> None:
    for before in ("/p?", "/p?a=1&", "/p?a=1;", "https://h/#"):
        shown = masked_text(f"{before}{key}={CANARY}&b=2")
        assert shown == f"{before}{key}=***&b=2"


@pytest.mark.parametrize("key", ["a", "page", "q", "monkey", "keyboard", "author", "codec"])
def test_an_ordinary_query_key_is_shown(key: str) -> None:
    assert not secret_name(key)
    assert masked_text(f"/p?{key}=1") == f"/p?{key}=1"


def test_a_userinfo_with_several_at_signs_is_masked_whole() -> None:
    assert masked_text(f"http://a@{CANARY}@h/") == "http://***@h/"
