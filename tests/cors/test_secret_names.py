"""Two tables: names that carry a secret, and ordinary ones that must stay readable."""

import pytest

from corsproxy.cors.secret_names import MAX_NAME_LENGTH, ordinary, random, secret_name, secret_pair

CANARY = "c4n4ry"
RANDOM = "Zk3x9QpL0aVb7T2e"

SECRET = """
X-Auth-Key Ocp-Apim-Subscription-Key X-Functions-Key DD-APPLICATION-KEY DD-API-KEY X-Master-Key
X-Api-Key apikey x-amz-server-side-encryption-customer-key X-Amz-Security-Token X-Vault-Token
x-amz-copy-source-server-side-encryption-customer-key X-Goog-Encryption-Key PRIVATE-TOKEN
X-Passphrase OK-ACCESS-PASSPHRASE X-Otp X-GitHub-OTP X-TOTP X-Pin X-Auth X-Auth-Token X-Key X-Code
X-Session-Id X-CSRF-Token X-XSRF-TOKEN X-Hub-Signature-256 X-Shopify-Access-Token X-Secret
X-Authorization X-Forwarded-Authorization X-Auth-Request-Access-Token X-Amz-Credential
X-Parse-Session-Token X-Client-Secret X-Goog-Api-Key X-Forwarded-Access-Token X-Cookie X-SID
token access_token id_token refreshToken api_key apiKey accessKey key code password passwd pwd pw
pass passphrase client_secret sig signature X-Amz-Signature session sessionid sessid jwt auth
subscription-key code_verifier SAMLResponse SAMLRequest SAMLart samlResponse ticket auth_key
PHPSESSID JSESSIONID ASP.NET_SessionId connect.sid oauth_token oauth_verifier user[password]
auth_code authorization_code device_code mfaCode otp_code csrfmiddlewaretoken authenticity_token
__RequestVerificationToken accesstoken AUTHTOKEN x-goog-signature secretKey private_key
"""
ORDINARY = """
author authority authors keyword keywords keyboard monkey donkey turkey passenger compass bypass
passage codec code_challenge_method country_code zip_code status_code currencyCode postcode
tokens max_tokens tokenizer token_type token_count session_type sessions session_count obsession
X-Total-Count ETag If-None-Match If-Match traceparent tracestate X-Request-Id X-Correlation-Id
Sec-WebSocket-Key Sec-WebSocket-Accept Sec-WebSocket-Protocol Sec-Fetch-Mode Sec-Purpose Sec-CH-UA
Idempotency-Key Surrogate-Key Cache-Key sort_key partition_key primaryKey foreign_key public_key
key_id keyName user username User-Agent auth_type auth_method X-Auth-User X-OAuth-Scopes
X-OAuth-Client-Id oauth_version WWW-Authenticate Authentication-Info expires_in token_expires_at
password_required cookie_consent signature_version Signature-Input X-Amz-SignedHeaders design
Access-Control-Allow-Credentials Access-Control-Allow-Headers ticket_id pinned spin opinion sidebar
side inside consider significant assigned page q id a X-RateLimit-Remaining Content-Type authored
session_duration X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id Accept Range Priority Via Forwarded
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_name_whose_words_tell_of_a_secret_carries_one(name: str) -> None:
    assert secret_name(name)
    assert secret_pair(name, CANARY)


@pytest.mark.parametrize("name", ORDINARY.split())
def test_an_ordinary_name_carries_none(name: str) -> None:
    assert not secret_name(name)
    assert not secret_pair(name, "4711")
    assert not secret_pair(name, CANARY)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        pytest.param("tokens", "5", False, id="a number of tokens"),
        pytest.param("auth", "true", False, id="a switch"),
        pytest.param("token", "", False, id="nothing"),
        pytest.param("key", "name", False, id="a key to sort by"),
        pytest.param("key", "created_at", False, id="a key of two words"),
        pytest.param("key", "AIzaSyD3m0", True, id="a key to get in by"),
        pytest.param("api_key", "name", True, id="a key that is named as one to get in by"),
        pytest.param("code", "404", False, id="a status"),
        pytest.param("code", "123456", True, id="a code by mail"),
        pytest.param("state", "open", False, id="the state of a thing"),
        pytest.param("state", RANDOM, True, id="the state of a sign-in"),
        pytest.param("reset", "1", False, id="a switch called reset"),
        pytest.param("invite", RANDOM, True, id="an invitation"),
        pytest.param("v", RANDOM, False, id="a version of a file"),
        pytest.param("id", "123e4567-e89b-12d3-a456-426614174000", False, id="a UUID"),
    ],
)
def test_the_value_settles_what_the_name_leaves_open(name: str, value: str, secret: bool) -> None:
    assert secret_pair(name, value) is secret


@pytest.mark.parametrize("text", ["", "created_at", "v12.stomp", "graphql-transport-ws", "a-2024"])
def test_words_and_short_numbers_are_ordinary(text: str) -> None:
    assert ordinary(text)
    assert not random(text)


@pytest.mark.parametrize("text", [RANDOM, "3f2a9c1b7d5e4f60", "dG9rZW4gZm9yIHlvdQ0=="])
def test_letters_and_digits_without_sense_are_random(text: str) -> None:
    assert random(text)
    assert not ordinary(text)


def test_of_a_very_long_name_beginning_and_end_are_read() -> None:
    assert secret_name(f"access_token_{'x' * MAX_NAME_LENGTH}")
    assert secret_name(f"{'x' * MAX_NAME_LENGTH}_token")
    assert not secret_name("x" * 10 * MAX_NAME_LENGTH)
