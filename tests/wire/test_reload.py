"""Reload: a policy replaced while requests come; each response is the whole of one policy."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program, running
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.conftest import Lane
from tests.wire.messages import Message, Wire, reply

POLICY = """
upstream: {url}
cors: {{allow_origins: [{origin}], expose_headers: [x-{name}], allow_credentials: {credentials}}}
"""
READ = "the settings were reloaded"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


Served = tuple[Program, Path]


@pytest.fixture
def served(lane: Lane, upstream: Upstream) -> Iterator[Served]:
    """The program with policy a, and its file."""
    fast = {"CORSPROXY_FAST_LANE": "true" if lane.fast else "false"}
    with running(policy(upstream, "a"), environ=fast, uvloop=lane.uvloop) as started:
        yield started


def policy(upstream: Upstream, name: str) -> str:
    """Policy a allows a.test and credentials, policy b neither."""
    credentials = "true" if name == "a" else "false"
    origin = f"https://{name}.test"
    return POLICY.format(url=upstream.url, origin=origin, name=name, credentials=credentials)


def replace(path: Path, text: str) -> None:
    """As careful editors do."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def by_link(path: Path, text: str) -> None:
    """As Kubernetes does with a ConfigMap."""
    target = path.with_name(f"version-{len(text)}.yaml")
    target.write_text(text)
    link = path.with_suffix(".link")
    link.symlink_to(target)
    link.replace(path)


def ask(client: Wire, origin: bytes) -> Message:
    return client.send(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + b"\r\n\r\n"
    ).response()


@pytest.mark.parametrize("write", [replace, in_place, by_link])
def test_a_changed_file_counts_for_the_next_request_on_an_open_connection(
    served: Served, upstream: Upstream, write: object
) -> None:
    program, path = served
    with Wire.to(program.port) as client:
        assert ask(client, b"https://a.test").status == 200
        assert callable(write)
        write(path, policy(upstream, "b"))
        program.wait_for(READ)
        assert ask(client, b"https://a.test").status == 403
        assert ask(client, b"https://b.test").one(b"access-control-expose-headers") == b"x-b"


def test_sighup_reads_the_file_anew(served: Served) -> None:
    program, _ = served
    program.signal("SIGHUP")
    program.wait_for(READ)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("cors: {orgins: []}", "unknown-key", id="a mistake"),
        pytest.param("cors: [", "error", id="no YAML"),
    ],
)
def test_a_file_that_is_no_good_changes_nothing(served: Served, text: str, said: str) -> None:
    program, path = served
    replace(path, text)
    program.wait_for("the old settings stay in use")
    assert said in program.output
    with Wire.to(program.port) as client:
        assert ask(client, b"https://a.test").status == 200


def test_a_request_under_way_keeps_its_policy(served: Served, upstream: Upstream) -> None:
    program, path = served
    came, go_on = threading.Event(), threading.Event()

    def script(wire: Wire, _: Message) -> None:
        came.set()
        go_on.wait(10)
        wire.send(reply(b"hello"))

    upstream.script = script
    with Wire.to(program.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.test\r\n\r\n")
        assert came.wait(5)
        replace(path, policy(upstream, "b"))
        program.wait_for(READ)
        go_on.set()
        assert client.response().one(b"access-control-expose-headers") == b"x-a"


def test_under_load_every_response_is_the_whole_of_one_policy(
    served: Served, upstream: Upstream
) -> None:
    program, path = served
    stop = threading.Event()
    seen: set[tuple[int, bytes | None, bytes | None]] = set()
    failed: list[BaseException] = []

    def load() -> None:
        try:
            with Wire.to(program.port) as client:
                while not stop.is_set():
                    response = ask(client, b"https://a.test")
                    names = response.one(b"access-control-expose-headers")
                    credentials = response.one(b"access-control-allow-credentials")
                    seen.add((response.status, names, credentials))
        except BaseException as error:  # noqa: BLE001 - judged below
            failed.append(error)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        replace(path, policy(upstream, "b" if number % 2 else "a"))
        program.signal("SIGHUP")
    replace(path, policy(upstream, "b"))
    program.signal("SIGHUP")
    with Wire.to(program.port) as client:
        until(lambda: ask(client, b"https://a.test").status == 403)
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert seen <= {(200, b"x-a", b"true"), (403, None, None)}


def told(program: Program, target: bytes) -> tuple[int, str]:
    """What the admin address says."""
    with Wire.to(program.admin) as wire:
        response = wire.send(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target).response()
        return response.status, response.content.decode()


def test_readiness_and_metrics_tell_of_a_reload_that_failed_until_one_succeeds(
    served: Served, upstream: Upstream
) -> None:
    program, path = served
    assert told(program, b"/readyz?config&upstream") == (200, "ready\n")
    replace(path, "cors: [")
    program.wait_for("the old settings stay in use")
    assert told(program, b"/readyz")[0] == 200
    assert told(program, b"/readyz?config")[0] == 503
    assert "corsproxy_config_last_reload_successful 0.0" in told(program, b"/metrics")[1]
    replace(path, policy(upstream, "b"))
    program.wait_for(READ)
    assert told(program, b"/readyz?config") == (200, "ready\n")
    assert "corsproxy_config_last_reload_successful 1.0" in told(program, b"/metrics")[1]


def test_readiness_names_the_upstream_that_is_down_when_asked(
    served: Served, upstream: Upstream
) -> None:
    program, _ = served
    upstream.close()
    assert told(program, b"/readyz") == (200, "ready\n")
    status, text = told(program, b"/readyz?upstream")
    assert status == 503
    assert text.startswith(f"{upstream.url} refuses connections")


def test_the_logs_level_and_format_change_with_a_reload(served: Served, upstream: Upstream) -> None:
    program, path = served
    with Wire.to(program.port) as client:
        ask(client, b"https://a.test")
        program.wait_for(r"GET +/ +200")
        replace(path, policy(upstream, "a") + "log: {format: json, level: warning}")
        program.wait_for('"event":"reload","changes":."log.format: pretty -> json"')
        lines = len(program.output.splitlines())
        ask(client, b"https://a.test")
        assert ask(client, b"https://b.test").status == 403
        program.wait_for('"event":"request".*"status":403')
        replace(path, policy(upstream, "a"))
        program.wait_for("  log.format: json -> pretty")
    told = program.output.splitlines()[lines:]
    assert [line for line in told if '"status":200' in line] == []
