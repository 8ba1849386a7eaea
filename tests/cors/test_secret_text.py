"""Texts in which a secret hides, and texts that must stay as they are."""

import base64
import json
from collections import defaultdict
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.escape import escaped
from corsproxy.cors.reasons import CATALOGUE
from corsproxy.cors.secret_text import (
    masked_text,
    userinfo_dropped,
    userinfo_starred,
    without_userinfo,
)

CANARY = "c4n4ry"
RANDOM = "Zk3x9QpL0aVb7T2e"
HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")


def encoded(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text, safe="")
    return text


HIDING = [
    pytest.param("/p?token=<>", "/p?token=***", id="query"),
    pytest.param("/p?a=1&pass=<>&b=2", "/p?a=1&pass=***&b=2", id="query among others"),
    pytest.param("/p;jsessionid=<>", "/p;jsessionid=***", id="path parameter"),
    pytest.param("https://h/#id_token=<>", "https://h/#id_token=***", id="fragment"),
    pytest.param("https://u:<>@h/", "https://***@h/", id="userinfo"),
    pytest.param("u:<>@h:443", "***@h:443", id="userinfo of a CONNECT"),
    pytest.param("CONNECT u:<>@h:443 HTTP/1.1", "CONNECT ***@h:443 HTTP/1.1", id="CONNECT itself"),
    pytest.param("<>@h:443", "***@h:443", id="userinfo that is one word"),
    pytest.param('/?q={"token":"<>"}', '/?q={"token":***}', id="JSON in a query"),
    pytest.param('{"a":1,"password": "<>"}', '{"a":1,"password": ***}', id="JSON"),
    pytest.param("{'secret': '<>', 'a': 1}", "{'secret': ***, 'a': 1}", id="a dict of Python"),
    pytest.param(r'"{\"token\":\"<>\"}"', r'"{\"token\":***', id="JSON in a JSON string"),
    pytest.param("field line 'Authorization: Bearer <>'", "field line 'Authorization: ***'",
                 id="a field that is quoted"),
    pytest.param("field line 'Set-Cookie a=<>; Path=/'", "field line 'Set-Cookie ***'",
                 id="a Set-Cookie without its colon"),
    pytest.param("'Set-Cookie: a=<>; b=<>'", "'Set-Cookie: ***'", id="a Set-Cookie"),
    pytest.param("'X-Api-Key: <>'...", "'X-Api-Key: ***'...", id="another field that is quoted"),
    pytest.param("no HTTP: 'password=<>&a=1'", "no HTTP: 'password=***&a=1'", id="a form"),
    pytest.param(f"/a/{HEADER}.<>.<>", "/a/***", id="a JWT in a path"),
    pytest.param(f"sess-{HEADER}.<>.x", "sess-***", id="a JWT behind a prefix"),
    pytest.param(f"/reset/{RANDOM}<>", "/reset/***", id="a path that tells"),
    pytest.param(f"/hook?x=ghp_{RANDOM}<>", "/hook?x=***", id="an issuer's prefix"),
    pytest.param(f"/x/sk_live_{RANDOM}<>/y", "/x/***/y", id="an issuer's prefix in a path"),
    pytest.param(f"/5%-sk_live_{RANDOM}<>", "/5%-***", id="behind a lone percent sign"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), HIDING)
def test_a_secret_is_masked_where_it_hides(text: str, shown: str) -> None:
    assert masked_text(text.replace("<>", CANARY)) == shown


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(f"https://x/?token={CANARY}", id="a URL with a query"),
        pytest.param(f"https://u:{CANARY}@x/", id="a URL with userinfo"),
        pytest.param(json.dumps({"token": CANARY}), id="JSON"),
        pytest.param(f"token={CANARY}", id="a pair"),
        pytest.param(f"a=1&token={CANARY}", id="pairs"),
        pytest.param(f"{HEADER}.{CANARY}.x=", id="a JWT"),
    ],
)
def test_an_encoded_secret_is_masked(inner: str, times: int) -> None:
    for target in (f"/a?next={encoded(inner, times)}&b=2", f"/to/{encoded(inner, times)}/b"):
        shown = masked_text(target)
        assert CANARY not in shown
        assert shown.startswith(target[:4])
        assert shown.endswith(target[-2:])


