"""What attackers try, against servers that each make one usual mistake."""

import json
import re
from collections.abc import Callable

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.headers import Fields
from corsproxy.probe import audit as audits
from corsproxy.probe.audit import Audit, audit
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.trials import trials

URL = "https://api.shop.test/items"
HOST = "api.shop.test"


class Server:
    """Shares with the origins that `allows` says; nothing goes over a wire."""

    def __init__(
        self, allows: Callable[[str], bool], *, credentials: bool = True, vary: str = "Origin"
    ) -> None:
        self.allows = allows
        self.credentials = credentials
        self.vary = self.vary_without_origin = vary
        self.asked: list[tuple[str, Fields]] = []

    async def send(
        self, method: str, url: str, fields: Fields, content: bytes = b""
    ) -> ServerResponse:
        self.asked.append((method, fields))
        origin = f.joined(fields, f.ORIGIN)
        vary = self.vary if origin else self.vary_without_origin
        response = [(f.VARY, vary)] if vary else []
        if origin is not None and self.allows(origin):
            response.append((f.ALLOW_ORIGIN, origin))
            if self.credentials:
                response.append((f.ALLOW_CREDENTIALS, "true"))
        return ServerResponse(200, "OK", response)


class Wildcard(Server):
    async def send(
        self, method: str, url: str, fields: Fields, content: bytes = b""
    ) -> ServerResponse:
        extra = [(f.ALLOW_CREDENTIALS, "true")] if self.credentials else []
        return ServerResponse(200, "OK", [(f.ALLOW_ORIGIN, "*"), *extra])


def ids(result: Audit) -> list[str]:
    return [weakness.id for weakness in result.weaknesses]


@pytest.mark.parametrize(
    ("allows", "grade", "weaknesses"),
    [
        pytest.param(lambda _: False, "A", [], id="nobody"),
        pytest.param(lambda o: o == f"https://{HOST}", "A", [], id="one exact origin"),
        pytest.param(lambda _: True, "F", ["any-origin-reflected"], id="everybody"),
        pytest.param(lambda o: o == "null", "F", ["null-allowed"], id="the opaque origin"),
        pytest.param(
            lambda o: o.startswith(f"https://{HOST}"),
            "F",
            ["prefix-match", "userinfo-look-alike", "odd-byte-in-host", "other-port"],
            id="a prefix",
        ),
        pytest.param(
            lambda o: re.fullmatch(r"https://api\.shop\.test[^.]*\$.*", o) is not None,
            "F",
            ["odd-byte-in-host"],
            id="a byte that only some browsers let through",
        ),
        pytest.param(
            lambda o: o.endswith("shop.test"),
            "F",
            [
                *("suffix-match", "unescaped-dot"),
                *("http-downgrade", "http-subdomain", "any-subdomain"),
            ],
            id="a suffix",
        ),
        pytest.param(
            lambda o: o.startswith("https://") and o.endswith(HOST),
            "C",
            ["any-subdomain"],
            id="a suffix that only siblings and subdomains have",
        ),
        pytest.param(
            lambda o: o.startswith("https://") and o.endswith(".shop.test"),
            "C",
            ["any-subdomain"],
            id="every subdomain of the site",
        ),
        pytest.param(
            lambda o: "://" in o and HOST.endswith(o.partition("://")[2]),
            "F",
            ["host-cut", "http-downgrade"],
            id="the trusted host ends so",
        ),
        pytest.param(
            lambda o: o.startswith("http://localhost"),
            "F",
            ["localhost-look-alike"],
            id="what begins like localhost",
        ),
        pytest.param(
            lambda o: "://" not in o and o != "null",
            "C",
            ["not-an-origin"],
            id="what is no origin",
        ),
        pytest.param(
            lambda o: re.fullmatch(r"http://(.+\.)?api\.shop\.test", o) is not None,
            "D",
            ["http-downgrade", "http-subdomain"],
            id="http below the host",
        ),
        pytest.param(
            lambda o: re.fullmatch("https://api.shop.test", o) is not None,
            "F",
            ["unescaped-dot"],
            id="a regex with bare dots",
        ),
        pytest.param(
            lambda o: o.partition("://")[2] == HOST, "D", ["http-downgrade"], id="any scheme"
        ),
        pytest.param(
            lambda o: o.endswith(f".{HOST}"),
            "D",
            ["http-subdomain", "any-subdomain"],
            id="subdomains, by any scheme",
        ),
    ],
)
async def test_each_mistake_is_found_by_its_own_trial(
    allows: Callable[[str], bool], grade: str, weaknesses: list[str]
) -> None:
    result = await audit(Server(allows), URL)
    assert (result.grade, ids(result)) == (grade, weaknesses)


