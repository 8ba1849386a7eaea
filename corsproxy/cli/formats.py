"""corsproxy formats: which gateways' configurations can be written and read."""

import click

from corsproxy.gateways.conversion import registry


@click.command("formats")
def command() -> None:
    """List the gateways that export and import know, and the forms of each."""
    for name in registry.names():
        gateway = registry.gateway(name)
        ways = "export, import" if gateway.read else "export"
        print(f"{name:14}{ways:16}{gateway.title}")
        for form, meaning in gateway.forms.items():
            print(f"    --as {form:15}{meaning}" if len(gateway.forms) > 1 else f"    {meaning}")
