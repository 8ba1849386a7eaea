"""URLs as a browser reads them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsproxy.cors.browser.url import is_url, origin_of, parts_of, resolved_url


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        pytest.param("http://A.test:80/x", "http://a.test", id="capitals and the default port"),
        pytest.param("https://me:pw@a.test:8443/", "https://a.test:8443", id="a user name"),
    ],
)
def test_the_origin_of_a_url(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_what_is_no_url_has_no_parts() -> None:
    assert parts_of("http://[").netloc == ""


@pytest.mark.parametrize("text", ["http://a.test.", "http://1.2.3", "foo:bar baz", "http://h:"])
def test_what_is_a_url(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize("text", ["a.test", "http://1.2.3.4.5", "http://a b", "http://h:65536"])
def test_what_is_none(text: str) -> None:
    assert not is_url(text)


def test_a_location_of_another_scheme_stays_as_it_is() -> None:
    target = resolved_url("http://a.test/", "myapp:\\x")
    assert target is not None
    assert target.geturl() == "myapp:\\x"


def test_a_location_that_is_not_a_url_leads_nowhere() -> None:
    assert resolved_url("http://a.test/", "//[") is None


@given(st.text() | st.text("htps:/\\[]@?#.%a1 \t\u2100"))
@example("http:[")
@example("http:/[")
@example("\\\\[")
def test_no_location_raises(location: str) -> None:
    found = resolved_url("http://a.test/x", location)
    assert found is None or found.scheme
