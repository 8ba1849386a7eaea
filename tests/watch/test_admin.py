import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from corsproxy.config.address import UnixAddress
from corsproxy.watch.guard import RESPONSE_HEADERS
from corsproxy.watch.readiness import NOT_RELOADED
from tests.watch.exchanges import exchange
from tests.watch.world import CONFIG, World, world

PATHS = ["/", "/page/main.js", "/healthz", "/readyz", "/metrics", "/exchanges", "/policy", "/none"]
TEXTS = ["/healthz", "/readyz", "/metrics"]
READ = [
    "/har",
    "/exchanges",
    "/events",
    "/policy",
    "/explain?origin=http://a.test",
    "/page/main.js",
]
SECRET = exchange(fields=[("Cookie", "a=c4n4ry")])


@pytest.fixture
async def admin() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def told(admin: World, path: str) -> tuple[int, str]:
    response = await admin.get(path)
    return response.status, await response.text()


async def test_health_says_nothing_of_the_upstream_and_readiness_what_hinders(admin: World) -> None:
    admin.readiness.stopping = True
    assert await told(admin, "/healthz") == (200, "ok\n")
    assert await told(admin, "/readyz") == (503, "stopping: requests in flight may finish\n")
    admin.readiness.stopping = False
    assert await told(admin, "/readyz") == (200, "ready\n")


async def test_a_reload_that_failed_is_told_and_hinders_only_who_asks_for_it(admin: World) -> None:
    admin.readiness.last_reload_good = False
    assert await told(admin, "/readyz") == (200, f"ready\n{NOT_RELOADED}\n")
    assert await told(admin, "/readyz?config") == (503, f"{NOT_RELOADED}\n")
    assert (await told(admin, "/readyz?upstream"))[0] == 200
    admin.readiness.reload_succeeded()
    assert await told(admin, "/readyz?config") == (200, "ready\n")


async def test_upstreams_are_asked_when_asked_for(admin: World) -> None:
    async def unreachable() -> list[str]:
        return ["one is down", "two is down"]

    admin.readiness.unreachable = unreachable
    assert await told(admin, "/readyz") == (200, "ready\n")
    assert await told(admin, "/readyz?upstream") == (503, "one is down\ntwo is down\n")


async def test_a_question_that_readiness_does_not_know_is_no_yes(admin: World) -> None:
    response = await admin.get("/readyz?upstreams&config")
    assert (response.status, response.content_type) == (400, "application/problem+json")
    assert "not for ?upstreams" in await response.text()


async def test_metrics_are_served(admin: World) -> None:
    admin.metrics(exchange())
    response = await admin.get("/metrics")
    assert response.content_type == "text/plain"
    assert "corsproxy_requests_total{" in await response.text()


@pytest.mark.parametrize("path", PATHS)
async def test_every_response_has_the_fields_that_guard_it_and_none_of_cors(
    admin: World, path: str
) -> None:
    response = await admin.get(path, Origin="http://evil.test")
    for name, value in RESPONSE_HEADERS.items():
        assert response.headers.getall(name) == [value]
    assert not any(name.lower().startswith("access-control") for name in response.headers)


async def test_a_preflight_gets_no_cors_fields(admin: World) -> None:
    response = await admin.session.options(
        admin.url + "/har",
        headers={"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"},
    )
    assert response.status == 403
    assert not any(name.lower().startswith("access-control") for name in response.headers)


@pytest.mark.parametrize("path", PATHS)
async def test_a_rebound_name_is_refused_everywhere(admin: World, path: str) -> None:
    assert (await admin.get(path, Host="evil.test")).status == 421


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["wifi", "printer:8081", "corsproxy", "192.168.7.7", "a.b.test"])
async def test_a_name_that_another_may_point_here_is_refused_with_its_fix(
    admin: World, path: str, name: str
) -> None:
    response = await admin.get(path, Host=name)
    told = json.loads(await response.text())
    assert (response.status, response.content_type) == (421, "application/problem+json")
    assert f"allowed_hosts: [{name.partition(':')[0]}]" in told["detail"]


async def test_a_configured_name_is_served(admin: World) -> None:
    admin.config = replace(CONFIG, allowed_hosts=("admin.example.test",))
    assert (await admin.get("/healthz", Host="admin.example.test")).status == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({}, 200, id="our own page"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="says the browser, too"),
        pytest.param({"Origin": "http://evil.test"}, 403, id="another origin"),
        pytest.param({"Origin": "null"}, 403, id="an opaque origin"),
        pytest.param({"Origin": ""}, 403, id="no origin"),
        pytest.param({"Origin": "http://127.0.0.1:1"}, 403, id="another port"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="same-site is not enough"),
        pytest.param({"Sec-Fetch-Site": "none"}, 403, id="typed by the user"),
        pytest.param({"X-Corsproxy-Token": ""}, 403, id="no token"),
        pytest.param({"X-Corsproxy-Token": "a" * 32}, 403, id="another token"),
        pytest.param({"Host": "evil.test"}, 421, id="a re-bound name"),
    ],
)
async def test_only_our_own_page_may_change_anything(
    admin: World, fields: dict[str, str], status: int
) -> None:
    admin.recent(SECRET)
    response = await admin.session.post(admin.url + "/har", headers=admin.trusted | fields)
    assert response.status == status
    assert ("c4n4ry" in await response.text()) is (status == 200)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({}, 200, id="no browser"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="typed by the user"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="our own page"),
        pytest.param(
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403, id="a script"
        ),
        pytest.param({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403, id="a fetch"),
    ],
)
async def test_another_page_may_load_nothing(
    admin: World, fields: dict[str, str], status: int
) -> None:
    assert (await admin.get("/exchanges", **fields)).status == status


NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none"])
@pytest.mark.parametrize("path", ["/", *READ, *TEXTS])
async def test_a_navigation_reaches_the_page_only(admin: World, path: str, site: str) -> None:
    response = await admin.get(path, **NAVIGATION, **{"Sec-Fetch-Site": site})
    typed = site == "none" and path in TEXTS
    assert response.status == (200 if path == "/" or typed else 403)


async def test_a_navigation_changes_nothing(admin: World) -> None:
    fields = admin.trusted | NAVIGATION
    assert (await admin.session.post(admin.url + "/har", headers=fields)).status == 403


async def test_stopping_ends_the_streams(admin: World) -> None:
    stream = await admin.get("/events")
    await stream.content.readuntil(b"\n\n")
    async with asyncio.timeout(5):
        await admin.admin.stop()


async def test_where_admin_is_off_nothing_listens() -> None:
    async with world(replace(CONFIG, admin=None)) as off:
        assert off.admin.address is None


async def test_a_socket_in_the_file_system_works(tmp_path: Path) -> None:
    path = str(tmp_path / "admin.sock")
    async with world(replace(CONFIG, admin=UnixAddress(path))) as made:
        assert made.admin.address == UnixAddress(path)
        connector = aiohttp.UnixConnector(path)
        async with aiohttp.ClientSession(connector=connector) as session:
            response = await session.get("http://localhost/exchanges")
            assert json.loads(await response.text()) == {"total": 0, "exchanges": []}
    assert not Path(path).exists()  # noqa: ASYNC240 - takes no time
