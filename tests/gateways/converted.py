"""Policies put through a gateway's format, and what of them is not the same afterwards."""

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.loading import load_text
from corsproxy.config.schema import CORS
from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Gateway

UPSTREAM = UpstreamAddress("http", "127.0.0.1", 8000)


def config(policy: str) -> Config:
    """The settings of a policy file, whose lines below `cors:` are `policy`."""
    lines = "".join(f"  {line}\n" for line in policy.splitlines())
    text = f"upstream: http://127.0.0.1:8000\ncors:\n  refused_request: forward\n{lines}"
    return load_text(text.encode(), "policy.yaml", {}, {}).config


def of_policy(policy: Policy) -> Config:
    return Config(UPSTREAM, policy)


def differing(one: Policy, other: Policy) -> set[str]:
    """The settings in which two policies differ."""
    names = [setting.key.removeprefix("cors.") for setting in CORS]
    return {name for name in names if getattr(one, name) != getattr(other, name)}


def changed_unreported(gateway: Gateway, policy: Policy, form: str) -> set[str]:
    """What differs after export and import, and neither of them has told."""
    assert gateway.read is not None
    written = gateway.write(of_policy(policy), form)
    read = gateway.read(written.text, "exported")
    told = {loss.setting for loss in (*written.losses, *read.losses)}
    return differing(policy, read.policy) - told
