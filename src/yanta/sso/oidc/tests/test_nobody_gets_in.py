"""What nobody gets in by, and that each of it is in the log."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.utils import timezone
from jwcrypto import jwk, jws, jwt

from yanta.sso.applications.models import Decision
from yanta.sso.applications.tests import factories as sso
from yanta.sso.oidc import keys
from yanta.sso.oidc.models import AccessToken, Client, Grant, RefreshToken, SigningKey
from yanta.sso.oidc.tests.factories import BACK, client
from yanta.sso.oidc.tests.flows import VERIFIER, ask, exchange, post, refresh, tokens, told, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_keys(db):
    keys.forget()
    yield
    keys.forget()


@pytest.fixture
def someone(client: Browser):  # the browser
    account = sso.account(username="goose", name="鹅")
    client.force_login(account)
    return account


@pytest.fixture
def library(db):
    return client(algorithm="ES256")


@pytest.fixture
def other(library):
    return client(sso.application("other"), client_id="other", redirect_uris="https://other.example/back")


def last() -> Decision:
    return Decision.objects.order_by("-pk").first()


def error(answer) -> str:
    assert answer.status_code in (400, 401), answer.content
    assert (last().outcome, last().protocol) == ("refused", "oidc")
    return json.loads(answer.content)["error"]


class TestCodes:
    def test_brought_twice_end_what_came_of_them(self, client, someone, library):
        code = told(ask(client))["code"]
        given = json.loads(exchange(code).content)

        assert error(exchange(code)) == "invalid_grant"
        assert last().rule == "code.replayed"
        assert userinfo(given["access_token"]).status_code == 401
        assert error(refresh(given["refresh_token"])) == "invalid_grant"

    def test_of_another_client(self, client, someone, library, other):
        code = told(ask(client))["code"]

        stolen = exchange(code, basic=("other", "a-long-random-secret-of-a-program"), redirect_uri=BACK)

        assert error(stolen) == "invalid_grant"
        assert exchange(code).status_code == 200, "nobody else uses it up"

    def test_past_their_minute(self, client, someone, library):
        code = told(ask(client))["code"]
        Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))

        assert error(exchange(code)) == "invalid_grant"
        assert last().rule == "code.expired"

    def test_of_a_session_that_ended(self, client, someone, library):
        code = told(ask(client))["code"]
        client.post("/sign-out/")

        assert error(exchange(code)) == "invalid_grant"

    def test_with_another_redirect_uri(self, client, someone, library):
        code = told(ask(client))["code"]

        assert error(exchange(code, redirect_uri="https://lib.example/other")) in (
            "invalid_grant",
            "invalid_request",
        )
        assert error(exchange(code)) == "invalid_grant", "used up"

    @pytest.mark.parametrize("code", ["", "x", "\0", "' OR 1=1 --", "z" * 5000])
    def test_made_up(self, library, code):
        assert error(exchange(code)) in ("invalid_grant", "invalid_request")

    def test_with_a_wrong_secret_or_none(self, client, someone, library):
        code = told(ask(client))["code"]

        assert error(exchange(code, basic=("library", "wrong"))) == "invalid_client"
        assert error(exchange(code, basic=None, client_id="library")) == "invalid_client"


class TestPkce:
    def test_is_wanted(self, client, someone, library):
        assert (
            told(ask(client, code_challenge=None, code_challenge_method=None))["error"] == "invalid_request"
        )
        assert last().outcome == "refused"

    def test_a_public_client_is_not_let_off(self, client, someone, library):
        Client.objects.update(client_type="public", requires_pkce=False)

        assert (
            told(ask(client, code_challenge=None, code_challenge_method=None))["error"] == "invalid_request"
        )

    @pytest.mark.parametrize("method", ["plain", None, "S512"])
    def test_only_by_s256(self, client, someone, library, method):
        assert (
            told(ask(client, code_challenge=VERIFIER, code_challenge_method=method))["error"]
            == "invalid_request"
        )

    @pytest.mark.parametrize("verifier", [None, "w" * 60, ""])
    def test_with_the_right_verifier(self, client, someone, library, verifier):
        code = told(ask(client))["code"]

        assert error(exchange(code, code_verifier=verifier)) in ("invalid_grant", "invalid_request")

    def test_cannot_be_dropped_on_the_way(self, client, someone, library):
        Client.objects.update(requires_pkce=False)
        code = told(ask(client, code_challenge=None, code_challenge_method=None))["code"]

        assert error(exchange(code)) == "invalid_grant"
        assert last().rule == "pkce.downgrade"


class TestRedirects:
    @pytest.mark.parametrize(
        "uri",
        [
            "https://lib.example.evil/back", "https://lib.example/back/", "https://lib.example/back?x=1", "https://lib.example/backs",
            "https://lib.example@evil.example/back", "http://lib.example/back", "https://LIB.example/back", "https://lib.example/x/../back",
            "//lib.example/back", "javascript:alert(1)", "https://evil.example/?u=https://lib.example/back", "https://lib.example/back#x",
            "https://lib.example:443/back", "",
        ],
    )  # fmt: skip
    def test_lead_nowhere_else(self, client, someone, library, uri):
        Client.objects.update(redirect_uris=f"{BACK}\nhttps://lib.example/second")
        for prompt in (None, "none"):
            answer = ask(client, redirect_uri=uri, prompt=prompt)

            assert answer.status_code == 403
            assert last().outcome == "refused"
        assert not Grant.objects.exists()

    @pytest.mark.parametrize("name", ["nobody", "", "\0", "x" * 300])
    def test_of_an_unknown_client(self, client, someone, library, name):
        assert ask(client, client_id=name).status_code == 403

    def test_of_a_client_whose_application_is_not_in_use(self, client, someone, library):
        library.application.state = "disabled"
        library.application.save()

        assert ask(client).status_code == 403

    @pytest.mark.parametrize("kind", ["token", "id_token", "code id_token", "id_token token", ""])
    def test_give_nothing_but_codes(self, client, someone, library, kind):
        assert "error" in told(ask(client, response_type=kind))

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")],
    )
    def test_take_no_request_objects(self, client, someone, library, name, wrong):
        assert told(ask(client, **{name: "x"}))["error"] == wrong

    def test_of_signing_out_are_registered_too(self, client, someone, library):
        hint = tokens(client)["id_token"]
        asked = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": "https://lib.example.evil/bye"})

        answer = client.get(f"/oidc/logout?{asked}")

        assert "evil" not in answer.url
        assert Decision.objects.filter(step="logout", outcome="refused").exists()

    @pytest.mark.parametrize("scope", ["root", "openid root", "openid app", "admin"])
    def test_give_no_scope_beyond_the_registered(self, client, someone, library, scope):
        assert told(ask(client, scope=scope))["error"] == "invalid_scope"

    def test_of_a_native_app_may_end_at_any_port_of_its_machine(self, client, someone, library):
        Client.objects.update(client_type="public", redirect_uris="http://127.0.0.1/cb\ncn.yanta.app:/cb")

        assert ask(client, redirect_uri="http://127.0.0.1:53111/cb").url.startswith(
            "http://127.0.0.1:53111/cb?code="
        )
        assert ask(client, redirect_uri="cn.yanta.app:/cb").url.startswith("cn.yanta.app:/cb?code=")
        assert ask(client, redirect_uri="http://127.0.0.1.evil:53111/cb").status_code == 403


def forged(claims: dict, algorithm: str, key: jwk.JWK, **header) -> str:
    token = jws.JWS(json.dumps(claims))
    token.allowed_algs = ["HS256", "ES256", "RS256"]
    token.add_signature(key, None, json.dumps({"alg": algorithm, "typ": "JWT", **header}))
    return token.serialize(compact=True)


def unsigned(claims: dict, kid: str) -> str:
    parts = ({"alg": "none", "typ": "JWT", "kid": kid}, claims)
    return ".".join(jwk.base64url_encode(json.dumps(part)) for part in parts) + "."


class TestAlgorithms:
    """Tokens that claim to be ours: unsigned, signed with the public key as a secret, or with a key of their own."""

    @pytest.fixture
    def hints(self, client, someone, library) -> dict[str, str]:
        real = tokens(client)["id_token"]
        said = json.loads(jws.base64url_decode(real.split(".")[1]))
        stored = SigningKey.objects.get(state="current", algorithm="ES256")
        public = jwk.JWK.from_pem(str(stored.private).encode()).export_to_pem()
        secret = jwk.JWK(kty="oct", k=jwk.base64url_encode(public))
        own = jwk.JWK.generate(kty="EC", crv="P-256")
        head, _said, signature = real.split(".")
        return {
            "real": real,
            "none": unsigned(said, stored.kid),
            "hs256": forged(said, "HS256", secret, kid=stored.kid),
            "own key": forged(said, "ES256", own, kid=stored.kid),
            "own key in the header": forged(said, "ES256", own, jwk=own.export_public(as_dict=True)),
            "no kid": forged(said, "ES256", own),
            "changed": ".".join((head, jwk.base64url_encode(json.dumps({**said, "sub": "1"})), signature)),
        }

    FALSE = ("none", "hs256", "own key", "own key in the header", "no kid", "changed")

    @pytest.mark.parametrize("kind", FALSE)
    def test_as_a_hint_of_who_it_is(self, client, hints, kind):
        assert keys.claims_of(hints["real"]) is not None
        assert keys.claims_of(hints[kind]) is None
        assert told(ask(client, id_token_hint=hints[kind]))["error"] == "login_required"

    @pytest.mark.parametrize("kind", FALSE)
    def test_as_a_proof_for_signing_out(self, client, hints, kind):
        answer = client.get(f"/oidc/logout?{urlencode({'id_token_hint': hints[kind]})}")

        assert "要退出登录吗" in answer.content.decode()
        assert (last().outcome, last().rule) == ("refused", "id_token_hint")

    @pytest.mark.parametrize("kind", ["real", *FALSE])
    def test_as_a_key_to_anything(self, hints, kind):
        assert userinfo(hints[kind]).status_code == 401
        assert post("introspect", token=hints[kind]).json() == {"active": False}
        assert error(refresh(hints[kind])) == "invalid_grant"

    @pytest.mark.parametrize("kind", ["real", *FALSE])
    def test_as_a_clients_identity(self, hints, kind):
        asked = {
            "grant_type": "client_credentials", "client_assertion": hints[kind],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }  # fmt: skip
        assert error(post("token", basic=None, client_id="library", **asked)) == "invalid_client"
        assert (
            post(
                "introspect", basic=None, client_id="library", token="x", client_assertion=hints[kind]
            ).status_code
            == 401
        )

    def test_a_logout_token_is_no_hint(self, client, hints):
        from yanta.sso.applications.models import Entry
        from yanta.sso.oidc import issuing

        token = issuing.logout_token(Client.objects.get(), Entry.objects.get())

        assert keys.claims_of(token) is None

    def test_a_clients_clock_may_be_wrong_ours_decides(self, client, someone, library, hints):
        """An ID token is good for ten minutes by the published key, and issued now, not ahead."""
        said = json.loads(jws.base64url_decode(hints["real"].split(".")[1]))

        assert said["exp"] - said["iat"] == 600
        assert abs(said["iat"] - time.time()) < 60
        with pytest.raises(jwt.JWTExpired):
            jwt.JWT(
                jwt=forged({**said, "exp": said["iat"] - 3600}, "ES256", keys._current_key("ES256"), kid="x"),
                key=keys._current_key("ES256"), algs=["ES256"],
            )  # fmt: skip


class TestTokens:
    def test_past_their_time(self, client, someone, library):
        given = tokens(client)
        AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
        RefreshToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

        assert userinfo(given["access_token"]).status_code == 401
        assert post("introspect", token=given["access_token"]).json() == {"active": False}
        assert error(refresh(given["refresh_token"])) == "invalid_grant"

    def test_of_a_locked_account(self, client, someone, library):
        given = tokens(client)
        type(someone).objects.filter(pk=someone.pk).update(state="locked")

        assert userinfo(given["access_token"]).status_code == 401
        assert error(refresh(given["refresh_token"])) == "invalid_grant"

    def test_of_another_client(self, client, someone, library, other):
        given = tokens(client)

        assert (
            error(refresh(given["refresh_token"], basic=("other", "a-long-random-secret-of-a-program")))
            == "invalid_grant"
        )
        assert refresh(given["refresh_token"]).status_code == 200

    def test_in_the_address(self, client, someone, library):
        given = tokens(client)

        assert Browser().get(f"/oidc/userinfo?access_token={given['access_token']}").status_code == 401

    def test_with_more_scope_than_was_given(self, client, someone, library):
        given = tokens(client, scope="openid")

        assert error(refresh(given["refresh_token"], scope="openid email")) == "invalid_scope"

    @pytest.mark.parametrize(
        "grant",
        ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", ""],
    )
    def test_by_a_grant_that_is_not_registered(self, library, grant):
        assert error(post("token", grant_type=grant, username="goose", password="x")) in (
            "unauthorized_client", "unsupported_grant_type", "invalid_request",
        )  # fmt: skip

    def test_nobody_looks_them_up_without_being_somebody(self, client, someone, library):
        given = tokens(client)

        for basic in (None, ("library", "wrong"), ("nobody", "x")):
            assert post("introspect", basic=basic, token=given["access_token"]).status_code == 401
            assert (last().step, last().outcome) == ("introspect", "refused")

    def test_are_not_taken_for_a_resource_nobody_checks(self, client, someone, library):
        assert told(ask(client, resource="https://api.example/"))["error"] == "invalid_target"
        assert (
            error(post("token", grant_type="client_credentials", resource="https://api.example/"))
            == "invalid_target"
        )
