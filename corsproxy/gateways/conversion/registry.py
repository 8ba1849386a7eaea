"""The gateways that there are: one for each file of this package, found by its name."""

from importlib import import_module
from pkgutil import iter_modules

from corsproxy import gateways
from corsproxy.gateways.conversion.gateway import Gateway


def names() -> list[str]:
    """List them: `aws-http-api` is the file `aws_http_api.py`."""
    found = (module.name for module in iter_modules(gateways.__path__) if not module.ispkg)
    return sorted(name.replace("_", "-") for name in found)


def gateway(name: str) -> Gateway:
    """Load one of `names`."""
    module = import_module(f"{gateways.__name__}.{name.replace('-', '_')}")
    found = module.GATEWAY
    assert isinstance(found, Gateway)
    return found
