"""What a program writes into the documentation is what it says today."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, rewritten
from tests.docs.writers import write


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_written_parts_are_up_to_date(page: Path, update_cases: bool) -> None:
    text = page.read_text()
    if update_cases:
        page.write_text(rewritten(text, write))
    else:
        assert text == rewritten(text, write), "out of date: run `make cases`, and read the diff"
