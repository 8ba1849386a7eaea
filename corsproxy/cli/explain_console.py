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
from corsproxy.cors.reasons.pasted import MAX_LENGTH, Pasted, recognise


def explain_console(text: str, sources: Sources, form: str) -> int:
    """Print what `text` means, `-` for what standard input says; the exit code."""
    found = recognise(sys.stdin.read(MAX_LENGTH) if text == "-" else text)
    if found is None:
        message = "this is nothing that Chromium, Firefox or WebKit say of CORS"
        print(
            f"corsproxy: {message}\n  fix: the whole line, as the console has it", file=sys.stderr
        )
        return NO
    here = _scene_of(found, sources)
    if form == "json":
        print(as_json(pasted_json(found) | {"scene": scene_json(here) if here else None}), end="")
    else:
        by_policy = f"\nby the policy:\n\n{scene_text(here)}" if here else ""
        show(pasted_text(found) + by_policy)
    return 0


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
