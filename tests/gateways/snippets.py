"""What is exported for a library, and what of it is told."""

from corsproxy.gateways.conversion.gateway import Written
from corsproxy.gateways.conversion.registry import gateway
from tests.gateways.converted import config

ONE = "allow_origins: [https://a.test]"
REFLECTED = """allow_origins: ["*"]
allow_credentials: true
dangerously_reflect_any_origin: true"""


def written(name: str, policy: str, form: str | None = None) -> Written:
    one = gateway(name)
    assert one.write is not None
    return one.write(config(policy), form or next(iter(one.forms)))


def text(name: str, policy: str, form: str | None = None) -> str:
    return written(name, policy, form).text


def told(name: str, policy: str) -> list[str]:
    """The settings that are lost."""
    return [loss.setting for loss in written(name, policy).losses]
