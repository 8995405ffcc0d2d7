"""Signing in with an account of somebody else's OpenID provider, which nobody here wrote."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import psycopg
import pytest

from tests.doors.campus import Browser, Campus, running
from tests.journeys.installation import free_port

# As somebody may have it who does not want it among the tools of this project: on the PATH, or beside this Python.
BINARY = shutil.which(
    "oidc-provider-mock", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
)
pytestmark = pytest.mark.skipif(BINARY is None, reason="oidc-provider-mock is not installed")
OURS = {"sub": "there-1", "preferred_username": "T0001", "name": "Goose"}
STRANGER = {"sub": "there-2", "preferred_username": "T9999", "name": "Nobody"}
DECLARED = """
from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.partners.models import Partner
Partner.objects.update_or_create(code="mock", defaults=dict(
    name="省厅试验", owner=OrgUnit.objects.get(code="0001"), kind="oidc", issuer="{issuer}", is_open=True, client_id="yanta",
    client_secret="a-secret-between-them", linking="number", number_claim="preferred_username"))
"""


@pytest.fixture(scope="module")
def provider(school: Campus) -> Iterator[str]:
    issuer = f"http://127.0.0.1:{free_port()}"
    school.yanta("manage", "shell", "-c", DECLARED.format(issuer=issuer))
    command = [str(BINARY), "--port", issuer.rpartition(":")[2], "--require-nonce", "true"]
    for one in (OURS, STRANGER):
        command += ["--user-claims", json.dumps(one)]
    with running(command, dict(os.environ), f"{issuer}/.well-known/openid-configuration"):
        yield issuer


def came_back(browser: Browser, school: Campus, sub: str) -> httpx.Response:
    """Sent to the provider, named there, sent back: the answer of the callback."""
    form = browser.open(f"{school.address}/partners/mock/start?next=/account/")
    assert 'name="sub"' in form.text, form.text[:1500]
    allowed = browser.http.post(str(form.url), data={"sub": sub})
    assert allowed.is_redirect, allowed.text[:1500]
    return browser.http.get(urljoin(str(form.url), allowed.headers["location"]))


def refusals(school: Campus) -> list[str]:
    with psycopg.connect(school.environ["YANTA_DATABASE_URL"]) as own:
        rows = own.execute("SELECT rule FROM applications_decision WHERE protocol = 'partner' AND outcome = 'refused' ORDER BY id")  # fmt: skip
        return [rule for (rule,) in rows.fetchall()]


class TestSomebodyElsesProvider:
    def test_lets_in_whom_it_has_verified_and_only_once(
        self, school: Campus, provider: str, browser: Browser
    ) -> None:
        answer = came_back(browser, school, OURS["sub"])
        assert answer.is_redirect, answer.text[:1500]
        page = browser.open(urljoin(school.address, answer.headers["location"]))
        assert page.url.path == "/account/"
        assert "goose" in page.text

        again = browser.http.get(str(answer.url))
        assert again.status_code == 403
        other = Browser()
        assert other.http.get(str(answer.url)).status_code == 403
        other.http.close()

    def test_turns_away_whom_nobody_here_knows(self, school: Campus, provider: str, browser: Browser) -> None:
        before = len(refusals(school))
        answer = came_back(browser, school, STRANGER["sub"])
        assert answer.status_code == 403
        assert "没有关联到本校的人" in re.sub(r"\s+", "", answer.text)
        assert refusals(school)[before:] == ["unknown"]

    def test_believes_no_answer_that_was_bent(self, school: Campus, provider: str, browser: Browser) -> None:
        form = browser.open(f"{school.address}/partners/mock/start")
        allowed = browser.http.post(str(form.url), data={"sub": OURS["sub"]})
        back = allowed.headers["location"]
        for bent in (
            re.sub(r"code=[^&]+", "code=invented", back),
            re.sub(r"state=[^&]+", "state=invented", back),
        ):
            assert browser.http.get(bent).status_code == 403
        assert browser.http.get(f"{school.address}/account/").is_redirect
