from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.utils import timezone
from ninja import NinjaAPI

from yanta.kernel.base import Refused
from yanta.kernel.identity import tokens
from yanta.kernel.identity.authentication import api_authentication
from yanta.kernel.identity.models import Account, ApiToken, Session
from yanta.kernel.identity.tests import factories
from yanta.kernel.identity.urls import urlpatterns as own_addresses

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

api = NinjaAPI(auth=api_authentication, urls_namespace="token-test", docs_url=None)


@api.get("/name")
def read_name(request: HttpRequest) -> str:
    return request.actor.name


@api.post("/name")
def write_name(request: HttpRequest) -> str:
    return request.actor.name


def screen(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": request.actor.name})


urlpatterns = [path("api/", api.urls), path("screen/", screen), *own_addresses]


@pytest.fixture
def account() -> Account:
    return factories.account(name="接口")


def issued(account: Account, *, scope: str = "read", days: int = 1) -> tuple[ApiToken, str]:
    return tokens.issue(account, name="测试", scope=scope, valid_for=timedelta(days=days), at=timezone.now())


def bearing(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"}, enforce_csrf_checks=True)


class TestToken:
    def test_acts_as_its_account(self, account):
        _, secret = issued(account)
        assert bearing(secret).get("/api/name").json() == "接口"

    def test_a_reading_token_writes_nothing(self, account):
        _, reading = issued(account)
        _, writing = issued(account, scope="write")
        assert bearing(reading).post("/api/name").status_code == 403
        assert bearing(writing).post("/api/name").status_code == 200

    def test_opens_no_screen(self, account):
        _, secret = issued(account, scope="write")
        assert bearing(secret).get("/screen/").status_code == 302

    @pytest.mark.parametrize("secret", ["", "yt_wrong", "yt_" + "x" * 43])
    def test_a_wrong_one_is_refused(self, account, secret):
        issued(account)
        assert bearing(secret).get("/api/name").status_code == 401

    def test_ends_when_revoked_expired_or_its_account_is_locked(self, account, clock):
        revoked, revoked_secret = issued(account)
        _, expired_secret = issued(account)
        _, long_secret = issued(account, days=30)
        tokens.revoke(revoked, at=clock.now)
        assert bearing(revoked_secret).get("/api/name").status_code == 401
        clock.advance(days=2)
        assert bearing(expired_secret).get("/api/name").status_code == 401
        assert bearing(long_secret).get("/api/name").status_code == 200
        Account.objects.filter(pk=account.pk).update(state=Account.State.LOCKED)
        assert bearing(long_secret).get("/api/name").status_code == 401

    def test_only_its_digest_is_kept_and_its_use_is_noted(self, account):
        token, secret = issued(account)
        bearing(secret).get("/api/name")
        token.refresh_from_db()
        assert secret not in str(vars(token))
        assert token.last_used_at is not None

    def test_lives_a_year_at_most(self, account):
        with pytest.raises(Refused, match="一年"):
            issued(account, days=400)

    def test_beats_a_session_in_the_same_request(self, account):
        other = factories.account(name="另一个人")
        client = Client()
        client.force_login(other)
        _, secret = issued(account)
        assert client.get("/api/name", headers={"Authorization": f"Bearer {secret}"}).json() == "接口"


class TestSessionAtTheApi:
    def test_reads_freely_and_writes_with_the_csrf_token_only(self, account):
        client = Client(enforce_csrf_checks=True)
        client.force_login(account)
        assert client.get("/api/name").json() == "接口"
        assert client.post("/api/name").status_code == 401
        client.get("/sign-in/")
        client.cookies["yanta_csrf"] = "a" * 32
        assert client.post("/api/name", headers={"X-CSRFToken": "a" * 32}).status_code == 200

    def test_strangers_get_401(self):
        assert Client().get("/api/name").status_code == 401


class TestOwnTokens:
    def test_are_issued_against_the_password_and_shown_once(self, account):
        client = Client()
        client.force_login(account)
        asked = {"name": "脚本", "scope": "read", "days": "30"}
        client.post("/account/tokens/", {**asked, "current": "Wrong-Pass-652"})
        assert not ApiToken.objects.exists()
        tokens.issue(account, name="x", scope="read", valid_for=timedelta(days=1), at=timezone.now())
        assert Session.objects.count() == 1

    def test_are_revoked_by_their_owner_only(self, account):
        token, _ = issued(account)
        stranger = Client()
        stranger.force_login(factories.account())
        assert stranger.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
        token.refresh_from_db()
        assert token.revoked_at is None
