"""Public suffixes: below which names anyone can register, and so which hosts are one site.

The list (https://publicsuffix.org/list/) is a large file, which is read when it is first asked for
and never at import. HTML, "registrable domain", counts its private part, too (github.io).
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

MAX_TABLES = 64
"""Tables that are kept: hosts from the network choose which are asked for."""


def is_public_suffix(host: str) -> bool:
    """Whether the list names `host`, with or without a dot at its end.

    >>> is_public_suffix("co.uk"), is_public_suffix("example.co.uk")
    (True, False)
    """
    name = host.removesuffix(".")
    return bool(_table(name).is_public(name))


def registrable_domain(host: str) -> str | None:
    """The public suffix of `host` and the label before it; None for a suffix and for an address.

    A last label that the list does not know is a public suffix (its default rule, `*`).
    https://url.spec.whatwg.org/#host-registrable-domain

    >>> registrable_domain("www.example.co.uk")
    'example.co.uk'
    """
    name = host.removesuffix(".")
    if ":" in name or name.rpartition(".")[2].isdigit():
        return None
    found: str | None = _table(name).privatesuffix(name, accept_unknown=True)
    return found and found + host[len(name) :]


def _table(name: str) -> Any:
    return _suffixes(name.rpartition(".")[2])


@lru_cache(MAX_TABLES)
def _suffixes(last: str) -> Any:
    """The suffixes that end in the label `last`: reading all would take longer than the rest."""
    import publicsuffixlist as psl

    if last.startswith("xn--"):  # the list has these labels in Unicode
        return _every_suffix()
    return psl.PublicSuffixList(_lines_of_suffixes().get(last, ()), accept_unknown=False)


@cache
def _every_suffix() -> Any:
    import publicsuffixlist as psl

    return psl.PublicSuffixList(accept_unknown=False)


@cache
def _lines_of_suffixes() -> dict[str, list[str]]:
    """The lines of the list by the label that they end in."""
    import publicsuffixlist as psl

    found: dict[str, list[str]] = {}
    with Path(psl.PSLFILE).open(encoding="utf-8") as file:
        for line in file:
            found.setdefault(line.rstrip().rpartition(".")[2], []).append(line)
    return found
