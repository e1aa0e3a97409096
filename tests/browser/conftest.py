"""One real stack and a handful of Chromium processes for each worker that runs browser tests."""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import Chromium
from tests.browser.town import Town
from tests.stack import parley
from tests.stack.parley import Parley

DEMO_ACCOUNTS = 900  # Each test takes its own people, so that no test meets what another one left.


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parley]:
    """What `make run` starts.

    After the last test it must stop cleanly and must not have printed a traceback.
    """
    site = parley.start(tmp_path_factory.mktemp("parley"), {"DEMO_ACCOUNTS": str(DEMO_ACCOUNTS)})
    yield site
    site.stop()
    assert not site.tracebacks(), "\n\n".join(site.tracebacks())


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, tmp_path_factory.mktemp("devices"))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def town_of_the_run(
    site: Parley, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    return Town(site, chromium, tmp_path_factory.mktemp("cookies"))


@pytest.fixture
def town(town_of_the_run: Town) -> Iterator[Town]:
    """Gives a test its people; their browsers close after it."""
    yield town_of_the_run
    town_of_the_run.everybody_goes_home()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what everybody's screen and the stack's log said when a test failed."""
    report = yield
    town = getattr(item, "funcargs", {}).get("town")
    if report.when == "call" and report.failed and isinstance(town, Town):
        report.sections.append(("what the screens show", town.screens(item.name)))
        report.sections.append(("what Parley printed", town.site.log_tail()))
    return report
