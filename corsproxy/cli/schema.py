"""corsproxy schema: the JSON Schema of policy files."""

import json

import click

from corsproxy.config.json_schema import json_schema


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of policy files, for editors.

    With `# yaml-language-server: $schema=FILE` as a policy file's first line, an editor completes
    and checks it.
    """
    print(json.dumps(json_schema(), indent=2))
