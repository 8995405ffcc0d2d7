"""What a client sees of OpenID Connect."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import timezone
from jwcrypto import jwk, jwt

from yanta.kernel.testing import deliver
from yanta.sso.applications import signing_out
from yanta.sso.applications.models import AccessRule, Decision, Entry
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import issuing, keys, services
from yanta.sso.oidc.models import (
    AccessToken,
    Client,
    DeviceGrant,
    RefreshToken,
    RegistrationToken,
    SigningKey,
)
from yanta.sso.oidc.tests.factories import BACK, client
from yanta.sso.oidc.tests.flows import ask, exchange, post, refresh, tokens, told, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def two_pairs():
    """Made once: a key of 2048 bits takes a while."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    return {
        "RS256": [rsa.generate_private_key(65537, 2048) for _ in range(2)],
        "ES256": [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)],
    }


@pytest.fixture(autouse=True)
def _keys(db, two_pairs):
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    keys.forget()
    for algorithm, pair in two_pairs.items():
        for key, state in zip(pair, ("current", "next"), strict=True):
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            kid = jwk.JWK.from_pem(pem).thumbprint()
            SigningKey.objects.create(kid=kid, algorithm=algorithm, private=pem.decode(), state=state)
    yield
    keys.forget()


@pytest.fixture
def someone(client: Browser):  # the browser
    account = sso.account(username="goose", name="鹅")
    client.force_login(account)
    return account


@pytest.fixture
def library():
    made = client()
    sso.released(made.application, "name", "email")
    sso.released(made.application, "phone")
    return made


def claims(token: str) -> dict:
    """Read as a client reads: by the published keys."""
    published = jwk.JWKSet.from_json(Browser().get("/oidc/jwks").content.decode())
    return json.loads(jwt.JWT(jwt=token, key=published, algs=["RS256", "ES256"]).claims)


def last() -> Decision:
    return Decision.objects.order_by("-pk").first()


class TestCode:
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    def test_leads_to_tokens_that_say_who_and_no_more_than_policy(
        self, client, someone, library, algorithm, settings
    ):
        Client.objects.update(algorithm=algorithm)

        given = tokens(client, scope="openid profile email phone")

        said = claims(given["id_token"])
        assert (said["iss"], said["aud"], said["nonce"]) == (settings.SITE_ADDRESS, "library", "n1")
        assert (said["sub"], said["name"], said["email"]) == (
            str(someone.pk),
            "鹅",
            "somebody@campus.example",
        )
        assert said["sid"]
        assert said["at_hash"]
        assert said["auth_time"]
        assert "phone_number" not in said, "sensitive, and not approved"
        assert userinfo(given["access_token"]).json()["name"] == "鹅"

    def test_comes_back_with_state_and_issuer(self, client, someone, library, settings):
        back = told(ask(client))

        assert (back["state"], back["iss"]) == ("s1", settings.SITE_ADDRESS)

    def test_over_the_sign_in_page(self, client, library):
        page = ask(client)

        assert page.url.startswith("/sign-in/?next=%2Foidc%2Fauthorize")
        shown = client.get(page.url)
        assert "登录后进入：图书馆" in shown.content.decode()
        assert "form-action 'self' https://lib.example" in shown["Content-Security-Policy"]

    def test_a_pairwise_client_learns_another_name(self, client, someone, library):
        library.application.naming = "pairwise"
        library.application.save()

        first, second = (claims(tokens(client)["id_token"])["sub"] for _ in range(2))

        assert first == second != str(someone.pk)

    def test_asks_before_it_tells(self, client, someone, library):
        library.application.asking = "once"
        library.application.save()
        asked = ask(client)
        assert asked.url.startswith("/sso/consent/library/")
        page = client.get(asked.url)
        assert "姓名" in page.content.decode()
        assert "鹅" in page.content.decode()
        assert "邮箱" not in page.content.decode()
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.url).query).items()}

        answer = client.post("/sso/consent/library/", {**query, "answer": "yes"})

        assert told(client.get(answer.url))["code"]
        assert told(ask(client))["code"], "asked once"
        assert ask(client, scope="openid profile email").url.startswith("/sso/consent/"), "more is asked anew"
        assert ask(client, prompt="consent").url.startswith("/sso/consent/")

    def test_no_is_no(self, client, someone, library):
        library.application.asking = "always"
        library.application.save()

        answer = client.post(
            "/sso/consent/library/", {"next": "/oidc/authorize", "answer": "no", "want": "name"}
        )

        assert "没有同意" in answer.content.decode()
        assert (last().step, last().outcome) == ("consent", "refused")

    @pytest.mark.parametrize(
        ("more", "error"), [({}, "login_required"), ({"prompt": "none"}, "login_required")]
    )
    def test_without_a_page_a_stranger_is_an_error(self, client, library, more, error):
        assert told(ask(client, prompt="none"))["error"] == error

    def test_without_a_page_consent_is_an_error(self, client, someone, library):
        library.application.asking = "always"
        library.application.save()

        assert told(ask(client, prompt="none"))["error"] == "consent_required"

    def test_max_age_asks_again(self, client, someone, library):
        assert ask(client, max_age="0").url.startswith("/sso/confirm/")
        assert told(ask(client, max_age="3600"))["code"]

    def test_a_hint_of_somebody_else_lets_nobody_in(self, client, someone, library):
        mine = tokens(client)["id_token"]
        other = sso.account(username="duck")
        client.force_login(other)

        assert told(ask(client, id_token_hint=mine))["error"] == "login_required"


