"""Profiles: each says from where it is known, and what it sends is what it can vary by."""

import pytest

from corsproxy.cors import headers as f
from corsproxy.gateways.conversion.registry import gateway, names
from corsproxy.gateways.emulation.profile import Preflights, Profile, Sends

PROFILES = {name: profile for name in names() if (profile := gateway(name).profile)}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_each_profile_names_its_source(profile: Profile) -> None:
    assert profile.source


def test_a_preflight_by_default_is_that_of_the_standard() -> None:
    plain = Profile("the standard", observed=False)
    assert plain.preflights is Preflights.FETCH
    assert Sends.EXPOSED not in plain.preflight.sends
    assert plain.preflight.vary == (f.ORIGIN, f.REQUEST_METHOD, f.REQUEST_HEADERS)
