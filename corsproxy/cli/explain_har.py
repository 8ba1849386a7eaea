"""explain --har: what became of each call in a HAR that a browser saved; by the policy, too."""

import sys
from pathlib import Path

import click

from corsproxy.cli import NO
from corsproxy.cli.explain_policy import Policies, as_json, path_of
from corsproxy.cli.explanation_style import show
from corsproxy.cli.options import Sources
from corsproxy.config.address import own_origin
from corsproxy.config.settings import Config
from corsproxy.cors.browser.url import parts_of
from corsproxy.cors.escape import escaped
from corsproxy.cors.explain.scene import scene
from corsproxy.limits import RECORD_MAX_BYTES
from corsproxy.recorded.calls import calls
from corsproxy.recorded.har import ONLY_WHAT_FAILS, record
from corsproxy.recorded.json_tree import RecordError
from corsproxy.recorded.judgement import Became, Judged, attempt, judged
from corsproxy.recorded.report import Told, report_json, report_text


def explain_har(name: str, sources: Sources, form: str) -> int:
    """Print what became of the calls in the file `name`, `-` for standard input; the exit code.

    Raises click.UsageError for what is no HAR.
    """
    config = sources.load(offline=True).config if sources.given else None
    try:
        found = record(_content(name))
    except RecordError as error:
        message = f"{'standard input' if name == '-' else escaped(name)}: {error.message}"
        raise click.UsageError(f"{message}\n  fix: {error.fix}") from None
    to_judge, beside = calls(found.entries)
    told = _with_policy([judged(call, found.browser) for call in to_judge], config)
    if form == "json":
        print(as_json(report_json(found, told, beside)), end="")
    else:
        show(report_text(found, told, beside))
    return NO if any(one.judged.became is Became.BLOCKED for one in told) else 0


def _content(name: str) -> bytes:
    """The bytes of the file; raises RecordError for one that is too large."""
    if name == "-":
        data = sys.stdin.buffer.read(RECORD_MAX_BYTES + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(RECORD_MAX_BYTES + 1)
    if len(data) > RECORD_MAX_BYTES:
        message = f"it has more than {RECORD_MAX_BYTES >> 20} MiB"
        raise RecordError(message, ONLY_WHAT_FAILS)
    return data


def _with_policy(found: list[Judged], config: Config | None) -> list[Told]:
    if config is None:
        return [Told(one) for one in found]
    policies = Policies(config)
    return [_told(one, config, policies) for one in found]


def _told(one: Judged, config: Config, policies: Policies) -> Told:
    """What would become of the call at the proxy: its path, the page's origin, method and names."""
    from corsproxy.proxy.routing import AmbiguousPath

    url = parts_of(one.call.shown.url)
    path = path_of(url)
    tried = attempt(one.call, credentials=bool(one.credentials))._replace(target=path)
    try:
        policy = policies.find(path, url.hostname or "localhost")
    except AmbiguousPath as why:
        return Told(one, remark=f'400: the path "{escaped(path)}" {why}')
    here = scene(policy, tried, own_origin(config.listen, one.call.origin))
    return Told(one, policies.placed(here, url.hostname or "localhost"))
