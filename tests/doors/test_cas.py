"""CAS clients that nobody here wrote sign in, get attributes and are signed out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.doors.apache import Apache
from tests.doors.campus import Browser, Campus, eventually, python, running

cas = pytest.importorskip("cas", reason="python-cas is not installed")
APACHE = """
CASCookiePath {{kept}}/cas/
CASLoginURL {address}/cas/login
CASValidateURL {address}/cas/p3/serviceValidate
CASSSOEnabled On
CASRootProxiedAs http://127.0.0.1:{port}
<Location "/in">
  AuthType CAS
  CASAuthNHeader CAS-User
  Require valid-user
  Header always set X-User "expr=%{{{{REMOTE_USER}}}}"
  Header always set X-Number "expr=%{{{{req:CAS-staffNumber}}}}"
  Header always set X-Number-2 "expr=%{{{{req:CAS_staffNumber}}}}"
</Location>
"""


class Heard(HTTPServer):
    """An application that only listens: what was posted and asked."""

    def __init__(self, port: int) -> None:
        self.posted: list[dict[str, str]] = []
        self.asked: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", port), Ear)


class Ear(BaseHTTPRequestHandler):
    server: Heard

    def do_GET(self) -> None:
        self.server.asked.append({name: one[0] for name, one in parse_qs(urlsplit(self.path).query).items()})
        self._thank()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append({name: one[0] for name, one in parse_qs(body).items()})
        self._thank()

    def _thank(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def heard(school: Campus) -> Iterator[dict[str, Heard]]:
    servers = {peer: Heard(school.ports[peer]) for peer in ("python", "front", "back")}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


def client(school: Campus, version: object, peer: str = "python", **more: object):
    service = school.home(peer) + "start"
    return cas.CASClient(version=version, service_url=service, server_url=f"{school.address}/cas/", **more)


def ticket(browser: Browser, one, school: Campus, peer: str = "python") -> str:
    onward = browser.where(one.get_login_url(), until=school.home(peer))
    return parse_qs(urlsplit(onward).query)["ticket"][0]


class TestPythonCas:
    @pytest.mark.parametrize("version", [1, 2, 3, "CAS_2_SAML_1_0"])
    def test_signs_in_with_every_version(self, school, browser, version):
        one = client(school, version)

        user, attributes, _iou = one.verify_ticket(ticket(browser, one, school))

        assert user == "goose"
        if version != 1:
            assert attributes["staffNumber"] == "T0001"
            assert "employee" in attributes["eduPersonAffiliation"]

    @pytest.mark.parametrize("version", [1, 2, 3, "CAS_2_SAML_1_0"])
    def test_takes_no_ticket_twice(self, school, browser, version):
        one = client(school, version)
        given = ticket(browser, one, school)
        assert one.verify_ticket(given)[0] == "goose"

        assert not one.verify_ticket(given)[0]

    def test_takes_no_ticket_of_another_service(self, school, browser):
        given = ticket(browser, client(school, 3), school)

        assert client(school, 3, "back").verify_ticket(given)[0] is None

    def test_second_application_asks_no_password(self, school, browser, heard):
        ticket(browser, client(school, 3), school)
        before = sum("/sign-in/" in url for url in browser.seen)

        ticket(browser, client(school, 3, "back"), school, "back")

        assert sum("/sign-in/" in url for url in browser.seen) == before > 0

    def test_is_told_when_somebody_leaves(self, school, browser, heard):
        one = client(school, 3)
        given = ticket(browser, one, school)
        one.verify_ticket(given)

        browser.open(one.get_logout_url())

        eventually(lambda: bool(heard["python"].posted), "the logout request")
        request = heard["python"].posted[0]["logoutRequest"]
        assert cas.CASClientV3.verify_logout_request(request, given)

    def test_proxies_for_somebody(self, school, browser, heard):
        front = client(school, 3, "front", proxy_callback=school.home("front") + "pgt")
        _user, _attributes, iou = front.verify_ticket(ticket(browser, front, school, "front"))
        granted = next(asked for asked in heard["front"].asked if asked.get("pgtIou") == iou)
        back = client(school, 3, "back")

        given = back.get_proxy_ticket(granted["pgtId"])
        back.url_suffix = "p3/proxyValidate"

        assert back.verify_ticket(given)[0] == "goose"

    def test_what_was_refused_is_in_the_log(self, school, browser):
        client(school, 3).verify_ticket("ST-made-up")

        said = [one for one in school.decisions() if one["outcome"] == "refused"]
        assert any(one["rule"] == "INVALID_TICKET" and one["step"] == "serviceValidate" for one in said)


class TestDjangoCasNg:
    @pytest.fixture
    def home(self, school: Campus, tmp_path: Path) -> Iterator[str]:
        pytest.importorskip("django_cas_ng", reason="django-cas-ng is not installed")
        home = school.home("django")
        environ = {
            **{name: value for name, value in school.environ.items() if not name.startswith(("YANTA_", "DJANGO_"))},
            "CAS_SERVER": f"{school.address}/cas/", "PEER_FOLDER": str(tmp_path),
        }  # fmt: skip
        script = str(Path(__file__).with_name("cas_ng_site.py"))
        with running(python(script, str(school.ports["django"])), environ, f"{home}open"):
            yield home

    def test_signs_in_gets_attributes_and_is_signed_out(self, school, browser, home):
        inside = browser.open(f"{home}in")
        assert inside.json() == {"user": "goose", "number": "T0001", "unit": "0001"}
        assert browser.http.get(f"{home}in").status_code == 200

        browser.http.get(f"{school.address}/cas/logout")

        eventually(lambda: browser.http.get(f"{home}in").is_redirect, "the session of django-cas-ng is over")

    def test_leads_out_of_everything(self, school, browser, home):
        browser.open(f"{home}in")

        browser.open(f"{home}logout", until=f"{home}in")

        assert "/login" in browser.http.get(f"{home}in").headers["location"]
        assert browser.http.get(f"{school.address}/account/").is_redirect, "nobody is signed in here either"


class TestApache:
    def test_signs_in_gets_attributes_and_is_signed_out(self, school, browser, apache: Apache):
        home, port = school.home("apache-cas"), school.ports["apache-cas"]
        with apache.serving(port, APACHE.format(address=school.address, port=port), by="auth_cas"):
            assert (
                httpx.get(f"{home}in/").headers["location"].startswith(f"{school.address}/cas/login?service=")
            )
            inside = browser.open(f"{home}in/")
            assert inside.text == "inside\n"
            assert inside.headers["X-User"] == "goose"
            assert "T0001" in inside.headers.get("X-Number", "") + inside.headers.get("X-Number-2", "")
            assert browser.http.get(f"{home}in/").status_code == 200

            browser.http.get(f"{school.address}/cas/logout")

            eventually(
                lambda: browser.http.get(f"{home}in/").is_redirect, "the session of mod_auth_cas is over"
            )

    def test_refuses_a_ticket_that_was_used(self, school, browser, apache: Apache):
        home, port = school.home("apache-cas"), school.ports["apache-cas"]
        with apache.serving(port, APACHE.format(address=school.address, port=port), by="auth_cas"):
            browser.open(f"{home}in/")
            used = next(re.search("ticket=([^&]+)", url)[1] for url in browser.seen if "ticket=" in url)

            answer = httpx.get(f"{home}in/?ticket={used}")

        assert "X-User" not in answer.headers or not answer.headers["X-User"]
        assert answer.status_code != 200
