"""corsproxy compare: what each gateway would do with a page's call, given this policy."""

from functools import partial

import click

from corsproxy.cli import NO, page_arguments, value_completion
from corsproxy.cli.explain_policy import as_json, policy_for
from corsproxy.cli.explanation_style import show
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings
from corsproxy.config.address import own_origin
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.policy import Policy


@click.command("compare", cls=Command)
@page_arguments.page_options
@page_arguments.method_option
@click.option(
    "--path",
    default="/",
    show_default=True,
    metavar="PATH",
    shell_complete=value_completion.paths,
    help="The path that the page calls.",
)
@click.option("--all", "everything", is_flag=True, help="All that gateways disagree on instead.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@partial(settings, shown=("cors", "listen"))
def command(
    *,
    origin: str | None,
    method: str,
    headers: list[tuple[str, str]],
    credentials: bool,
    path: str,
    everything: bool,
    form: str,
    sources: Sources,
) -> int:
    """Say what each gateway would do with a page's call, were it given this policy by export.

    No socket is opened: gateways are emulated. Exits 0 when the page gets the same from all of
    them, 1 when not.

    With --all the calls are made of the policy: what is told is where a gateway lets pages read
    more than the policy, or less, and the line that settles it.
    """
    config = sources.load(offline=True).config
    policy = policy_for(config, path, "localhost")
    if everything:
        from corsproxy.probe.verify.disagreements import (
            disagreements,
            disagreements_json,
            disagreements_text,
        )

        told = disagreements(policy)
        if form == "json":
            print(disagreements_json(told), end="")
        else:
            show(disagreements_text(told))
        return NO if told else 0
    if origin is None:
        raise click.UsageError(
            "no origin is given\n  fix: --origin http://localhost:5173, or --all"
        )
    attempt = Attempt(origin, method, tuple(headers), credentials, path)
    return _compare(policy, attempt, own_origin(config.listen, origin), form)


def _compare(policy: Policy, attempt: Attempt, proxy: str, form: str) -> int:
    from corsproxy.gateways.emulation.comparison import compare, disagreeing
    from corsproxy.gateways.emulation.comparison_text import comparison_json, table

    found = list(compare(policy, attempt, proxy))
    if form == "json":
        print(as_json(comparison_json(attempt, found)), end="")
    else:
        show(table(attempt, found))
    return NO if disagreeing(found) else 0
