"""The patch is YAML that reads as what was meant."""

import yaml

from corsproxy.cors.explain import patch
from tests.cors.explain.scenes import ANY, PAGE, POLICY


def test_several_patches_are_one() -> None:
    both = patch.together([patch.setting("a", ["1"]), patch.setting("b", ["2"])])
    assert yaml.safe_load(both) == {"cors": {"a": [1], "b": [2]}}
    assert patch.together([]) == ""


def test_credentials_for_what_is_no_origin_have_no_patch() -> None:
    assert patch.credentials_for(ANY, "http://*.evil.test") == ""


def test_credentials_need_origins_by_name() -> None:
    assert yaml.safe_load(patch.credentials_for(POLICY, PAGE)) == {
        "cors": {"allow_credentials": True}
    }
    assert yaml.safe_load(patch.credentials_for(ANY, PAGE)) == {
        "cors": {"allow_origins": [PAGE], "allow_credentials": True}
    }
