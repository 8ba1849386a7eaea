"""The image, built once from the repository's own Dockerfile."""

import os
from collections.abc import Iterator

import pytest

from tests.container import engine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without an engine the tests are skipped, loudly; in CI they fail instead."""
    missing = engine.missing()
    if missing and os.environ.get("CI") != "true":
        for item in items:
            if item.get_closest_marker("container"):
                item.add_marker(pytest.mark.skip(reason=f"NO CONTAINER TESTS: {missing} missing"))


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    """Built without a network: pip finds what the locks name in a folder of wheels.

    Each process of a run builds its own, one after the other: none takes another's away.
    """
    name = f"localhost/corsproxy:test-{os.getpid()}"
    with engine.alone():
        arguments = {"BASE": engine.base_image(), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
        engine.buildah(
            *("bud", "--quiet", "--isolation", "chroot", "--format", "docker", "--pull-never"),
            *(f"--build-arg={key}={value}" for key, value in arguments.items()),
            *("--volume", f"{engine.wheels()}:/wheels:ro"),
            *("--tag", name, str(engine.REPOSITORY)),
        )
    yield name
    engine.buildah("rmi", "--force", name)
