"""One demo school for the run, one installation and one Chromium for all journeys of a file.

Not for the whole run: Playwright keeps an event loop in the process, which tests with a database must not meet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.campus import Campus
from tests.journeys.installation import DemoSchool, Installation, installation

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def demo_school(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Iterator[DemoSchool]:
    """One for all processes of a run."""
    made = DemoSchool(tmp_path_factory.getbasetemp().parent / f"demo-school-{testrun_uid}")
    yield made
    made.drop()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, demo_school: DemoSchool) -> Iterator[Installation]:
    """The demo school, served; a running one where YANTA_JOURNEYS_AT names it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine's PATH")
    if at := os.environ.get("YANTA_JOURNEYS_AT"):
        yield Installation(at, dict(os.environ))
        return
    with installation(demo_school, tmp_path_factory.mktemp("home")) as one:
        yield one


@pytest.fixture(scope="module")
def everybody(made: Installation) -> Iterator[Campus]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield Campus(browser, made.address)
        browser.close()


@pytest.fixture
def campus(everybody: Campus) -> Iterator[Campus]:
    yield everybody
    everybody.leave()
