"""OpenID Connect clients that nobody here wrote sign in, get claims and are signed out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.doors.apache import Apache
from tests.doors.campus import SECRET, Browser, Campus, eventually
from tests.doors.test_cas import Heard

authlib = pytest.importorskip("authlib.integrations.httpx_client", reason="Authlib is not installed")
VERIFIER = "a-verifier-of-authlib-that-is-long-enough-0123456789"
APACHE = """
OIDCProviderMetadataURL {address}/.well-known/openid-configuration
OIDCClientID apache-oidc
OIDCClientSecret {secret}
OIDCRedirectURI http://127.0.0.1:{port}/in/callback
OIDCCryptoPassphrase of-a-peer-and-long-enough-for-it
OIDCScope "openid profile roles email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
OIDCSessionInactivityTimeout 600
<Location "/in">
  AuthType openid-connect
  Require valid-user
  Header always set X-User "expr=%{{{{REMOTE_USER}}}}"
  Header always set X-Number "expr=%{{{{req:OIDC_CLAIM_staff_number}}}}"
</Location>
"""


@pytest.fixture
def heard(school: Campus) -> Iterator[Heard]:
    server = Heard(school.ports["authlib"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    HTTPServer.shutdown(server)
    server.server_close()


def metadata(school: Campus) -> dict[str, str]:
    found: dict[str, str] = httpx.get(f"{school.address}/.well-known/openid-configuration").json()
    assert found["issuer"] == school.address
    return found


class TestApache:
    def test_code_with_pkce_and_back_channel_logout(self, school, browser, apache: Apache):
        home, port = school.home("apache-oidc"), school.ports["apache-oidc"]
        with apache.serving(
            port, APACHE.format(address=school.address, port=port, secret=SECRET), by="auth_openidc"
        ):
            asked = parse_qs(urlsplit(httpx.get(f"{home}in/").headers["location"]).query)
            assert asked["code_challenge_method"] == ["S256"]
            inside = browser.open(f"{home}in/")
            assert inside.text == "inside\n", (inside.status_code, browser.seen)
            assert inside.headers["X-User"] == "goose"
            assert "T0001" in inside.headers["X-Number"]
            assert browser.http.get(f"{home}in/").status_code == 200

            browser.http.get(f"{school.address}/cas/logout")

            eventually(
                lambda: browser.http.get(f"{home}in/").is_redirect, "the session of mod_auth_openidc is over"
            )


class TestAuthlib:
    def client(self, school: Campus, **more):
        return authlib.OAuth2Client(
            "authlib", SECRET, redirect_uri=school.home("authlib") + "in/callback", scope="openid profile email offline_access",
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic", **more,
        )  # fmt: skip

    def signed_in(self, school: Campus, browser: Browser):
        one, known = self.client(school), metadata(school)
        url, state = one.create_authorization_url(
            known["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1"
        )
        back = browser.where(url, until=school.home("authlib"))
        token = one.fetch_token(
            known["token_endpoint"], authorization_response=back, code_verifier=VERIFIER, state=state
        )
        return one, known, token, back

    def test_signs_in_reads_claims_refreshes_and_revokes(self, school, browser):
        from authlib.jose import jwt

        one, known, token, _back = self.signed_in(school, browser)
        claims = jwt.decode(token["id_token"], httpx.get(known["jwks_uri"]).json())
        claims.validate()
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (school.address, "authlib", "n-1")
        assert one.get(known["userinfo_endpoint"]).json()["email"] == "goose@campus.example"

        again = one.refresh_token(known["token_endpoint"], refresh_token=token["refresh_token"])
        assert again["access_token"] != token["access_token"]
        assert one.introspect_token(known["introspection_endpoint"], token=again["access_token"]).json()[
            "active"
        ]
        one.revoke_token(known["revocation_endpoint"], token=again["refresh_token"])
        assert httpx.get(
            known["userinfo_endpoint"], headers={"Authorization": f"Bearer {again['access_token']}"}
        ).status_code == 401  # fmt: skip

    def test_a_code_brought_twice_ends_what_came_of_it(self, school, browser):
        _one, known, token, back = self.signed_in(school, browser)
        stolen = self.client(school)

        with pytest.raises(authlib.OAuthError, match="invalid_grant"):
            stolen.fetch_token(known["token_endpoint"], authorization_response=back, code_verifier=VERIFIER)

        assert httpx.get(
            known["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"}
        ).status_code == 401  # fmt: skip

    def test_gets_a_token_of_its_own(self, school):
        one = self.client(school)

        token = one.fetch_token(
            metadata(school)["token_endpoint"], grant_type="client_credentials", scope="app"
        )

        assert token["scope"] == "app"

    def test_is_told_behind_the_browser(self, school, browser, heard):
        from authlib.jose import jwt

        _one, known, token, _back = self.signed_in(school, browser)
        keys = httpx.get(known["jwks_uri"]).json()
        sid = jwt.decode(token["id_token"], keys)["sid"]

        browser.http.get(f"{known['end_session_endpoint']}?id_token_hint={token['id_token']}")

        eventually(lambda: bool(heard.posted), "the logout token")
        assert jwt.decode(heard.posted[0]["logout_token"], keys)["sid"] == sid


class TestOauthlib:
    def test_signs_in_with_its_own_pkce_and_refreshes(self, school, browser, monkeypatch):
        oauth = pytest.importorskip("oauthlib.oauth2", reason="oauthlib is not installed")
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        known, back = metadata(school), school.home("authlib") + "in/callback"
        one = oauth.WebApplicationClient("authlib")
        verifier = one.create_code_verifier(64)
        url, _headers, _body = one.prepare_authorization_request(
            known["authorization_endpoint"], redirect_url=back, scope=["openid", "profile"], state="s-1",
            code_challenge=one.create_code_challenge(verifier, "S256"), code_challenge_method="S256",
        )  # fmt: skip
        given = one.parse_request_uri_response(browser.where(url, until=back), state="s-1")

        url, headers, body = one.prepare_token_request(
            known["token_endpoint"], code=given["code"], redirect_url=back, code_verifier=verifier
        )
        answer = httpx.post(url, headers=headers, content=body, auth=("authlib", SECRET))
        one.parse_request_body_response(answer.text)
        url, headers, body = one.prepare_refresh_token_request(
            known["token_endpoint"], refresh_token=one.token["refresh_token"]
        )
        again = httpx.post(url, headers=headers, content=body, auth=("authlib", SECRET))

        assert one.parse_request_body_response(again.text)["access_token"]

    def test_a_device_waits_for_its_owner(self, school, browser):
        pytest.importorskip("oauthlib.oauth2", reason="oauthlib is not installed")
        from oauthlib.oauth2 import DeviceClient

        known = metadata(school)
        asked = httpx.post(
            known["device_authorization_endpoint"], data={"scope": "openid"}, auth=("authlib", SECRET)
        ).json()
        one = DeviceClient("authlib")
        body = one.prepare_request_body(asked["device_code"], scope=None)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        first = httpx.post(known["token_endpoint"], content=body, headers=headers, auth=("authlib", SECRET))
        assert first.json()["error"] == "authorization_pending"

        page = browser.open(asked["verification_uri_complete"])
        assert asked["user_code"] in page.text
        form = {"user_code": asked["user_code"], "answer": "yes", "csrfmiddlewaretoken": csrf(page.text)}
        assert (
            "已允许"
            in browser.http.post(
                f"{school.address}/oidc/device", data=form, headers={"Referer": str(page.url)}
            ).text
        )

        done = httpx.post(known["token_endpoint"], content=body, headers=headers, auth=("authlib", SECRET))
        assert json.loads(done.text)["access_token"]


def csrf(page: str) -> str:
    return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
