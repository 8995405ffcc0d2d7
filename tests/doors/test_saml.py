"""SAML programs that nobody here wrote sign people in, get attributes, and are signed out; and a partner signs in here."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.doors import saml_peers
from tests.doors.apache import Apache
from tests.doors.campus import Browser, Campus, eventually, way_out

needs_pysaml2 = pytest.mark.skipif(bool(saml_peers.why_not()), reason=saml_peers.why_not())
MELLON = """
MellonCacheSize 100
MellonLockFile "{{kept}}/mellon.lock"
<Location "/">
  MellonEnable info
  MellonEndpointPath /mellon
  MellonSPPrivateKeyFile {key}
  MellonSPCertFile {certificate}
  MellonSPMetadataFile {metadata}
  MellonIdPMetadataFile {theirs}
  MellonSignatureMethod rsa-sha256
</Location>
<Location "/in">
  MellonEnable auth
  AuthType Mellon
  Require valid-user
  Header always set X-User "expr=%{{{{REMOTE_USER}}}}"
  Header always set X-Number "expr=%{{{{reqenv:MELLON_staffNumber}}}}"
</Location>
"""


def posted(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes that sends itself, and what it carries."""
    forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    found = next((one for one in forms if 'name="SAML' in one), "")
    action = re.search(r'<form[^>]* action="([^"]+)"', found)
    assert action, page.text[:1500]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}


def query_of(url: str) -> dict[str, str]:
    return {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}


@needs_pysaml2
class TestPysaml2:
    @pytest.fixture
    def client(self, school: Campus) -> Any:
        from saml2.client import Saml2Client

        metadata = saml_peers.of_school(school.address)
        return Saml2Client(saml_peers.service_provider(school.home("pysaml2"), school.saml, metadata))

    def signed_in(self, school: Campus, browser: Browser, client: Any) -> Any:
        number, told = client.prepare_for_authenticate(relay_state="kept")
        address = dict(told["headers"])["Location"]
        action, fields = posted(browser.open(address))
        assert action == f"{school.home('pysaml2')}acs"
        assert fields["RelayState"] == "kept"
        return client.parse_authn_request_response(fields["SAMLResponse"], saml_peers.POST, {number: "/"})

    def test_signs_in_gets_attributes_and_signs_out(
        self, school: Campus, browser: Browser, client: Any
    ) -> None:
        answer = self.signed_in(school, browser, client)
        assert answer.ava["staffNumber"] == ["T0001"]
        assert answer.name_id.format == saml_peers.PERSISTENT
        assert browser.http.get(f"{school.address}/account/").status_code == 200

        _binding, told = client.global_logout(answer.name_id)[f"{school.address}/saml/metadata"]
        back = browser.where(dict(told["headers"])["Location"], until=school.home("pysaml2"))

        done = client.parse_logout_request_response(query_of(back)["SAMLResponse"], saml_peers.REDIRECT)
        assert done.status_ok()
        assert browser.http.get(f"{school.address}/account/").is_redirect, "nobody is signed in here either"

    def test_is_told_when_somebody_leaves(self, school: Campus, browser: Browser, client: Any) -> None:
        answer = self.signed_in(school, browser, client)

        page = browser.open(f"{school.address}/cas/logout").text
        frame = html.unescape(re.search(rf'<iframe src="({school.home("pysaml2")}[^"]+)"', page)[1])  # type: ignore[index]
        asked = query_of(frame)
        told = client.handle_logout_request(
            asked["SAMLRequest"], answer.name_id, saml_peers.REDIRECT, sigalg=asked["SigAlg"], signature=asked["Signature"],
            sign=True,
        )  # fmt: skip

        assert client.users.subjects() == [], "pysaml2 has forgotten the person"
        assert browser.http.get(dict(told["headers"])["Location"]).status_code == 200
        assert any(one["protocol"] == "saml" and one["step"] == "sign_out" for one in school.decisions())

    def test_its_request_is_taken_once(self, school: Campus, browser: Browser, client: Any) -> None:
        _number, told = client.prepare_for_authenticate()
        address = dict(told["headers"])["Location"]
        browser.open(address)

        assert browser.http.get(address).status_code == 403
        assert browser.http.get(address.replace("Signature=", "Signature=AAAA")).status_code == 403
        rules = {
            one["rule"]
            for one in school.decisions()
            if one["protocol"] == "saml" and one["outcome"] == "refused"
        }
        assert {"replay", "signature.wrong"} <= rules


