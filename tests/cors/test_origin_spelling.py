"""Each text that no browser spells is refused, with the spelling that would match."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsproxy.cors.origin import OriginPattern, PatternError, RegexPattern


def mistake(text: str) -> PatternError:
    with pytest.raises(PatternError) as raised:
        OriginPattern.parse(text)
    return raised.value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://a.test", id="https"),
        pytest.param("http://localhost:5173", id="port"),
        pytest.param("http://127.0.0.1:90", id="IPv4"),
        pytest.param("http://[::1]:3000", id="IPv6"),
        pytest.param("http://[2001:db8:aaaa:1111::100]:9090", id="IPv6, long"),
        pytest.param("http://[::ffff:102:304]", id="IPv6, IPv4-mapped"),
        pytest.param("https://xn--exmple-cua.com", id="punycode"),
        pytest.param("https://ex_am-ple.com:3999", id="underscore and hyphen"),
        pytest.param("http://example.com.:3999", id="trailing dot"),
        pytest.param("https://1.example.com", id="a number as first label"),
        pytest.param("chrome-extension://abcdefghijklmnop", id="browser extension"),
        pytest.param("tauri://localhost", id="tauri"),
        pytest.param("capacitor://localhost", id="capacitor"),
        pytest.param("app://1.2", id="opaque host that looks like an address"),
        pytest.param("https://*.preview.example.com", id="subdomains"),
        pytest.param("http://localhost:*", id="any port"),
        pytest.param("http://*.example.com:*", id="subdomains and any port"),
        pytest.param("https://*.com", id="subdomains of a public suffix: unwise, not wrong"),
        pytest.param("https://a.test:65535", id="the highest port"),
        pytest.param("http://a.test:443", id="the default port of another scheme"),
        pytest.param("null", id="opaque"),
    ],
)
def test_what_browsers_spell_is_read_and_printed_alike(text: str) -> None:
    assert str(OriginPattern.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param("example.com", "https://example.com", id="no scheme"),
        pytest.param("localhost:5173", "http://localhost:5173", id="no scheme, loopback name"),
        pytest.param("app.localhost", "http://app.localhost", id="no scheme, name below localhost"),
        pytest.param("127.0.0.1:3000", "http://127.0.0.1:3000", id="no scheme, loopback address"),
        pytest.param("[::1]:3000", "http://[::1]:3000", id="no scheme, loopback IPv6"),
        pytest.param("*.example.com", "https://*.example.com", id="no scheme, subdomains"),
        pytest.param("https:/example.com", "https://example.com", id="one slash"),
        pytest.param("https:///example.com", "https://example.com", id="three slashes"),
        pytest.param("https://example.com/", "https://example.com", id="trailing slash"),
        pytest.param("https://a.test:6060/foo", "https://a.test:6060", id="path"),
        pytest.param("https://a.test:6060?", "https://a.test:6060", id="empty query"),
        pytest.param("https://a.test#nav", "https://a.test", id="fragment"),
        pytest.param("https://u:p@a.test:6060", "https://a.test:6060", id="user and password"),
        pytest.param("HTTPS://A.test", "https://a.test", id="capitals"),
        pytest.param("https://a.test:443", "https://a.test", id="default port of https"),
        pytest.param("http://a.test:80", "http://a.test", id="default port of http"),
        pytest.param("https://a.test:", "https://a.test", id="colon without port"),
        pytest.param("https://foo:06060", "https://foo:6060", id="leading zero"),
        pytest.param("http://a.test:0", "http://a.test:*", id="port 0"),
        pytest.param(" https://a.test\n", "https://a.test", id="blanks around"),
        pytest.param("https://exämple.com", "https://xn--exmple-cua.com", id="Unicode"),
        pytest.param(
            "https://*.Exämple.com:443/x", "https://*.xn--exmple-cua.com", id="much at once"
        ),
        pytest.param(
            "http://[2001:4860:4860:0000:0000:0000:0000:8888]:90",
            "http://[2001:4860:4860::8888]:90",
            id="IPv6 not compressed",
        ),
        pytest.param("http://[::FFFF:1.2.3.4]", "http://[::ffff:102:304]", id="IPv6 with dots"),
        pytest.param("tauri://[0::1]", "tauri://[::1]", id="IPv6 in another scheme"),
        pytest.param("http://127.1:3999", "http://127.0.0.1:3999", id="short IPv4"),
        pytest.param("http://0x7f.0.0.1", "http://127.0.0.1", id="hexadecimal IPv4"),
        pytest.param("http://0177.1", "http://127.0.0.1", id="octal IPv4"),
        pytest.param("http://2130706433", "http://127.0.0.1", id="IPv4 as one number"),
        pytest.param("http://0x", "http://0.0.0.0", id="0x is zero"),
        pytest.param("https://127.0.0.1.:90", "https://127.0.0.1:90", id="IPv4, trailing dot"),
        pytest.param("http://*.[::1]:3999", "http://[::1]:3999", id="subdomains of IPv6"),
        pytest.param("http://*.10.0.0.1", "http://10.0.0.1", id="subdomains of IPv4"),
        pytest.param("http://**.a.test:3999", "http://*.a.test:3999", id="two stars"),
        pytest.param("http://*a.test:3999", "http://*.a.test:3999", id="star glued to a name"),
        pytest.param("ws://localhost:80", "http://localhost", id="ws"),
        pytest.param("wss://*.a.test:8443", "https://*.a.test:8443", id="wss"),
        pytest.param("Null", '"null"', id="opaque, in capitals"),
        pytest.param("file:///home/me/page.html", '"null"', id="file"),
        pytest.param("file://host", '"null"', id="file with a host"),
        pytest.param("https://*", "{regex: 'https://[^:]+'}", id="every host"),
        pytest.param("http://*:3000", "{regex: 'http://[^:]+:3000'}", id="every host, one port"),
        pytest.param("http://*:80", "{regex: 'http://[^:]+'}", id="every host, default port"),
        pytest.param("https://*:*", "{regex: 'https://[^:]+(:[0-9]+)?'}", id="every host and port"),
        pytest.param("*", 'either "*" alone or the other origins', id="any origin among others"),
    ],
)
def test_a_mistake_has_its_fix(text: str, fix: str) -> None:
    assert mistake(text).fix == fix


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("https://xn--zz.test", id="punycode that ends too early"),
        pytest.param("https://a.xn--a.test", id="punycode of a control character"),
        pytest.param("https://xn--.test", id="punycode of nothing"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///", id="no host, but a path"),
        pytest.param("http:c.tv", id="colon only"),
        pytest.param("42-chrome-extension://foo", id="a scheme that starts with a digit"),
        pytest.param("https://^foo", id="bad character in the host"),
        pytest.param("https://a b.test", id="blank in the host"),
        pytest.param("https://foo:-1", id="negative port"),
        pytest.param("https://foo:12345foo", id="port, then junk"),
        pytest.param("https://foo:123456", id="six digits"),
        pytest.param("https://foo:65536", id="a port too high"),
        pytest.param("http://foo.bar.255:6060", id="numeric last label"),
        pytest.param("http://127.0.0.1.1", id="five bytes"),
        pytest.param("http://256.0.0.1", id="a byte too large"),
        pytest.param("http://1.16777216", id="a last number too large"),
        pytest.param("http://09", id="no octal number"),
        pytest.param("http://[::1]1:6060", id="junk after the bracket"),
        pytest.param("http://[example]:90", id="a name in brackets"),
        pytest.param("http://[1:2]", id="no IPv6 address"),
        pytest.param("https://::1:90", id="IPv6 without brackets"),
        pytest.param("http://[::1:90", id="missing bracket"),
        pytest.param("http://[fe80::1%eth2]:90", id="IPv6 zone"),
        pytest.param("http://example..com:3999", id="empty label"),
        pytest.param("http://foo.*.example.com", id="star in the middle"),
        pytest.param("http://*:80*", id="star in the port"),
        pytest.param("https://\u2028.test", id="a host that IDNA does not know"),
    ],
)
def test_a_mistake_without_a_spelling_near_has_no_fix(text: str) -> None:
    assert mistake(text).fix is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a.test", "expected scheme://host", id="no scheme"),
        pytest.param("https://u@a.test/x", "no user name", id="user name"),
        pytest.param("https://a.test/", "ends after its host and port", id="slash"),
        pytest.param("https://Ä.test", "punycode", id="Unicode"),
        pytest.param("https://A.test", "lower case", id="capitals"),
        pytest.param("https://a.test:080", "leading zeros", id="leading zero"),
        pytest.param("https://a.test:443", "leaves out the default port", id="default port"),
        pytest.param("https://a.test:0", "port 0", id="port 0"),
        pytest.param("https://a.test:70000", "the highest is 65535", id="port too high"),
        pytest.param(
            "http://1.2.3.4.5", "is an IPv4 address, and 1.2.3.4.5 is not valid", id="IPv4"
        ),
        pytest.param("http://[1]", "[1] is not an IPv6 address", id="IPv6"),
        pytest.param("http://*.1.2.3.4", "has no subdomains", id="subdomains of an address"),
        pytest.param("https://a.*", "`*` stands for whole subdomains", id="star elsewhere"),
        pytest.param("https://*", "never for every host", id="star as host"),
        pytest.param("file:///x", "the origin null", id="file"),
        pytest.param("wss://a.test", "origin of its page", id="WebSocket"),
        pytest.param("NULL", "lower case", id="opaque"),
        pytest.param("*", "names every origin", id="any origin"),
    ],
)
def test_a_mistake_says_what_is_wrong(text: str, words: str) -> None:
    assert words in mistake(text).message


@given(st.text() | st.from_regex(r"[a-zA-Z]{1,5}:/{0,3}[*.a-zA-Z0-9:@\[\]/?#ä-]{0,20}"))
@example("https://ß.test")
def test_any_text_is_read_or_refused_and_each_fix_is_read(text: str) -> None:
    try:
        spelled = str(OriginPattern.parse(text))
    except PatternError as error:
        fix = error.fix
    else:
        assert spelled == text
        fix = spelled
    if fix is not None and not fix.startswith(("either ", "{regex: ")):
        assert str(OriginPattern.parse(fix.strip('"'))) == fix.strip('"')


@pytest.mark.parametrize("text", ["https://*", "http://*:3000", "https://*:*"])
def test_the_regex_that_replaces_a_bare_star_matches_hosts_and_ports(text: str) -> None:
    fix = mistake(text).fix or ""
    pattern = RegexPattern(fix.removeprefix("{regex: '").removesuffix("'}"))
    assert pattern.matches(text.replace("//*", "//a.test").replace(":*", ":8443"))
    assert not pattern.matches("null")
