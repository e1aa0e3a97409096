"""When a failed run may be repeated for what failed in it: see decision 0025 and `again` in the
Makefile.
"""

import pytest

FEW = 5
# An exit code that pytest does not use; only its 1, "tests failed", is answered with a second run.
TOO_MANY = 9


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """More failures than a busy machine explains: say so by another exit code."""
    if session.exitstatus == pytest.ExitCode.TESTS_FAILED and session.testsfailed > FEW:
        session.exitstatus = TOO_MANY
