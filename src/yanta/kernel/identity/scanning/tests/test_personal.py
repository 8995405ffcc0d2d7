import json
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from yanta.kernel.identity import tokens
from yanta.kernel.identity.models import Account
from yanta.kernel.identity.scanning import personal
from yanta.kernel.identity.scanning.models import GateCheck
from yanta.kernel.identity.tests import factories

pytestmark = pytest.mark.django_db
GATE = "/api/identity/code/"


def asked(code, scope="gate", gate="南门 1 号闸机"):
    account = Account.objects.filter(username="gate").first() or Account.objects.create(
        username="gate", name="闸机", state="active"
    )
    _token, secret = tokens.issue(
        account, name="闸机", scope=scope, valid_for=timedelta(days=9), at=timezone.now()
    )
    return Client(enforce_csrf_checks=True).post(
        GATE, json.dumps({"code": code, "gate": gate}), content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip


def code(account, *, ago=timedelta()):
    return personal.code_of(account, at=timezone.now() - ago)


class TestGate:
    def test_is_told_who_it_is_once(self):
        account = factories.account()
        shown = code(account)

        first, second = asked(shown).json(), asked(shown).json()

        assert first == {
            "valid": True, "reason": "", "name": account.person.name, "number": account.person.number, "unit": None,
        }  # fmt: skip
        assert second == {"valid": False, "reason": "这个码已经用过"}
        assert list(GateCheck.objects.order_by("pk").values_list("is_valid", "gate")) == [
            (True, "南门 1 号闸机"),
            (False, "南门 1 号闸机"),
        ]

    @pytest.mark.parametrize("wrong", ["", "YT.1.2", "YT.x.y.z", "YT.1.2.abc", "not a code"])
    def test_learns_nothing_from_what_we_did_not_sign(self, wrong):
        assert asked(wrong).json() == {"valid": False, "reason": "不是身份码"}

    def test_a_code_of_somebody_else_cannot_be_made_from_ones_own(self):
        mine, other = factories.account(), factories.account()
        parts = code(mine).split(".")
        parts[1] = str(other.pk)

        assert not asked(".".join(parts)).json()["valid"]

    def test_a_picture_from_before_does_not_open(self):
        account = factories.account()

        assert asked(code(account, ago=timedelta(seconds=90))).json()["reason"] == "身份码已过期"

    def test_who_is_locked_does_not_pass(self):
        account = factories.account()
        shown = code(account)
        Account.objects.filter(pk=account.pk).update(state="locked")

        assert asked(shown).json() == {"valid": False, "reason": "账号不可用"}

    @pytest.mark.parametrize("scope", ["read", "write"])
    def test_other_tokens_do_not_ask(self, scope):
        assert asked("x", scope=scope).status_code == 403

    def test_its_token_opens_nothing_else(self):
        account = Account.objects.create(username="gate", name="闸机", state="active")
        _token, secret = tokens.issue(
            account, name="闸机", scope="gate", valid_for=timedelta(days=9), at=timezone.now()
        )

        answer = Client().get("/api/identity/account/", headers={"Authorization": f"Bearer {secret}"})

        assert answer.status_code == 403

    def test_a_change_of_the_key_stops_nobody_at_the_gate(self, settings):
        account = factories.account()
        shown = code(account)
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert asked(shown).json()["valid"]


def test_the_page_shows_a_code_and_makes_a_new_one_in_time():
    account = factories.account()
    client = Client()
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})

    page = client.get("/account/code/")

    assert "<svg" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_nobody_issues_a_gates_token_to_oneself():
    account = factories.account()
    client = Client()
    client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
    asked_for = {"name": "x", "scope": "gate", "days": "9", "current": factories.PASSWORD}

    assert client.post("/account/tokens/", asked_for).status_code == 422
    assert not account.tokens.exists()
