"""The tests' own option, and patience for machines of any speed."""

import hypothesis
import pytest

hypothesis.settings.register_profile("patient", deadline=None, print_blob=True)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite golden files and the written parts of the docs; read the diff",
    )


@pytest.fixture
def update_cases(request: pytest.FixtureRequest) -> bool:
    """Whether what is written is rewritten instead of compared."""
    return bool(request.config.getoption("--update-cases"))