@needs_pysaml2
class TestPysaml2AsPartner:
    @pytest.fixture
    def server(self, school: Campus) -> Any:
        from saml2.server import Server

        ours = httpx.get(f"{school.address}/partners/saml-idp/metadata").text
        return Server(config=saml_peers.identity_provider(school.home("saml-idp"), school.saml, ours))

    def answered(self, school: Campus, browser: Browser, server: Any) -> tuple[str, dict[str, str], Any]:
        """The form that the partner sends back: where to, what, and the name in it."""
        from saml2.saml import NameID

        away = browser.where(
            f"{school.address}/partners/saml-idp/start?next=/account/", until=school.home("saml-idp")
        )
        given = query_of(away)
        asked = server.parse_authn_request(
            given["SAMLRequest"], saml_peers.REDIRECT, relay_state=given["RelayState"], sigalg=given["SigAlg"],
            signature=given["Signature"],
        )  # fmt: skip
        told, name = (
            server.response_args(asked.message),
            NameID(format=saml_peers.PERSISTENT, text="a-subject-of-the-partner"),
        )
        response = server.create_authn_response(
            {"employeeNumber": "T0001", "displayName": "Goose"}, userid="goose", name_id=name,
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}, sign_response=True, sign_assertion=True, **told,
        )  # fmt: skip
        form = server.apply_binding(
            saml_peers.POST, str(response), told["destination"], given["RelayState"], response=True
        )
        action, fields = posted(httpx.Response(200, text=str(form["data"])))
        index = re.search(r'SessionIndex="([^"]+)"', str(response))
        return action, fields, (name, [index[1]] if index else [])

    def signed_in(self, school: Campus, browser: Browser, server: Any) -> Any:
        action, fields, who = self.answered(school, browser, server)
        answer = browser.http.post(action, data=fields)
        assert browser.open(f"{school.address}{answer.headers['location']}").url.path == "/account/"
        return who

    def test_signs_somebody_in_here(self, school: Campus, browser: Browser, server: Any) -> None:
        action, fields, _who = self.answered(school, browser, server)
        assert browser.http.get(f"{school.address}/account/").is_redirect

        answer = browser.http.post(action, data=fields)

        assert answer.status_code == 303, answer.text[:1500]
        page = browser.open(f"{school.address}{answer.headers['location']}")
        assert page.url.path == "/account/"
        assert "goose" in page.text
        assert browser.http.post(action, data=fields).status_code == 403, "the assertion counts once"

    def test_signs_somebody_out_here(self, school: Campus, browser: Browser, server: Any) -> None:
        name, indexes = self.signed_in(school, browser, server)
        other = Browser()
        self.signed_in(school, other, server)
        here = f"{school.address}/partners/saml-idp/slo"
        number, request = server.create_logout_request(
            here, issuer_entity_id=server.config.entityid, name_id=name, session_indexes=indexes, sign=False
        )
        told = server.apply_binding(saml_peers.REDIRECT, str(request), here, "kept", sign=True)

        answer = httpx.get(dict(told["headers"])["Location"])

        assert answer.is_redirect, answer.text[:1500]
        given = query_of(answer.headers["location"])
        done = server.parse_logout_request_response(given["SAMLResponse"], saml_peers.REDIRECT)
        assert done.status_ok()
        assert (done.in_response_to, given["RelayState"]) == (number, "kept")
        assert browser.http.get(f"{school.address}/account/").is_redirect
        assert other.http.get(f"{school.address}/account/").status_code == 200, "another session goes on"
        other.http.close()

    def test_is_left_too_by_who_signs_out_here(self, school: Campus, browser: Browser, server: Any) -> None:
        name, indexes = self.signed_in(school, browser, server)

        given = query_of(way_out(browser, school).headers["location"])
        asked = server.parse_logout_request(
            given["SAMLRequest"], saml_peers.REDIRECT, sigalg=given["SigAlg"], signature=given["Signature"]
        )
        response = server.create_logout_response(asked.message, [saml_peers.REDIRECT], sign=False)
        back = f"{school.address}/partners/saml-idp/slo"
        told = server.apply_binding(saml_peers.REDIRECT, str(response), back, response=True, sign=True)

        assert (asked.message.name_id.text, [one.text for one in asked.message.session_index]) == (
            name.text,
            indexes,
        )
        assert "都已退出" in browser.http.get(dict(told["headers"])["Location"]).text
        assert browser.http.get(dict(told["headers"])["Location"]).status_code == 403, (
            "the answer counts once"
        )


class TestApache:
    @pytest.fixture
    def configuration(self, school: Campus, apache: Apache) -> str:
        if not (apache.modules / "mod_auth_mellon.so").is_file():
            pytest.skip("this Apache has no mod_auth_mellon")
        folder = school.saml.folder
        (folder / "sp.xml").write_text(
            saml_peers.MELLON.format(home=school.home("mellon"), certificate=school.saml.bare()), "utf-8"
        )
        (folder / "idp.xml").write_text(saml_peers.of_school(school.address), "utf-8")
        # Apache reads them as nobody, however deep the folder lies.
        for above in (folder, *folder.parents):
            if above.stat().st_mode & 0o005 != 0o005:
                above.chmod(0o755)
        return MELLON.format(
            key=school.saml.key, certificate=school.saml.certificate, metadata=folder / "sp.xml", theirs=folder / "idp.xml"
        )  # fmt: skip

    def sent_on(self, browser: Browser, address: str) -> httpx.Response:
        action, fields = posted(browser.open(address))
        answer = browser.http.post(action, data=fields)
        return browser.open(str(answer.headers["location"])) if answer.is_redirect else answer

    def test_signs_in_gets_attributes_and_is_signed_out(
        self, school: Campus, browser: Browser, apache: Apache, configuration: str
    ) -> None:
        home, port = school.home("mellon"), school.ports["mellon"]
        with apache.serving(port, configuration, by="auth_mellon"):
            inside = self.sent_on(browser, f"{home}in/")
            assert inside.text == "inside\n"
            assert len(inside.headers["X-User"]) == 32, "a name of this application alone"
            assert inside.headers["X-Number"] == "T0001"
            assert browser.http.get(f"{home}in/").status_code == 200

            browser.http.get(f"{school.address}/cas/logout")

            eventually(
                lambda: browser.http.get(f"{home}in/").is_redirect, "the session of mod_auth_mellon is over"
            )

    def test_signs_out_of_everything(
        self, school: Campus, browser: Browser, apache: Apache, configuration: str
    ) -> None:
        home, port = school.home("mellon"), school.ports["mellon"]
        with apache.serving(port, configuration, by="auth_mellon"):
            self.sent_on(browser, f"{home}in/")

            browser.open(f"{home}mellon/logout?ReturnTo={home}open.html")

            assert browser.seen[-1] == f"{home}open.html"
            assert browser.http.get(f"{school.address}/account/").is_redirect, (
                "nobody is signed in here either"
            )
