"""corsproxy formats: which gateways can be written, read and emulated."""

import click

from corsproxy.gateways.conversion import registry


@click.command("formats")
def command() -> None:
    """List the gateways that export, import and emulate know, and the forms of each."""
    for name in registry.names():
        gateway = registry.gateway(name)
        found = {"export": gateway.write, "import": gateway.read, "emulate": gateway.profile}
        ways = ", ".join(way for way, there in found.items() if there)
        print(f"{name:20}{ways:26}{gateway.title}")
        for form, meaning in gateway.forms.items():
            print(f"    --as {form:15}{meaning}" if len(gateway.forms) > 1 else f"    {meaning}")
