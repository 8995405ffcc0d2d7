"""What a client sees of OpenID Connect."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from yanta.sso.applications import signing_out
from yanta.sso.applications.models import AccessRule
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc.models import (
    Client,
    DeviceGrant,
)
from yanta.sso.oidc.tests.flows import ask, claims, last, post, refresh, tokens, told, userinfo

pytestmark = pytest.mark.django_db


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