async def test_without_credentials_the_same_mistake_weighs_less() -> None:
    result = await audit(Server(lambda _: True, credentials=False), URL)
    assert (result.grade, ids(result)) == ("C", ["any-origin-reflected"])


async def test_public_data_may_be_public() -> None:
    result = await audit(Wildcard(lambda _: True, credentials=False), URL)
    assert (result.grade, ids(result), result.passed) == ("B", ["any-origin"], True)


async def test_a_wildcard_with_credentials_is_no_policy() -> None:
    result = await audit(Wildcard(lambda _: True), URL)
    assert ids(result) == ["wildcard-with-credentials", "any-origin"]
    assert not result.passed


async def test_a_response_made_for_one_origin_must_say_so_to_caches() -> None:
    trusted = "https://app.shop.test"
    result = await audit(Server(lambda o: o == trusted, vary="Accept"), URL, trusted)
    assert (result.grade, ids(result)) == ("C", ["vary-missing"])


async def test_a_response_made_for_nobody_must_say_so_too() -> None:
    trusted = "https://app.shop.test"
    server = Server(lambda o: o == trusted)
    server.vary_without_origin = ""
    result = await audit(server, URL, trusted)
    assert (result.grade, ids(result)) == ("B", ["vary-missing-without-origin"])


@pytest.mark.parametrize(
    ("named", "weaknesses"),
    [
        pytest.param("https://partner.test", ["foreign-origin"], id="another site"),
        pytest.param("https://www.shop.test", [], id="another host of the site"),
        pytest.param("http://localhost:5173", [], id="this machine"),
        pytest.param("null", [], id="the opaque origin, which is a weakness of its own"),
        pytest.param("https://partner.test/\x1b", [], id="what is no origin grants nothing"),
    ],
)
async def test_an_origin_named_to_everybody_is_told_where_it_is_of_another_site(
    named: str, weaknesses: list[str]
) -> None:
    class Fixed(Server):
        async def send(
            self, method: str, url: str, fields: Fields, content: bytes = b""
        ) -> ServerResponse:
            origin = f.joined(fields, f.ORIGIN)
            allowed = "https://nobody.shop.test" if origin == named else named
            return ServerResponse(200, "OK", [(f.ALLOW_ORIGIN, allowed), (f.VARY, f.ORIGIN)])

    assert ids(await audit(Fixed(lambda _: False), URL)) == weaknesses


async def test_own_fields_go_with_each_request_and_with_no_preflight() -> None:
    server = Server(lambda _: False)
    own = ("Authorization", "Bearer s3cret")
    result = await audit(server, URL, page_headers=[own])
    carried = {method: own in fields for method, fields in server.asked}
    assert carried == {"GET": True, "OPTIONS": False}
    assert "s3cret" not in audits.audit_text(result)


async def test_look_alikes_of_a_trusted_origin_are_tried_too() -> None:
    trusted = "https://app.shop.test"
    result = await audit(Server(lambda o: o.startswith(trusted)), URL, trusted)
    assert "prefix-match" in ids(result)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://[::1]:8000"])
def test_an_address_has_no_look_alikes(base: str) -> None:
    assert [trial.id for trial in trials(base)] == ["other-port"]


def test_a_public_suffix_has_no_site_of_its_own() -> None:
    tried = {trial.id: trial.origin for trial in trials("https://localhost")}
    assert tried["suffix-match"] == "https://attackerlocalhost"
    assert "host-cut" not in tried


def test_the_host_of_a_site_has_no_siblings_and_one_letter_leaves_nothing_to_cut() -> None:
    tried = {trial.origin: trial.id for trial in trials("https://x.test")}
    assert tried["https://attackerx.test"] == "suffix-match"
    assert list(tried.values()).count("any-subdomain") == 1
    assert "host-cut" not in tried.values()


def test_every_dot_is_tried_that_makes_a_host_of_another_site() -> None:
    tried = [one.origin for one in trials("https://a.b.shop.co.uk") if one.id == "unescaped-dot"]
    assert tried == ["https://a.bxshop.co.uk", "https://a.b.shopxco.uk"]


async def test_the_report_names_grade_origin_and_fix() -> None:
    result = await audit(Server(lambda o: o == "null"), f"{URL}?token=secret")
    told = audits.audit_text(result)
    assert told.startswith(f"F  {URL}, ")
    assert "(Origin: null) [null-allowed]" in told
    assert "fix: take null off the list" in told
    assert json.loads(audits.audit_json(result))["grade"] == "F"
    assert "<failure message=" in audits.audit_junit(result)
    assert audits.audit_github(result).startswith("::error title=")
    printed = audits.audit_json(result) + audits.audit_junit(result) + audits.audit_github(result)
    assert "secret" not in told + printed
