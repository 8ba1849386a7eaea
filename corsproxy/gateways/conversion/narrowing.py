"""Narrowing: a policy cut down to what a format can say, and each cut told.

A gateway's file has one function that cuts. Its export writes what that leaves, and its profile
keeps the same, so that the two cannot differ.
"""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES
from corsproxy.cors.names import WILDCARD, Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export


class Cut(NamedTuple):
    """What comes of a setting that is cut: `effect` and `fix` of a Loss."""

    effect: str
    fix: str


ANY = f" {WILDCARD}"
"""After the name of a setting: the cut of its wildcard, and not of an entry."""

_LISTS = ("allow_methods", "allow_headers", "expose_headers")
_VALUES = ("max_age", "allow_credentials", "allow_private_network")


def narrow(export: Export, said: Policy, cuts: Mapping[str, Cut]) -> None:
    """Go on with `said`; `cuts` has what is told of each setting that it lacks something of."""
    policy = export.policy
    kept = frozenset(said.allow_origins.patterns)
    for i, pattern in enumerate(policy.allow_origins.patterns):
        if pattern not in kept:
            export.lose("allow_origins", *cuts["allow_origins"], i)
    for setting in _LISTS:
        _narrow_names(export, setting, getattr(said, setting), cuts)
    for setting in _VALUES:
        if _value(policy, setting) != _value(said, setting):
            export.lose(setting, *cuts[setting])
    export.policy = said


def _value(policy: Policy, setting: str) -> object:
    value = getattr(policy, setting)
    return value and max(value, 0)  # -1 is sent as 0


def _narrow_names(export: Export, setting: str, said: Names, cuts: Mapping[str, Cut]) -> None:
    names: Names = getattr(export.policy, setting)
    if names.any and not said.any:
        export.lose(setting, *cuts[setting + ANY])
    for i, name in enumerate(names.listed):
        covered = said.any and name.lower() not in NON_WILDCARD_NAMES
        if name not in said.listed and not covered:
            export.lose(setting, *cuts[setting], i)


def first(names: Names, most: int) -> Names:
    """`names` with `most` of those that are listed, each once."""
    return Names(tuple(islice(dict.fromkeys(names.listed), most)), any=names.any)
