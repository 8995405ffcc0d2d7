"""Signing in with an account of somebody else's OpenID provider or CAS server, which nobody here wrote, and out again."""

from __future__ import annotations

import html
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

from tests.doors.apache import NotToBeHad
from tests.doors.campus import Browser, Campus, eventually, running, way_out
from tests.doors.cas_server_peer import cas_server
from yanta.kernel.testing.processes import free_port

# As somebody may have it who does not want it among the tools of this project: on the PATH, or beside this Python.
BINARY = shutil.which(
    "oidc-provider-mock", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
)
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


@pytest.mark.skipif(BINARY is None, reason="oidc-provider-mock is not installed")
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

    def test_is_left_too_by_who_signs_out_here(self, school: Campus, provider: str, browser: Browser) -> None:
        came_back(browser, school, OURS["sub"])

        there = browser.http.get(way_out(browser, school).headers["location"])

        assert there.status_code == 200, there.text[:1500]
        assert str(there.url).startswith(provider)
        assert "id_token_hint</code> not set" not in there.text, "it knows whom we mean"
        back = re.search(r'name="redirect_uri" value="([^"]+)"', there.text)
        assert back, there.text[:1500]
        confirmed = browser.http.post(
            f"{provider}/oauth2/end_session/confirm", data={"redirect_uri": html.unescape(back[1])}
        )
        assert "都已退出" in browser.http.get(confirmed.headers["location"]).text

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


CAS_DECLARED = """
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.sso.partners.models import Link, Partner
partner, _new = Partner.objects.update_or_create(code="cas-there", defaults=dict(
    name="合作院校", owner=OrgUnit.objects.get(code="0001"), kind="cas", issuer="{issuer}", is_open=True))
Link.objects.get_or_create(partner=partner, subject="there", defaults=dict(person=Person.objects.get(number="P000000001"), proof="self"))
"""


class TestSomebodyElsesCasServer:
    @pytest.fixture(scope="class")
    def server(self, school: Campus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        try:
            with cas_server(
                tmp_path_factory.mktemp("cas"), services=f"^{re.escape(school.address)}/.*$"
            ) as issuer:
                school.yanta("manage", "shell", "-c", CAS_DECLARED.format(issuer=issuer))
                yield issuer
        except NotToBeHad as reason:
            pytest.skip(f"django-cas-server is not to be had here: {reason}")

    def came_in(self, browser: Browser, school: Campus) -> httpx.Response:
        """Signed in there by name and password; the answer of our callback."""
        form = browser.open(f"{school.address}/partners/cas-there/start?next=/account/")
        hidden = {}
        for tag in re.findall(r"<input[^>]+type=.hidden.[^>]*>", form.text):
            name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
            if name:
                hidden[name[1]] = html.unescape(value[1]) if value else ""
        typed = {**hidden, "username": "there", "password": "There-Tower-652"}
        given = browser.http.post(str(form.url), data=typed, headers={"Referer": str(form.url)})
        assert given.is_redirect, given.text[:3000]
        return browser.http.get(given.headers["location"])

    def test_lets_in_by_a_ticket_and_once(self, school: Campus, server: str, browser: Browser) -> None:
        answer = self.came_in(browser, school)

        assert answer.is_redirect, answer.text[:1500]
        assert "goose" in browser.open(urljoin(school.address, answer.headers["location"])).text
        assert browser.http.get(str(answer.url)).status_code == 403

    def test_signs_out_here_whom_it_signs_out(self, school: Campus, server: str, browser: Browser) -> None:
        other = Browser()
        self.came_in(other, school)
        self.came_in(browser, school)
        assert browser.http.get(f"{school.address}/account/").status_code == 200

        browser.open(f"{server}/logout")

        gone = lambda: browser.http.get(f"{school.address}/account/").is_redirect  # noqa: E731 - one line says it
        eventually(gone, "the session that the ticket began is over")
        assert other.http.get(f"{school.address}/account/").status_code == 200, "another browser's goes on"
        other.http.close()

    def test_is_left_too_by_who_signs_out_here(self, school: Campus, server: str, browser: Browser) -> None:
        self.came_in(browser, school)

        there = way_out(browser, school).headers["location"]
        back = browser.open(there)

        assert there.startswith(f"{server}/logout?")
        assert "都已退出" in back.text, "it leads back when it is done"
        again = browser.open(f"{school.address}/partners/cas-there/start")
        assert 'name="password"' in again.text, "it asks for the password again"
