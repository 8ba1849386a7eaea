"""The gateways that there are: one or more in each file of this package, found by their names."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from corsproxy import gateways
from corsproxy.gateways.conversion.gateway import Gateway


def names() -> list[str]:
    """List them: `aws-http-api` is the file `aws_http_api.py`, `istio` stands in `envoy.py`."""
    return sorted(_all())


def gateway(name: str) -> Gateway:
    """Load one of `names`; of all files only its own, where that has its name.

    Raises KeyError for what is not in `names`.
    """
    file = name.replace("-", "_")
    found = _gateways(file) if file in _files() else _all()
    return found[name]


def _files() -> list[str]:
    return [module.name for module in iter_modules(gateways.__path__) if not module.ispkg]


@cache
def _all() -> Mapping[str, Gateway]:
    return {name: one for file in _files() for name, one in _gateways(file).items()}


def _gateways(file: str) -> Mapping[str, Gateway]:
    """The gateway of a file, and those that share it under names of their own."""
    module: ModuleType = import_module(f"{gateways.__name__}.{file}")
    found = {file.replace("_", "-"): module.GATEWAY, **getattr(module, "OTHERS", {})}
    assert all(isinstance(one, Gateway) for one in found.values())
    return found
