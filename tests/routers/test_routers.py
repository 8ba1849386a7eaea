"""No spelling of a path is served below /admin by a real router while ours says it is not.

What was found so is kept below spellings/, and looked up without any router. `make long` asks the
routers themselves; with `--update-cases` it writes anew what they say.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from corsproxy.proxy.routing import AmbiguousPath, Routes
from tests.routers.paths import sample
from tests.routers.routers import ROUTERS, Router, missing, serving

SPELLINGS = Path(__file__).with_name("spellings")


@dataclass(frozen=True)
class Route:
    path: str
    effect: str
    host: str | None = None


ROUTES = Routes([Route("/", "open"), Route("/admin", "admin")])


def taken(path: str) -> str:
    """The route that we take: "admin", "open", or "refused"."""
    try:
        found = ROUTES.find("localhost", path)
    except AmbiguousPath:
        return "refused"
    assert found is not None
    return found.effect


def as_written(path: str) -> str:
    """The route of the path byte for byte."""
    return "admin" if f"{path}/".startswith("/admin/") else "open"


@pytest.mark.parametrize("router", ROUTERS, ids=lambda router: router.name)
def test_what_a_router_serves_otherwise_than_it_is_written_is_refused(router: Router) -> None:
    known = json.loads(kept(router).read_text("ascii"))
    assert {path: taken(path) for path in known} == dict.fromkeys(known, "refused")


def test_each_trick_has_taken_in_some_router() -> None:
    known = "".join(path for router in ROUTERS for path in json.loads(kept(router).read_text()))
    tricks = ("%2f", "%5c", "\\", "%61", "ADMIN", "..", "%2e", "//", ";", "%0a", "%ff")
    assert [trick for trick in tricks if trick not in known] == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("router", ROUTERS, ids=lambda router: router.name)
def test_a_router_serves_no_path_by_another_route_than_ours(
    router: Router, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    needed(router)
    with serving(router, tmp_path) as asked:
        assert [asked.serves(path) for path in ("/", "/admin", "/admin/x", "/x", "/admin2")] == [
            *("open", "admin", "admin", "open", "open")
        ]
        served = {path: asked.serves(path) for path in sample()}
    served = {path: how for path, how in served.items() if how and not unwanted(router, path)}
    if request.config.getoption("--update-cases"):
        keep(router, {path: how for path, how in served.items() if how != as_written(path)})
    assert {p: how for p, how in served.items() if taken(p) not in (how, "refused")} == {}


def unwanted(router: Router, path: str) -> bool:
    """A path below /admin that no handler there wants, so that the catch-all gets it.

    A `<path:...>` of Flask's begins with no slash. To refuse `/api//x` for that would hit every
    page that joins an address with a slash too many, and nothing of /admin is served.
    """
    return router.name == "flask" and path.startswith("/admin//")


def kept(router: Router) -> Path:
    """Where it stands what the router was found to serve otherwise than it is written."""
    return SPELLINGS / f"{router.name}.json"


def keep(router: Router, found: dict[str, str]) -> None:
    SPELLINGS.mkdir(exist_ok=True)
    text = json.dumps(dict(sorted(found.items())), indent=0, ensure_ascii=True)
    kept(router).write_text(f"{text}\n", "ascii")


def needed(router: Router) -> None:
    """Skip, loudly, where the machine lacks what the router needs; in CI, fail."""
    if lacking := missing(router):
        message = f"NO ROUTER TESTS WITH {router.name}: {lacking} missing"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
