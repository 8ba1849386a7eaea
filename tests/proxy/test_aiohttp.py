"""aiohttp is used by its public names alone: an upgrade may change all others."""

import ast
import inspect
import re
import textwrap

import pytest
from aiohttp import web

from corsproxy.proxy.ordinary.connection import OrdinaryConnection
from corsproxy.proxy.server import GatewayServer
from corsproxy.watch.listener import AdminConnection, AdminServer


def private(text: str) -> set[str]:
    """The private attributes of `self` in a class's source."""
    return set(re.findall(r"\bself\.(_[a-z]\w*)", text))


def mentioned(cls: type) -> set[str]:
    """Every private attribute in it, of whatever object."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


@pytest.mark.parametrize("cls", [OrdinaryConnection, AdminConnection, GatewayServer, AdminServer])
def test_no_private_attribute_of_aiohttp_is_used_or_replaced(cls: type) -> None:
    theirs = set()
    for base in cls.__mro__:
        if base.__module__.startswith("aiohttp"):
            theirs |= private(inspect.getsource(base)) | {
                n for n in vars(base) if n[0] == "_" != n[1]
            }
    assert theirs
    own = {
        name
        for base in cls.__mro__
        if base.__module__.startswith("corsproxy")
        for name in mentioned(base)
    }
    assert own & theirs == set()


def test_the_check_knows_a_private_attribute_when_it_sees_one() -> None:
    class Bad(web.Server):
        def open(self) -> int:
            return len(self._connections)

    assert "_connections" in mentioned(Bad)
    assert "_connections" in private(inspect.getsource(web.Server))
