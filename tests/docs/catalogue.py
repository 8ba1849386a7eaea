"""What the catalogue of reasons writes into the documentation."""

from collections.abc import Iterable

from corsproxy.cors.reasons import BLOCKED, DIFFERS, NOTICED, RECORDED, REFUSED, Entry
from corsproxy.cors.reasons.consoles import CHROME_WORDS, FIREFOX_WORDS

_PARTS = {
    "What a policy refuses": REFUSED,
    "What a browser blocks": BLOCKED,
    "What no console tells": NOTICED,
    "Where an upstream differs from the policy": DIFFERS,
    "What a record of a browser lacks": RECORDED,
}


def reasons() -> str:
    """One section for each part of the catalogue, some lines for each entry."""
    sections = (
        f"## {title}\n\n" + "\n".join(_entry(entry) for entry in entries)
        for title, entries in _PARTS.items()
    )
    return "\n".join(sections)


def _entry(entry: Entry) -> str:
    twin = " or its twin" if entry.twin else ""
    names = (
        f'Chrome: `{entry.chrome}`{twin}, "{CHROME_WORDS[entry.chrome]}"' if entry.chrome else "",
        f'Firefox: `{entry.firefox}`, "{FIREFOX_WORDS[entry.firefox]}"' if entry.firefox else "",
        f'WebKit: "{entry.webkit}"' if entry.webkit else "",
        entry.step,
    )
    facts = "; ".join(filter(None, names))
    told = f"### `{entry.id}`\n\n> {_plain(entry.text)}\n>\n> fix: {_plain(entry.fix)}\n"
    return f"{told}\n{facts}\n" if facts else told


def _plain(text: str) -> str:
    return text.replace("*", "\\*").replace("<", "\\<")


_AROUND = {
    "chrome": "It begins with `Access to fetch at '...' from origin '...' has been blocked by CORS"
    " policy` (or `Access to XMLHttpRequest at`), for a preflight goes on with `Response to"
    " preflight request doesn't pass access control check`, and then says one of these, and more:"
    " `on the requested resource`, `The value of the header in the response`.",
    "firefox": "It begins with `Cross-Origin Request Blocked: The Same Origin Policy disallows"
    " reading the remote resource at ...`, and has one of these as its `Reason`. A `Status code"
    " (null)` says that there was no response to read.",
    "webkit": "There are two lines, one of these and `Fetch API cannot load ... due to access"
    " control checks`, or `XMLHttpRequest cannot load` and the same. A `Status code` at the end"
    " is that of the response.",
}
"""What stands around the tell-tale words, so that a search for a whole line finds them."""


def console_messages() -> str:
    """A table for each browser: what its console says, and the reasons that this may have."""
    webkit = dict.fromkeys(entry.webkit for entry in (*BLOCKED, *NOTICED) if entry.webkit)
    return "\n".join(
        (
            _messages("Chrome, Edge and what else is Chromium", "chrome", CHROME_WORDS.items()),
            _messages("Firefox", "firefox", FIREFOX_WORDS.items()),
            _messages("Safari", "webkit", ((words, words) for words in webkit)),
        )
    )


def _messages(title: str, browser: str, told: Iterable[tuple[str, str]]) -> str:
    rows = ["| the console says | reasons | refused by `corsproxy` |", "| --- | --- | --- |"]
    for key, words in told:
        name = f"<br>`{key}`" if key != words else ""
        said = words.replace("*", "\\*") + name
        others = _links(browser, key, (*BLOCKED, *NOTICED))
        rows.append(f"| {said} | {others} | {_links(browser, key, REFUSED)} |")
    return "\n".join([f"## {title}", "", _AROUND[browser], "", *rows, ""])


def _links(browser: str, key: str, entries: Iterable[Entry]) -> str:
    ids = (entry.id for entry in entries if entry.key(browser) == key)
    return ", ".join(f"[{id_}](reasons.md#{id_})" for id_ in ids)
