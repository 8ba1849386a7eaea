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
    head = "| the console says | its name | reasons | of `corsproxy` |\n| --- | --- | --- | --- |\n"
    if browser == "webkit":
        head = "| the console says | reasons | of `corsproxy` |\n| --- | --- | --- |\n"
    rows = []
    for key, words in told:
        columns = [words.replace("*", "\\*")]
        columns += [f"`{key}`"] if browser != "webkit" else []
        columns += [_links(browser, key, (*BLOCKED, *NOTICED)), _links(browser, key, REFUSED)]
        rows.append(f"| {' | '.join(columns)} |\n")
    return f"## {title}\n\n{head}{''.join(rows)}"


def _links(browser: str, key: str, entries: Iterable[Entry]) -> str:
    ids = (entry.id for entry in entries if entry.key(browser) == key)
    return ", ".join(f"[{id_}](reasons.md#{id_})" for id_ in ids)
