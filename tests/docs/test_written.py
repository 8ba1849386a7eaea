"""What a program writes into the documentation is what it says today."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, rewritten
from tests.docs.writers import write


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_written_parts_are_up_to_date(page: Path, golden: Callable[[Path, str], None]) -> None:
    golden(page, rewritten(page.read_text(encoding="utf-8"), write))
