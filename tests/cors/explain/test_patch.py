"""The patch is YAML that reads as what was meant."""

from dataclasses import replace

import pytest
import yaml

from corsproxy.cors.explain import patch
from corsproxy.cors.span import Span
from tests.cors.explain.scenes import ANY, PAGE, POLICY


def test_several_patches_are_one() -> None:
    both = patch.together([patch.setting("a", ["1"]), patch.setting("b", ["2"])])
    assert yaml.safe_load(both) == {"cors": {"a": [1], "b": [2]}}
    assert patch.together([]) == ""


@pytest.mark.parametrize("host", ["a.test", None])
def test_a_patch_stands_where_the_setting_of_the_route_comes_from(host: str | None) -> None:
    added = patch.setting("allow_methods", ["PUT"])
    own = replace(POLICY, spans={"allow_methods": Span("policy.yaml", 9)})
    patched = yaml.safe_load(patch.placed(added, own, POLICY, "/api", host))
    place = {"path": "/api"} | ({"host": host} if host else {})
    assert patched == {"routes": [place | {"cors": {"allow_methods": ["PUT"]}}]}
    assert patch.placed(added, POLICY, POLICY, "/api", host) == added
    assert patch.placed("", own, POLICY, "/api", host) == ""


def test_credentials_for_what_is_no_origin_have_no_patch() -> None:
    assert patch.credentials_for(ANY, "http://*.evil.test") == ""


def test_credentials_need_origins_by_name() -> None:
    assert yaml.safe_load(patch.credentials_for(POLICY, PAGE)) == {
        "cors": {"allow_credentials": True}
    }
    assert yaml.safe_load(patch.credentials_for(ANY, PAGE)) == {
        "cors": {"allow_origins": [PAGE], "allow_credentials": True}
    }
