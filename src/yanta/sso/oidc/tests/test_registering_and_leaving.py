"""How clients are registered, which keys they see, and how they hear that somebody left."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from yanta.kernel.testing import deliver
from yanta.sso.applications import signing_out
from yanta.sso.applications.models import Entry
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import issuing, keys, services
from yanta.sso.oidc.models import (
    AccessToken,
    Client,
    RefreshToken,
    RegistrationToken,
)
from yanta.sso.oidc.tests import factories
from yanta.sso.oidc.tests.factories import BACK
from yanta.sso.oidc.tests.flows import ask, claims, exchange, last, tokens, told, userinfo

pytestmark = pytest.mark.django_db


class TestSigningOut:
    @pytest.fixture
    def posted(self, monkeypatch):
        letters: list[signing_out.Letter] = []
        monkeypatch.setattr(signing_out, "post", lambda letter: letters.append(letter) or "")
        return letters

    def test_tells_the_client_behind_the_browser(self, client, someone, library, posted):
        Client.objects.update(backchannel_logout_uri="https://lib.example/gone")
        said = claims(tokens(client)["id_token"])
        client.post("/sign-out/")
        signing_out.collect()
        signing_out.tell_due()

        token = claims(posted[0].data["logout_token"])
        assert posted[0].url == "https://lib.example/gone"
        assert (token["sid"], token["sub"], token["aud"]) == (said["sid"], said["sub"], "library")
        assert "http://schemas.openid.net/event/backchannel-logout" in token["events"]
        assert "nonce" not in token
        assert AccessToken.objects.count() == RefreshToken.objects.filter(revoked=None).count() == 0

    def test_opens_the_clients_page_in_a_frame(self, client, someone, library):
        Client.objects.update(frontchannel_logout_uri="https://lib.example/frame")
        tokens(client)

        page = client.get(client.post("/sign-out/").url)

        assert 'src="https://lib.example/frame?iss=' in page.content.decode()
        assert "frame-src https://lib.example" in page["Content-Security-Policy"]

    def test_at_the_clients_wish_leads_back_with_a_proof(self, client, someone, library):
        Client.objects.update(post_logout_redirect_uris="https://lib.example/bye")
        hint = tokens(client)["id_token"]
        asked = {"id_token_hint": hint, "post_logout_redirect_uri": "https://lib.example/bye", "state": "x"}

        answer = client.get(f"/oidc/logout?{urlencode(asked)}")

        assert answer.url == "https://lib.example/bye?state=x"
        assert Entry.objects.get().session.ended_at is not None

    def test_without_a_proof_asks_first(self, client, someone, library):
        tokens(client)

        assert "要退出登录吗" in client.get("/oidc/logout?client_id=library").content.decode()
        assert "要退出登录吗" in client.get("/oidc/logout?client_id=library&sure=yes").content.decode()
        assert Entry.objects.get().session.ended_at is None
        client.post("/oidc/logout", {"client_id": "library", "sure": "yes"})
        assert Entry.objects.get().session.ended_at is not None

    def test_another_site_cannot_press_the_button(self, someone, library):
        browser = Browser(enforce_csrf_checks=True)
        browser.force_login(someone)
        tokens(browser)

        browser.post("/oidc/logout", {"client_id": "library", "sure": "yes"})

        assert Entry.objects.get().session.ended_at is None

    def test_a_disabled_application_has_no_tokens(self, client, someone, library, engineer):
        from yanta.sso.applications.services import disable

        given = tokens(client, scope="openid offline_access")
        disable(library.application, actor=engineer, reason="不再使用")
        deliver()

        assert userinfo(given["access_token"]).status_code == 401
        assert not AccessToken.objects.exists()


class TestKeys:
    def test_what_is_published_next_signs_after_a_rotation(self, client, someone, library):
        before = {one["kid"] for one in Browser().get("/oidc/jwks").json()["keys"]}
        old = tokens(client)["id_token"]

        now = keys.rotate()

        assert {one.kid for one in now} <= before, "clients knew it already"
        assert claims(tokens(client)["id_token"])
        assert claims(old), "and still know the old one"
        assert keys.claims_of(old) is not None

    def test_private_parts_are_published_nowhere(self, library):
        for key in Browser().get("/oidc/jwks").json()["keys"]:
            assert {"d", "p", "q"}.isdisjoint(key)

    def test_are_sealed_at_rest(self, db):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT private FROM oidc_signingkey")
            assert all(b"PRIVATE KEY" not in bytes(row[0]) for row in cursor.fetchall())


class TestDiscovery:
    def test_both_documents_name_what_is_there(self, library, settings):
        for path in ("openid-configuration", "oauth-authorization-server"):
            said = Browser().get(f"/.well-known/{path}").json()
            assert said["issuer"] == settings.SITE_ADDRESS
            assert said["code_challenge_methods_supported"] == ["S256"]
            assert "registration_endpoint" not in said

    def test_of_the_librarys_own_pages_none_is_there(self, client, someone):
        for path in ("/o/applications/", "/o/authorize/", "/authorized_tokens/", "/oidc/applications/"):
            assert client.get(path).status_code == 404


class TestRegistration:
    def register(self, secret: str, **asked):
        return Browser().post(
            "/oidc/register", json.dumps({"redirect_uris": [BACK], "client_name": "新应用", **asked}),
            content_type="application/json", headers={"Authorization": f"Bearer {secret}"},
        )  # fmt: skip

    @pytest.fixture
    def secret(self, engineer):
        said = services.issue_registration_token(actor=engineer, name="试验", owner=sso.unit(), uses=1)
        return said.rpartition("：")[2]

    def test_is_closed_without_a_token(self, db):
        assert self.register("guess").status_code == 401
        assert (last().step, last().outcome) == ("register", "refused")

    def test_takes_one_client_and_leaves_the_word_to_the_centre(self, secret):
        said = self.register(secret).json()

        assert said["client_secret"]
        assert Client.objects.get(client_id=said["client_id"]).application.state == "submitted"
        assert self.register(secret).status_code == 401, "used up"

    @pytest.mark.parametrize(
        "wrong",
        [{"redirect_uris": ["http://evil.example/"]}, {"redirect_uris": []}, {"grant_types": ["implicit"]}, {"redirect_uris": "x"}, {"scope": "root"}],
    )  # fmt: skip
    def test_refuses_what_people_may_not_register_either(self, secret, wrong):
        assert self.register(secret, **wrong).status_code == 400
        assert RegistrationToken.objects.get().uses_left == 0

    def test_a_code_is_kept_as_a_digest(self, client, someone, db):
        from yanta.sso.oidc.models import Grant

        factories.client()
        code = told(ask(client))["code"]

        assert Grant.objects.get().code == issuing.digest_of(code)
        assert exchange(code).status_code == 200
        assert not AccessToken.objects.exclude(token="").exists()
