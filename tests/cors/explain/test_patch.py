"""The patch is YAML that reads as what was meant."""

import pytest
import yaml

from corsproxy.cors.explain import patch
from tests.cors.explain.scenes import ANY, PAGE, POLICY


def test_several_patches_are_one() -> None:
    both = patch.together([patch.setting("a", ["1"]), patch.setting("b", ["2"])])
    assert yaml.safe_load(both) == {"cors": {"a": [1], "b": [2]}}
    assert patch.together([]) == ""


@pytest.mark.parametrize("host", ["a.test", None])
def test_a_patch_of_a_route_stands_in_it(host: str | None) -> None:
    patched = yaml.safe_load(patch.in_route(patch.setting("a", ["1"]), "/api", host))
    place = {"path": "/api"} | ({"host": host} if host else {})
    assert patched == {"routes": [place | {"cors": {"a": [1]}}]}
    assert patch.in_route("", "/api", host) == ""


def test_credentials_for_what_is_no_origin_have_no_patch() -> None:
    assert patch.credentials_for(ANY, "http://*.evil.test") == ""


def test_credentials_need_origins_by_name() -> None:
    assert yaml.safe_load(patch.credentials_for(POLICY, PAGE)) == {
        "cors": {"allow_credentials": True}
    }
    assert yaml.safe_load(patch.credentials_for(ANY, PAGE)) == {
        "cors": {"allow_origins": [PAGE], "allow_credentials": True}
    }
