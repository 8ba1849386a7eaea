"""corsproxy formats."""

from corsproxy.gateways.conversion import registry
from tests.cli.program import corsproxy


def test_each_gateway_and_each_of_its_forms_is_listed() -> None:
    done = corsproxy("formats")
    assert (done.returncode, done.stderr) == (0, "")
    for name in registry.names():
        gateway = registry.gateway(name)
        (line,) = [one for one in done.stdout.splitlines() if one.startswith(f"{name} ")]
        assert ("import" in line) is (gateway.read is not None)
        assert [meaning for meaning in gateway.forms.values() if meaning not in done.stdout] == []
