"""The compose example names settings that exist, and a service that keeps to itself."""

from typing import Any

import yaml

from tests.container.engine import REPOSITORY

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.example.yaml").read_text())
SERVICE: dict[str, Any] = COMPOSE["services"]["corsproxy"]


def test_the_service_can_write_nothing_and_is_reached_from_this_machine_only() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICE["ports"])


def test_the_page_and_the_api_are_of_two_origins() -> None:
    assert {"corsproxy", "backend", "frontend"} == set(COMPOSE["services"])
    assert "http://localhost:5173" in SERVICE["environment"]["CORSPROXY_ALLOW_ORIGIN"]
    assert SERVICE["environment"]["CORSPROXY_UPSTREAM"] == "http://backend:8000"


def test_no_other_container_reaches_the_admin_address() -> None:
    assert SERVICE["environment"]["CORSPROXY_ADMIN"].startswith("127.0.0.1:")
    assert not any(port.endswith(":8081") for port in SERVICE["ports"])


def test_the_page_s_server_shares_no_network_with_the_api() -> None:
    networks = {name: set(one["networks"]) for name, one in COMPOSE["services"].items()}
    assert networks["corsproxy"] & networks["backend"]
    assert not networks["frontend"] & (networks["corsproxy"] | networks["backend"])
