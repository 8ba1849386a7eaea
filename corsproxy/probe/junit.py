"""junit: the outcome of a probe, an audit or a verification as test cases, for CI."""

from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from corsproxy.cors.escape import escaped


class Case(NamedTuple):
    """A test case; `failure` is why it failed, None where it passed."""

    name: str
    failure: str | None = None
    details: str = ""


def one_case(name_of_suite: str, name: str, failure: str | None = None, details: str = "") -> str:
    """A suite of the one case."""
    return suite(name_of_suite, [Case(name, failure, details)])


def suite(name: str, cases: Iterable[Case]) -> str:
    """A suite of these cases."""
    listed = list(cases)
    failures = sum(case.failure is not None for case in listed)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="{name}" tests="{len(listed)}" failures="{failures}" errors="0">\n'
        f"{''.join(map(_written, listed))}"
        "</testsuite>\n"
    )


def _written(case: Case) -> str:
    body = ""
    if case.failure is not None:
        message = f"<failure message={quoteattr(case.failure)}"
        body = f"{message}>{escape(case.details)}</failure>" if case.details else f"{message}/>"
    name = quoteattr(escaped(case.name))
    return f'  <testcase classname="corsproxy.probe" name={name}>{body}</testcase>\n'
