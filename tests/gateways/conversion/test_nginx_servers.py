"""nginx: a location takes whole segments, and the upstream gets the path as it came."""

from corsproxy.config.address import TcpAddress
from corsproxy.gateways.conversion.nginx_servers import Servers, quoted
from tests.gateways.converted import table

OTHER = "cors: {max_age: 5}"


def written(routes: str) -> list[str]:
    servers = Servers.of(table(routes), TcpAddress("127.0.0.1", 80), lambda _: ())
    return [line.strip() for line in (*servers.maps(), *servers.written())]


def test_one_route_needs_no_guard() -> None:
    lines = written("- path: /a")
    assert [line for line in lines if "map" in line or "if" in line] == []
    assert lines.count("location / {") == 1


def test_a_location_takes_whole_segments_and_the_longest_stands_first() -> None:
    lines = written(f"- {{path: /a.b, {OTHER}}}\n- {{path: /a.b/c}}")
    locations = [line for line in lines if line.startswith("location")]
    assert locations == [
        r'location ~ "^/a\\.b/c(?:[/?]|$)" {',
        r'location ~ "^/a\\.b(?:[/?]|$)" {',
        "location / {",
    ]
    assert "if ($cors_ambiguous) {" in lines


def test_a_prefix_is_cut_out_of_the_path_as_it_came() -> None:
    lines = written("- {path: /a, strip_path: true, upstream: 'https://api.test'}")
    assert '"~^/a/?(?<cors_rest>.*)$" /$cors_rest;' in lines
    assert "server api.test:443;" in lines
    assert 'proxy_set_header X-Forwarded-Prefix "/a";' in lines
    assert "proxy_pass https://cors_upstream$cors_path;" in lines
    assert "proxy_ssl_name api.test;" in lines


def test_a_socket_of_the_file_system_may_be_the_upstream_of_a_prefix() -> None:
    lines = written("- {path: /a, strip_path: true, upstream: 'unix:/tmp/api'}")
    assert "server unix:/tmp/api;" in lines
    assert "proxy_pass http://cors_upstream$cors_path;" in lines


def test_equal_prefixes_share_what_is_left_and_equal_tables_what_is_refused() -> None:
    routes = f"""- {{path: /a, strip_path: true}}
- {{path: /a, strip_path: true, host: b.test, {OTHER}}}
- {{path: /b, strip_path: true}}"""
    lines = written(routes)
    maps = [line for line in lines if line.startswith("map")]
    assert maps == [
        "map $request_uri $cors_ambiguous {",
        "map $request_uri $cors_path {",
        "map $request_uri $cors_path_1 {",
    ]
    assert [line for line in lines if line.startswith("server_name")] == ["server_name b.test;"]


def test_what_cannot_be_said_has_no_location() -> None:
    lines = written(f"- {{path: /a%2Fb, {OTHER}}}")
    assert [line for line in lines if line.startswith("location")] == ["location / {"]
    assert "return 400;" in lines


def test_a_word_ends_where_it_should() -> None:
    assert quoted('a"\\d') == r'"a\"\\d"'
