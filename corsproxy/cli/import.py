"""corsproxy import: a gateway's own configuration as a policy file."""

import sys
from pathlib import Path

import click

from corsproxy.cli import NO, value_completion
from corsproxy.cli.gateway_argument import gateway_argument
from corsproxy.gateways.conversion.gateway import Gateway
from corsproxy.limits import LARGEST_FILE


@click.command("import")
@gateway_argument
@click.argument("file", metavar="FILE", shell_complete=value_completion.files)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy file to write; standard output when it is left out.",
)
@click.option("--allow-lossy", is_flag=True, help="Write it whatever is lost.")
@click.option("--force", is_flag=True, help="Replace a policy file that exists.")
def command(
    gateway: Gateway, file: str, output: Path | None, *, allow_lossy: bool, force: bool
) -> int:
    """Write the policy that the configuration FILE of the gateway NAME says; - for standard input.

    What cannot be a policy's, or does not do what it seems to, is left out and reported. Exits 1,
    and writes nothing, where something is lost and --allow-lossy is not given. Where paths or hosts
    differ, the policy has routes. Without a line `upstream`, run it with --upstream, or add one.
    """
    from corsproxy.cli.conversion_report import deliver, report
    from corsproxy.config.policy_text import policy_text
    from corsproxy.gateways.conversion.gateway import FormatError, Loss

    if gateway.read is None:
        raise click.UsageError(f"{gateway.title} cannot be read: see formats")
    if output is not None and output.is_file() and not force:
        message = f"{output} exists\n  fix: --force to replace it, or another name"
        raise click.UsageError(message)
    text, source = _content(file)
    try:
        read = gateway.read(text, source)
    except FormatError as error:
        report([Loss("the file", error.place, error.message, error.fix)], text, accepted=False)
        return NO
    report(read.losses, text, accepted=allow_lossy)
    title = f"From {gateway.title}; run it with --upstream, or add a line `upstream: http://...`."
    if read.upstream is not None:
        title = f"From {gateway.title}; --upstream is for another than it has."
    written = policy_text(read.policy, title, read.upstream, read.routes)
    return deliver(written, output, lossy=bool(read.losses), accepted=allow_lossy)


def _content(file: str) -> tuple[str, str]:
    """The text, and what it is called."""
    from corsproxy.config import policy_file

    if file == "-":
        content, source = sys.stdin.buffer.read(LARGEST_FILE + 1), "<stdin>"
    else:
        content, source = policy_file.read(Path(file)), file
    if len(content) > LARGEST_FILE:
        raise click.UsageError(f"{source} is larger than {LARGEST_FILE} bytes")
    try:
        return content.decode("utf-8-sig"), source
    except UnicodeDecodeError:
        raise click.UsageError(f"{source} is not UTF-8") from None
