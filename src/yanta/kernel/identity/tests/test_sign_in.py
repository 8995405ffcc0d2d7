import pytest
from django.core.cache import cache
from django.test import Client

from yanta.kernel.identity import hashing, lockout, passwords, rules, signing_in
from yanta.kernel.identity.models import Account, Session, SignIn
from yanta.kernel.identity.tests import factories
from yanta.kernel.people.models import Affiliation

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str, password: str = factories.PASSWORD, **more: str):
    return client.post("/sign-in/", {"login": login, "password": password, **more})


def who(client: Client) -> str | None:
    """The account a next request would have, by a page that only the signed-in see."""
    answer = client.get("/account/")
    return answer.context["account"].username if answer.status_code == 200 and answer.context else None


class TestSignIn:
    def test_opens_a_session_and_goes_on(self, client):
        account = factories.account()
        answer = sign_in(client, account.username, next="/todos/")

        assert answer.url == "/todos/"
        assert Session.objects.get().account == account
        assert SignIn.objects.get().outcome == SignIn.Outcome.SUCCESS

    def test_knows_people_by_their_numbers_phone_and_mail(self, client):
        person = factories.person(email="goose@campus.example")
        account = factories.account(person=person)
        Affiliation.objects.create(person=person, role="undergraduate", number="20261234")
        for login in (
            person.number,
            person.number.lower(),
            "20261234",
            "２０２６１２３４",
            person.phone,
            "Goose@campus.example",
        ):
            Session.objects.all().delete()
            assert sign_in(Client(), login).status_code == 302, login
            assert Session.objects.get().account == account

    def test_refuses_a_phone_that_two_people_share(self, client):
        for _ in range(2):
            factories.account(person=factories.person(phone="13900001111"))
        assert sign_in(client, "13900001111").status_code == 422

    def test_asks_for_the_csrf_token(self):
        account = factories.account()
        assert sign_in(Client(enforce_csrf_checks=True), account.username).status_code == 403

    def test_gives_a_new_session_key(self, client):
        account = factories.account()
        client.post("/activate/", {"number": "x", "name": "y", "id_tail": "123456"})
        client.session["planted"] = "x"
        client.session.save()
        before = client.cookies.get("yanta_session")
        sign_in(client, account.username)
        assert client.cookies["yanta_session"].value != (before.value if before else "")
        assert "planted" not in client.session

    @pytest.mark.parametrize(
        "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
    )
    def test_goes_nowhere_but_to_our_own_pages(self, client, wanted):
        account = factories.account()
        assert sign_in(client, account.username, next=wanted).url == "/"

    def test_the_database_does_not_know_the_cookie(self, client):
        sign_in(client, factories.account().username)
        cookie = client.cookies["yanta_session"].value
        assert cookie not in Session.objects.get().key_digest


class TestNobodyLearnsWhoExists:
    def test_wrong_name_and_wrong_password_look_the_same(self, client):
        account = factories.account()
        answers = [sign_in(client, login, "Wrong-Pass-652") for login in (account.username, "nobody-at-all")]
        texts = [
            answer.content.decode().replace(account.username, "").replace("nobody-at-all", "")
            for answer in answers
        ]
        bare = [[line for line in text.splitlines() if "csrf" not in line.lower()] for text in texts]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert bare[0] == bare[1]

    @pytest.mark.parametrize(
        "state", [None, Account.State.ACTIVE, Account.State.PENDING, Account.State.LOCKED]
    )
    def test_every_attempt_costs_one_hash(self, client, monkeypatch, state):
        sign_in(client, "warm-up", "Wrong-Pass-652")
        hashes = []
        verify = hashing.PooledArgon2Hasher.verify
        monkeypatch.setattr(
            hashing.PooledArgon2Hasher, "verify", lambda *given: hashes.append(1) or verify(*given)
        )
        login = factories.account(state=state).username if state else "nobody-at-all"
        sign_in(client, login, "Wrong-Pass-652")
        assert hashes == [1]

    def test_unknown_names_are_locked_out_like_known_ones(self, client):
        account = factories.account()
        said = []
        for login in (account.username, "nobody-at-all"):
            for _ in range(rules.FAILURES_OF_NAME + 1):
                answer = sign_in(client, login, "Wrong-Pass-652")
            said.append("尝试次数过多" in answer.content.decode())
        assert said == [True, True]

    def test_a_password_typed_as_name_is_not_kept(self, client):
        sign_in(client, "My-Secret-Pass-1", "x")
        assert SignIn.objects.get().login == "My*************1"

    def test_what_is_wrong_with_the_account_is_told_to_its_owner_only(self, client):
        account = factories.account(state=Account.State.CLOSED)
        assert "停用" not in sign_in(client, account.username, "Wrong-Pass-652").content.decode()
        assert "停用" in sign_in(client, account.username).content.decode()


class TestLockout:
    def test_the_right_password_does_not_help_while_locked_out(self, client):
        account = factories.account()
        for _ in range(rules.FAILURES_OF_NAME):
            sign_in(client, account.username, "Wrong-Pass-652")
        assert sign_in(client, account.username).status_code == 422
        assert SignIn.objects.first().outcome == SignIn.Outcome.LOCKED_OUT

    def test_counts_one_account_under_all_its_names(self, client):
        account = factories.account()
        for login in (
            account.username,
            account.person.number,
            account.person.phone,
            account.username,
            account.username,
        ):
            sign_in(client, login, "Wrong-Pass-652")
        assert "尝试次数过多" in sign_in(client, account.username).content.decode()

    def test_success_forgives_and_others_are_not_touched(self, client):
        account, other = factories.account(), factories.account()
        for _ in range(rules.FAILURES_OF_NAME - 1):
            sign_in(client, account.username, "Wrong-Pass-652")
        assert sign_in(client, account.username).status_code == 302
        assert not lockout.Lockout.objects.filter(key=lockout.name_key("", account.pk)).exists()
        assert sign_in(Client(), other.username).status_code == 302

    def test_an_address_that_tries_many_names_has_to_wait(self, client, monkeypatch):
        monkeypatch.setattr(rules, "FAILURES_OF_ADDRESS", 3)
        for n in range(3):
            sign_in(client, f"nobody{n}", "Wrong-Pass-652")
        assert "尝试次数过多" in sign_in(client, factories.account().username).content.decode()

    def test_many_may_come_from_one_address_but_no_flood(self, monkeypatch):
        cache.clear()
        monkeypatch.setattr(signing_in, "REQUESTS_A_MINUTE", 2)
        monkeypatch.setattr(signing_in, "_rate_key", lambda address, _at: f"rate:{address}")
        account = factories.account()

        assert {sign_in(Client(), account.username).status_code for _ in range(5)} == {302}
        for _ in range(2):
            assert "不正确" in sign_in(Client(), "nobody", "Wrong-Pass-652").content.decode()
        assert "请求太频繁" in sign_in(Client(), account.username).content.decode()


class TestUpgrade:
    def test_a_weaker_hash_is_renewed_at_sign_in(self, client):
        old = passwords.make_password(factories.PASSWORD, hasher="pbkdf2_sha256")
        account = factories.account(password=old)
        sign_in(client, account.username)
        account.refresh_from_db()
        assert account.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
