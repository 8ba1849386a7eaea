"""The units of systemd, and the entry for the catalogue of schemas."""

import json
import shutil
from fnmatch import fnmatch
from pathlib import Path

import pytest

from corsproxy.config.json_schema import json_schema
from tests.packaging.conftest import REPOSITORY, run

PACKAGING = REPOSITORY / "packaging"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="SKIPPED: no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in ("corsproxy.service", "corsproxy.socket"):
        text = (PACKAGING / "systemd" / unit).read_text()
        (tmp_path / unit).write_text(text.replace("/usr/bin/corsproxy", "/bin/true"))
    units = sorted(tmp_path.iterdir())
    assert run(["systemd-analyze", "verify", *units], tmp_path) == ""


def test_the_service_runs_as_nobody_and_writes_only_its_own_state() -> None:
    service = (PACKAGING / "systemd" / "corsproxy.service").read_text().splitlines()
    assert {"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"} <= set(service)


def test_the_catalogue_names_the_schema_by_its_own_id_and_no_common_file() -> None:
    entry = json.loads((PACKAGING / "schemastore" / "catalog-entry.json").read_text())
    assert entry["url"] == json_schema()["$id"]
    assert set(entry) == {"name", "description", "fileMatch", "url"}

    def matches(name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in entry["fileMatch"])

    assert matches("corsproxy.yaml")
    assert matches("staging.corsproxy.yml")
    assert not matches("policy.yaml")  # of others, too
