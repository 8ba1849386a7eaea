"""junit: the outcome of a probe or an audit as one test case, for CI."""

from xml.sax.saxutils import escape, quoteattr

from corsproxy.cors.escape import escaped


def one_case(suite: str, name: str, failure: str | None = None, details: str = "") -> str:
    """A suite of one case called `name`; `failure` is why it failed, None where it passed."""
    body = ""
    if failure is not None:
        message = f"<failure message={quoteattr(failure)}"
        body = f"{message}>{escape(details)}</failure>" if details else f"{message}/>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="{suite}" tests="1" failures="{int(bool(body))}" errors="0">\n'
        f'  <testcase classname="corsproxy.probe" name={quoteattr(escaped(name))}>{body}'
        "</testcase>\n</testsuite>\n"
    )
