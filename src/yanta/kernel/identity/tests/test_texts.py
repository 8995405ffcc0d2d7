import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.identity import factors, proofs, rules
from yanta.kernel.identity.models import Account, Session, SignIn
from yanta.kernel.identity.tests import factories
from yanta.kernel.identity.tests.test_second_factor import code_of
from yanta.kernel.notify import gateways
from yanta.kernel.notify.models import Message, SimulatedText

pytestmark = pytest.mark.django_db
NEW = "Pagoda-Goose-1300"


@pytest.fixture(autouse=True)
def simulator(monkeypatch):
    monkeypatch.setattr(gateways, "is_simulating", lambda: True)


@pytest.fixture
def account() -> Account:
    return factories.account()


def last_code(account: Account) -> str:
    text = SimulatedText.objects.filter(address=account.person.phone)[0].text
    return re.search(r"\d{6}", text)[0]


def ask(client: Client, phone: str):
    return client.post("/sign-in/text/", {"phone": phone})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


class TestSigningIn:
    def test_the_code_on_the_telephone_opens_the_session(self, client, account):
        ask(client, account.person.phone)
        answer = client.post("/sign-in/text/", {"phone": account.person.phone, "code": last_code(account)})
        assert answer.status_code == 302
        assert is_in(client)
        assert SignIn.objects.get(account=account, outcome="success").method == "text"

    def test_an_unknown_number_gets_the_same_answer_and_no_text(self, client, account):
        known, unknown = ask(client, account.person.phone), ask(Client(), "13700000000")
        assert (known.status_code, unknown.status_code) == (200, 200)
        assert "如果这个手机号已登记" in unknown.content.decode()
        assert SimulatedText.objects.count() == 1
        answer = client.post("/sign-in/text/", {"phone": "13700000000", "code": "123456"})
        assert proofs.WRONG in answer.content.decode()

    def test_a_code_works_once_and_not_in_another_browser(self, client, account):
        ask(client, account.person.phone)
        code, phone = last_code(account), account.person.phone
        assert Client().post("/sign-in/text/", {"phone": phone, "code": code}).status_code == 422
        assert client.post("/sign-in/text/", {"phone": phone, "code": code}).status_code == 302
        again = Client()
        assert again.post("/sign-in/text/", {"phone": phone, "code": code}).status_code == 422

    def test_who_has_a_second_factor_still_shows_it(self, client, account):
        secret = factors.new_secret()
        factors.enrol(account, secret=secret, code=code_of(secret))
        ask(client, account.person.phone)
        answer = client.post("/sign-in/text/", {"phone": account.person.phone, "code": last_code(account)})
        assert answer.url == "/sign-in/second-factor/"
        assert not is_in(client)


class TestCodes:
    def test_five_tries_kill_a_code(self, account):
        at = timezone.now()
        proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at)
        right = last_code(account)
        for _ in range(proofs.TRIES):
            with pytest.raises(proofs.Refused):
                proofs.use_code(account, proofs.Purpose.SIGN_IN, "000000", at=at)
        with pytest.raises(proofs.Refused):
            proofs.use_code(account, proofs.Purpose.SIGN_IN, right, at=at)

    def test_a_code_is_for_its_purpose_and_five_minutes(self, account):
        at = timezone.now()
        proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at)
        for purpose, when in ((proofs.Purpose.RECOVERY, at), (proofs.Purpose.SIGN_IN, at + proofs.VALID_FOR)):
            with pytest.raises(proofs.Refused):
                proofs.use_code(account, purpose, last_code(account), at=when)

    def test_one_a_minute_and_ten_a_day(self, account):
        at = timezone.now()
        proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at)
        with pytest.raises(proofs.Refused, match="秒后再试"):
            proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at + timedelta(seconds=30))
        for minute in range(1, proofs.A_DAY):
            proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at + timedelta(minutes=2 * minute))
        with pytest.raises(proofs.Refused, match="明天再试"):
            proofs.send_code(account, proofs.Purpose.SIGN_IN, at=at + timedelta(hours=2))

    def test_the_code_itself_is_kept_nowhere(self, account):
        proofs.send_code(account, proofs.Purpose.SIGN_IN, at=timezone.now())
        assert last_code(account) not in account.proof_codes.get().digest


class TestRecovery:
    def prove(self, client: Client, account: Account, **wrong: str):
        typed = {"number": account.person.number, "name": "雁小塔", "id_tail": "03123X"}
        return client.post("/recover/", {**typed, **wrong})

    def test_proof_and_code_set_a_new_password_and_end_every_session(self, client, account):
        other = Client()
        other.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
        assert self.prove(client, account).url == "/recover/password/"
        typed = {"code": last_code(account), "password": NEW, "again": NEW}
        assert client.post("/recover/password/", typed).url == "/sign-in/"
        assert not is_in(other)
        assert client.post("/sign-in/", {"login": account.username, "password": NEW}).status_code == 302

    def test_a_weak_password_does_not_cost_the_code(self, client, account):
        self.prove(client, account)
        typed = {"code": last_code(account), "password": "short", "again": "short"}
        assert "至少" in client.post("/recover/password/", typed).content.decode()
        typed |= {"password": NEW, "again": NEW}
        assert client.post("/recover/password/", typed).status_code == 302

    def test_a_wrong_proof_gets_the_same_page_and_no_code(self, client, account):
        assert self.prove(client, account, name="雁大塔").url == "/recover/password/"
        assert not SimulatedText.objects.exists()
        typed = {"code": "123456", "password": NEW, "again": NEW}
        assert proofs.WRONG in client.post("/recover/password/", typed).content.decode()

    def test_guessing_proofs_locks_out(self, client, account):
        for _ in range(rules.FAILURES_OF_NAME):
            self.prove(client, account, id_tail="000000")
        assert "尝试次数过多" in self.prove(client, account).content.decode()


class TestOddSignIns:
    def enter(self, account: Account, *, agent: str, address: str = "127.0.0.1") -> Client:
        client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
        client.post("/sign-in/", {"login": account.username, "password": factories.PASSWORD})
        return client

    def test_a_new_device_comes_in_and_the_owner_is_told(self, account):
        self.enter(account, agent="Chrome Windows")
        assert not Message.objects.exists()
        assert is_in(self.enter(account, agent="iPhone Safari"))
        told = Message.objects.get(person=account.person)
        assert "Safari · iPhone" in told.title
        assert "修改密码" in told.body

    def test_after_wrong_passwords_from_elsewhere_a_code_is_asked(self, account):
        self.enter(account, agent="Chrome Windows")
        guesser = Client(REMOTE_ADDR="203.0.113.9")
        for _ in range(3):
            guesser.post("/sign-in/", {"login": account.username, "password": "wrong"})
        client = self.enter(account, agent="Chrome Windows")
        assert not is_in(client)
        page = client.get("/sign-in/second-factor/").content.decode()
        assert "139****" in page
        assert client.post("/sign-in/second-factor/", {"code": last_code(account)}).status_code == 302
        assert is_in(client)
        assert Session.objects.count() == 2

    def test_who_cannot_be_asked_comes_in_and_is_told(self, account, monkeypatch):
        monkeypatch.setattr(gateways, "is_simulating", lambda: False)
        self.enter(account, agent="Chrome Windows")
        guesser = Client(REMOTE_ADDR="203.0.113.9")
        for _ in range(3):
            guesser.post("/sign-in/", {"login": account.username, "password": "wrong"})
        assert is_in(self.enter(account, agent="Chrome Windows"))
        assert "输错密码 3 次" in Message.objects.get().body