@pytest.mark.parametrize("key", ["%74oken", "a%70i_key", "%61uth%5Fkey"])
def test_an_encoded_key_is_read(key: str) -> None:
    assert masked_text(f"/?{key}={CANARY}") == f"/?{key}=***"


STAYS = """
/ /api/items?page=2&sort=name /users/123e4567-e89b-12d3-a456-426614174000/orders /a/b;v=1?x=%20y
/assets/index-4f3e2d1c.js?v=8d7f6a5b4c3d2e1f /search?q=author%3Abob&author=bob&keyword=monkey
/v1/chat?max_tokens=4096&tokens=5 /items?key=name&cursor=eyJpZCI6MTB9 /a?country_code=de&code=404
/auth/login /oauth/authorize?response_type=code&client_id=abc&redirect_uri=https%3A%2F%2Fa%2Fb
/tokens /session /reset-password /keys/my-first-key /npm/@scope/pkg@1.2.3/x:y@z mailto:bob@a.test
http://localhost:5173 https://pr-12.app.example:8443 "/static/sk-SK/some-long-page-name-here.html"
00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 W/"33a64df551425fcc55e4d42a148795d9f25f89d4"
text/html;q=0.9,*/*;q=0.8 max-age=3600,must-revalidate bytes=0-99 sid... path=/;secure a=b
"""


@pytest.mark.parametrize("text", STAYS.split())
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_sentence_of_ours_is_masked(name: str) -> None:
    entry = CATALOGUE[name]
    values = defaultdict(lambda: "Authorization", origin="http://a.test", got="http://b.test")
    text = f"{entry.text} {entry.fix}".format_map(values)
    assert masked_text(text) == text


@pytest.mark.parametrize(("text", "_"), HIDING)
def test_a_secret_is_masked_wherever_the_text_is_cut(text: str, _: str) -> None:
    secret = "S3CR3Tqzj8"
    whole = text.replace("<>", secret)
    for longest in range(1, len(whole)):
        shown = masked_text(whole, longest)
        assert len(shown) <= longest + 6
        assert not any(piece in shown for piece in ("S3C", "CR3", "3Tq", "qzj", "j8")), shown


def test_what_is_cut_ends_in_dots() -> None:
    assert masked_text("/abcdef", 4) == "/abc..."
    assert masked_text("/abc", 4) == "/abc"


@given(st.text(max_size=300), st.integers(1, 300))
def test_any_text_is_masked_without_an_error(text: str, longest: int) -> None:
    assert len(escaped(masked_text(text, longest))) >= 0
    masked_text(text)


@given(st.text(st.sampled_from("/?&=#;:@%2F3A\"'{}. ab"), max_size=80))
def test_masking_twice_is_masking_once(text: str) -> None:
    shown = masked_text(f"{text}&token={CANARY}&")
    assert CANARY not in shown


@pytest.mark.parametrize(
    ("typed", "shown", "left"),
    [
        pytest.param("http://me:<>@a.test/x", "http://***@a.test/x", "http://a.test/x", id="URL"),
        pytest.param("me:<>@a.test:80", "***@a.test:80", "a.test:80", id="without a scheme"),
        pytest.param("http://me:/<>#@a.test", "http://***@a.test", "http://a.test", id="no URL"),
        pytest.param("http://me:@<>@a.test", "http://***@a.test", "http://a.test", id="two at"),
        pytest.param("http://@a.test", "http://@a.test", "http://a.test", id="empty"),
        pytest.param("http://a.test/x", "http://a.test/x", "http://a.test/x", id="none"),
    ],
)
def test_what_was_typed_is_quoted_without_its_password(typed: str, shown: str, left: str) -> None:
    secret = typed.replace("<>", CANARY)
    assert without_userinfo(secret) == shown
    assert userinfo_dropped(secret) == left


def test_in_a_line_of_a_file_each_character_of_a_password_is_a_star() -> None:
    line = 'upstream: "http://me:pw@a.test" # no at: b, ask@c.test'
    assert userinfo_starred(line) == 'upstream: "http://*****@a.test" # no at: b, ***@c.test'
    assert userinfo_starred("- https://a.test") == "- https://a.test"


@given(st.text(alphabet="ab:/@ '"))
def test_stars_leave_every_column_where_it_was(line: str) -> None:
    assert len(userinfo_starred(line)) == len(line)
