"""The page of the apps' tests is as strict as a browser."""

import pytest

from tests.apps.conftest import App
from tests.apps.page import Page


def test_the_page_itself_fails_where_a_browser_would_block(app: App) -> None:
    page: Page = app("fastapi")
    with pytest.raises(AssertionError):
        page._granted(page.send("GET", "/events", Origin="http://evil.test"))
