"""The plan of the house: who may import whom, what stays pure, which test proves which file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "corsproxy"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "cors": set(),
    "config": {"cors"},
    "trust": set(),
    "accept": {"config", "cors", "trust"},
    "gateways": {"cors", "config"},
    "proxy": {"cors", "config", "accept"},
    "watch": {"cors", "config", "accept", "gateways"},  # what would happen elsewhere
    "recorded": {"cors"},
    "probe": {"cors", "config", "watch", "gateways"},  # masks what it prints
    "testing": {"cors", "config", "proxy", "probe"},
    "learn": {"cors", "config", "watch"},  # masks what it writes
    "demo": {"cors", "config", "proxy", "watch", "probe"},
    "cli": {"cors", "config", "accept", "proxy", "watch", "probe", "learn", "demo"}
    | {"trust", "recorded", "gateways"},
}
"""Each part of the package, and the parts it may know beside itself; all may know `limits`."""

ROOMS_OF_PROXY: dict[str, set[str]] = {
    "http1": set(),
    "upstream": {"http1", "sweeper", "system"},
    "fast": {"http1", "upstream", "admission", "record", "routing", "sweeper"},
    "ordinary": {"http1", "upstream", "admission", "record", "system"},
}
"""The same of the rooms of `proxy/`: the lanes do not know each other."""


PROVED_BY = {
    "tests/program.py": ["__main__"],
    "tests/cli/test_explain.py": [
        *("cli.admin_client", "cli.page_arguments", "cli.explain_console", "cli.explain_policy"),
    ],
    "tests/cli/test_run.py": ["cli.listen_errors"],
    "tests/cli/test_export.py": ["cli.conversion_report", "cli.gateway_argument"],
    "tests/gateways/test_aws_http_api.py": [
        *(
            "gateways.conversion.gateway",
            "gateways.conversion.yaml_text",
            "gateways.conversion.reading",
        ),
    ],
    "tests/config/test_cases.py": [
        *(
            "config.lint.contradictions",
            "config.kinds.cors",
            "config.yaml_text.events",
            "config.kinds.kind",
            "config.kinds.numbers",
        ),
        *(
            "config.lint.origin_rules",
            "config.kinds.addresses",
            "config.lint.policy_rules",
            "config.lint.proxy_rules",
        ),
        *(
            "config.lint.warning",
            "config.routes",
            "config.lint.rules",
            "config.values",
        ),
    ],
    "tests/config/yaml_text/test_patch.py": ["config.yaml_text.marks"],
    "tests/wire/test_https.py": ["accept.handshake", "accept.server_tls"],
    "tests/cli/test_trust.py": ["trust.stores"],
    "tests/watch/test_exchange_queue.py": ["limits"],
    "tests/config/test_json_schema.py": ["config.schema"],
    "tests/cors/test_nearest_origin.py": ["cors.nearest_candidates"],
    "tests/cors/explain": ["cors.explain.cookies", "cors.explain.outcome"],
    "tests/cases/explain": ["cors.explain.exchange_text", "cors.explain.scene_text"],
    "tests/cors/reasons": [
        *("cors.reasons.blocked", "cors.reasons.differs", "cors.reasons.entry"),
        *("cors.reasons.noticed", "cors.reasons.recorded", "cors.reasons.refused"),
    ],
    "tests/demo/test_servers.py": [
        *("demo.backend", "demo.check", "demo.explanations", "demo.scenes", "demo.site"),
    ],
    "tests/learn/test_policy_text.py": ["learn.sightings"],
    "tests/probe/test_audit.py": ["probe.trials"],
    "tests/proxy/upstream/test_pool.py": [
        *("proxy.upstream.response_stream", "proxy.upstream.failure", "proxy.upstream.receiver"),
    ],
    "tests/proxy/upstream/test_connection.py": ["proxy.upstream.response_reader"],
    "tests/proxy/fast/test_plan.py": ["proxy.fast.plan_cache"],
    "tests/proxy/http1/test_forwarding.py": [
        "proxy.http1.forwarded",
        "proxy.http1.incoming_request",
    ],
    "tests/proxy/http1/test_request_head.py": ["proxy.http1.refusals"],
    "tests/proxy/http1/test_plain_request_head.py": [
        "proxy.http1.head_pieces",
        "proxy.http1.field_lines",
    ],
    "tests/proxy/fast/test_connection.py": ["proxy.fast.exchange"],
    "tests/wire": [
        *(
            "proxy.ordinary.request",
            "proxy.server",
            "proxy.ordinary.connection",
            "proxy.turned_away",
            "proxy.record",
        ),
        *("proxy.ordinary.response_writer", "proxy.admission", "proxy.ordinary.request_body"),
    ],
    "tests/wire/test_drain.py": ["proxy.system"],
    "tests/wire/test_websocket.py": ["proxy.ordinary.tunnel"],
    "tests/watch/metrics/test_watcher.py": ["watch.metrics.exposition"],
}
"""Modules without a test file of their name, by what proves them instead."""


def name_of(module: Path) -> str:
    """The dotted name of a module of the package, without the package's own."""
    return ".".join(module.relative_to(PACKAGE).with_suffix("").parts)


def imported(module: Path) -> set[str]:
    """Every module that `module` imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_run_one_way(module: Path) -> None:
    part = module.relative_to(PACKAGE).parts[0]
    if part not in MAY_IMPORT:
        return  # __init__ and __main__
    own = {name.split(".")[1] for name in imported(module) if name.startswith("corsproxy.")}
    assert own - {part, "__version__", "limits"} <= MAY_IMPORT[part]


@pytest.mark.parametrize("room", ROOMS_OF_PROXY)
def test_the_rooms_of_the_proxy_know_what_is_below_them(room: str) -> None:
    known = set()
    for module in (PACKAGE / "proxy" / room).glob("*.py"):
        names = [name.split(".") for name in imported(module)]
        known |= {name[2] for name in names if name[:2] == ["corsproxy", "proxy"]}
    assert known - {room} <= ROOMS_OF_PROXY[room]


def test_the_browser_is_read_apart_from_the_decision() -> None:
    modules = (PACKAGE / "cors" / "browser").glob("*.py")
    known = {
        name.split(".")[2] for module in modules for name in imported(module) if "cors." in name
    }
    assert known & {"decision", "checks", "preflight", "response"} == set()


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} <= set(
        MAY_IMPORT
    )


@pytest.mark.parametrize("part", ["config", "gateways", "proxy/http1", "recorded"])
def test_what_is_pure_needs_no_server(part: str) -> None:
    modules = [name_of(path) for path in MODULES if path.is_relative_to(PACKAGE / part)]
    imports = ", ".join(f"corsproxy.{name.removesuffix('.__init__')}" for name in modules)
    program = f"import sys, {imports}; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded & {"aiohttp", "click", "asyncio"} == set()


def test_each_module_has_a_test_file_of_its_name_or_is_proved_by_another() -> None:
    tests = REPOSITORY / "tests"
    mirrored = {
        name_of(module)
        for module in MODULES
        if any((tests / module.parent.relative_to(PACKAGE)).glob(f"test_{module.stem}*.py"))
    }
    others = {name for names in PROVED_BY.values() for name in names}
    rooms = {name_of(module) for module in MODULES if module.stem != "__init__"}
    assert rooms - mirrored - others == set()
    assert [place for place in PROVED_BY if not (REPOSITORY / place).exists()] == []
