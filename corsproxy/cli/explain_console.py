"""explain --console: what a message of a browser's console means; by the policy, too."""

import sys
from urllib.parse import urlsplit

from corsproxy.cli import NO
from corsproxy.cli.explain_policy import as_json, path_of, scene_of
from corsproxy.cli.explanation_style import show
from corsproxy.cli.options import Sources
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain.pasted_text import pasted_json, pasted_text
from corsproxy.cors.explain.scene import Scene
from corsproxy.cors.explain.scene_text import scene_json, scene_text
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.reasons.consoles import NEVER_SAYS_WHY
from corsproxy.cors.reasons.pasted import MAX_LENGTH, Pasted, recognise


def explain_console(text: str, sources: Sources, form: str) -> int:
    """Print what `text` means, `-` for what standard input says; the exit code."""
    text = sys.stdin.read(MAX_LENGTH) if text == "-" else text
    found = recognise(text)
    if found is None:
        print(_not_recognised(text), file=sys.stderr)
        return NO
    here = _scene_of(found, sources)
    if form == "json":
        print(as_json(pasted_json(found) | {"scene": scene_json(here) if here else None}), end="")
    else:
        by_policy = f"\nby the policy:\n\n{scene_text(here)}" if here else ""
        show(pasted_text(found) + by_policy)
    return 0


def _not_recognised(text: str) -> str:
    if any(words in text for words in NEVER_SAYS_WHY):
        message = "a page's own code gets this whatever the cause: it may not learn more"
        fix = "the line beside it in the console, about CORS, cross origin or access control"
    else:
        message = "this is nothing that Chromium, Firefox or WebKit say of CORS"
        fix = "the whole line, as the console has it"
    return f"corsproxy: {message}\n  fix: {fix}"


def _scene_of(found: Pasted, sources: Sources) -> Scene | None:
    """What the policy that is given says of the call that the message is about, if it tells."""
    origin, url = found.values.get("origin", ""), found.values.get("url", "")
    if not sources.given:
        return None
    config = sources.load(offline=True).config
    try:
        exact = OriginPattern.parse(origin).exact
    except PatternError:
        return None
    if not exact or not url:
        return None
    path = path_of(urlsplit(url))
    names = tuple((name, "") for name in [found.values.get("names", "")] if name)
    attempt = Attempt(origin, found.values.get("method", "GET"), names, target=path)
    return scene_of(config, attempt)
