"""One test case of JUnit's format, as CI reads it."""

import xml.etree.ElementTree as ET

from corsproxy.probe.junit import one_case


def test_what_passed_has_no_failure() -> None:
    suite = ET.fromstring(one_case("corsproxy probe", "a name"))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert suite.find("testcase/failure") is None


def test_what_failed_says_why_and_no_text_becomes_markup() -> None:
    suite = ET.fromstring(one_case("corsproxy probe", '<"\x1b', '<why>"', "<details>"))
    assert suite.get("failures") == "1"
    case, failure = suite.find("testcase"), suite.find("testcase/failure")
    assert case is not None
    assert case.get("name") == '<"\\x1b'
    assert failure is not None
    assert (failure.get("message"), failure.text) == ('<why>"', "<details>")
