"""A list of single origins has those alone, and `*` alone and without credentials."""

import pytest

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.single_origins import credentials, single_origins
from tests.gateways.converted import config


def said(policy: str) -> tuple[list[str], bool, list[str]]:
    export = Export.of(config(policy))
    found = single_origins(export, if_none="nobody is let in"), credentials(export)
    return *found, [loss.setting for loss in export.losses]


@pytest.mark.parametrize(
    ("origins", "kept", "losses"),
    [
        ('[https://a.test, "http://[::1]:3000"]', ["https://a.test", "http://[::1]:3000"], 0),
        ('[https://a.test, "https://*.a.test"]', ["https://a.test"], 1),
        ('[https://a.test, "http://localhost:*"]', ["https://a.test"], 1),
        ("[https://a.test, {regex: 'https://b'}]", ["https://a.test"], 1),
        ('["null", chrome-extension://abc]', [], 3),
        ('["*"]', ["*"], 0),
    ],
)
def test_what_is_no_single_origin_is_left_out_and_told(
    origins: str, kept: list[str], losses: int
) -> None:
    assert said(f"allow_origins: {origins}") == (kept, False, ["allow_origins"] * losses)


def test_credentials_are_for_a_list() -> None:
    assert said("allow_origins: [https://a.test]\nallow_credentials: true")[1:] == (True, [])
    reflected = (
        'allow_origins: ["*"]\nallow_credentials: true\ndangerously_reflect_any_origin: true'
    )
    assert said(reflected)[1:] == (
        *(False, ["allow_credentials", "dangerously_reflect_any_origin"]),
    )
