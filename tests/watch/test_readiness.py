"""Readiness: what it says, by what happened and by what is asked."""

import pytest

from corsproxy.watch.readiness import NOT_RELOADED, Readiness


async def down() -> list[str]:
    return ["it is down"]


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        pytest.param([], [], id="nothing more"),
        pytest.param(["config"], [NOT_RELOADED], id="the settings"),
        pytest.param(["upstream"], ["it is down"], id="the upstream"),
        pytest.param(["upstream", "config"], [NOT_RELOADED, "it is down"], id="both"),
    ],
)
async def test_only_what_is_asked_for_hinders(asked: list[str], problems: list[str]) -> None:
    readiness = Readiness(down)
    readiness.last_reload_good = False
    assert await readiness.problems(asked) == problems


async def test_whoever_stops_asks_no_upstream() -> None:
    readiness = Readiness(down)
    readiness.stopping = True
    assert await readiness.problems(["upstream"]) == ["stopping: requests in flight may finish"]


def test_a_reload_that_succeeds_ends_the_note_and_has_a_time() -> None:
    readiness = Readiness()
    readiness.last_reload_good, readiness.reloaded = False, 0.0
    assert readiness.notes == [NOT_RELOADED]
    readiness.reload_succeeded()
    assert readiness.notes == []
    assert readiness.reloaded > 0
