"""junit: the outcome of a probe or an audit as one test case, for CI."""

from xml.sax.saxutils import escape, quoteattr

from corsproxy.cors.escape import escaped


def one_case(suite: str, name: str, failure: str | None = None, details: str = "") -> str:
    """A suite of one case called `name`; `failure` is why it failed, None where it passed."""
    body, failures = "", 0
    if failure is not None:
        failures = 1
        message = f"<failure message={quoteattr(failure)}"
        body = f"{message}>{escape(details)}</failure>" if details else f"{message}/>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="{suite}" tests="1" failures="{failures}" errors="0">\n'
        f'  <testcase classname="corsproxy.probe" name={quoteattr(escaped(name))}>{body}'
        "</testcase>\n</testsuite>\n"
    )