class TestRefresh:
    def test_gives_a_new_pair_and_the_old_is_over(self, client, someone, library):
        given = tokens(client)
        again = json.loads(refresh(given["refresh_token"]).content)

        assert again["refresh_token"] != given["refresh_token"]
        assert userinfo(given["access_token"]).status_code == 401
        assert userinfo(again["access_token"]).status_code == 200
        assert "id_token" in again

    def test_used_twice_ends_the_family(self, client, someone, library):
        given = tokens(client)
        again = json.loads(refresh(given["refresh_token"]).content)

        assert refresh(given["refresh_token"]).status_code == 400
        assert last().rule == "refresh.reused"
        assert refresh(again["refresh_token"]).status_code == 400
        assert userinfo(again["access_token"]).status_code == 401

    def test_follows_the_rules_of_now(self, client, someone, library):
        given = tokens(client)
        AccessRule.objects.create(application=library.application, effect="deny", person=someone.person)

        assert refresh(given["refresh_token"]).status_code == 400
        assert last().rule == "refresh.ended"

    def test_ends_with_the_session_unless_offline_was_agreed(self, client, someone, library):
        online, offline = tokens(client), tokens(client, scope="openid offline_access")
        client.post("/sign-out/")

        assert userinfo(online["access_token"]).status_code == 401, "at once, before any worker"
        signing_out.collect()
        signing_out.tell_due()
        assert refresh(online["refresh_token"]).status_code == 400
        assert refresh(offline["refresh_token"]).status_code == 200


class TestPrograms:
    def test_get_a_token_of_their_own(self, library):
        Client.objects.update(uses_client_credentials=True)

        given = json.loads(post("token", grant_type="client_credentials").content)

        assert given["scope"] == "app"
        assert "refresh_token" not in given
        assert userinfo(given["access_token"]).status_code in (401, 403)

    def test_look_up_their_own_tokens_and_others_by_leave(self, client, someone, library):
        given = tokens(client)
        Client.objects.create(
            application=sso.application("other"), client_id="other", client_secret="x" * 40, uses_code=False
        )
        asked = {"token": given["access_token"]}

        own = post("introspect", **asked).json()
        assert (own["active"], own["client_id"], own["sub"]) == (True, "library", str(someone.pk))
        assert post("introspect", basic=("other", "x" * 40), **asked).json() == {"active": False}
        Client.objects.filter(client_id="other").update(may_introspect=True)
        assert post("introspect", basic=("other", "x" * 40), **asked).json()["active"]

    def test_revoke_a_token_with_its_family(self, client, someone, library):
        given = tokens(client)

        assert post("revoke", token=given["refresh_token"]).status_code == 200
        assert userinfo(given["access_token"]).status_code == 401
        assert refresh(given["refresh_token"]).status_code == 400

    def test_cannot_revoke_what_is_anothers(self, client, someone, library):
        given = tokens(client)
        Client.objects.create(
            application=library.application, client_id="other", client_secret="x" * 40, uses_code=False
        )

        post("revoke", basic=("other", "x" * 40), token=given["access_token"])

        assert userinfo(given["access_token"]).status_code == 200


class TestDevice:
    @pytest.fixture
    def device(self, library):
        Client.objects.update(uses_device=True)
        return post("device_authorization", scope="openid profile").json()

    def poll(self, device) -> tuple[int, dict]:
        answer = post(
            "token",
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            device_code=device["device_code"],
        )
        return answer.status_code, json.loads(answer.content)

    def test_waits_until_somebody_says_yes_and_then_once(self, client, someone, device):
        assert self.poll(device)[1]["error"] == "authorization_pending"
        assert self.poll(device)[1]["error"] == "slow_down"
        page = client.post("/oidc/device", {"user_code": device["user_code"]})
        assert "图书馆" in page.content.decode()
        client.post("/oidc/device", {"user_code": device["user_code"], "answer": "yes"})

        status, given = self.poll(device)

        assert status == 200
        assert claims(given["id_token"])["sub"] == str(someone.pk)
        assert self.poll(device)[1]["error"] == "expired_token"
        assert refresh(given["refresh_token"]).status_code == 200

    def test_no_is_told(self, client, someone, device):
        client.post("/oidc/device", {"user_code": device["user_code"], "answer": "no"})

        assert self.poll(device)[1]["error"] == "access_denied"

    def test_a_guessed_code_counts(self, client, someone, device):
        assert client.post("/oidc/device", {"user_code": "WRNG-CODE"}).status_code == 422
        assert (last().step, last().outcome) == ("device", "refused")

    def test_a_late_code_is_over(self, client, someone, device):
        DeviceGrant.objects.update(expires=timezone.now() - timedelta(seconds=1))

        assert self.poll(device)[1]["error"] == "expired_token"


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

        globals()["client"]()
        code = told(ask(client))["code"]

        assert Grant.objects.get().code == issuing.digest_of(code)
        assert exchange(code).status_code == 200
        assert not AccessToken.objects.exclude(token="").exists()
