import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.identity import activation, passwords, rules
from yanta.kernel.identity.models import Account, OneTimeCode, Session
from yanta.kernel.identity.opening import open_missing_accounts
from yanta.kernel.identity.tests import factories
from yanta.kernel.people.models import Affiliation, Person

pytestmark = pytest.mark.django_db
NEW = "Pagoda-Goose-1300"


@pytest.fixture
def pending() -> Account:
    person = factories.person()
    Affiliation.objects.create(person=person, role="undergraduate", number="20260001")
    assert open_missing_accounts() == 1
    return Account.objects.get(person=person)


def prove(client: Client, *, number: str = "20260001", name: str = "雁小塔", id_tail: str = "03123x"):
    return client.post("/activate/", {"number": number, "name": name, "id_tail": id_tail})


class TestOpening:
    def test_everybody_has_one_pending_account_that_nobody_can_sign_in_with(self, pending):
        assert open_missing_accounts() == 0
        assert (pending.state, pending.username) == (Account.State.PENDING, pending.person.number.lower())
        assert not pending.has_usable_password()

    def test_a_merged_person_gets_none(self):
        kept = factories.person()
        factories.person(merged_into=kept)
        open_missing_accounts()
        assert Account.objects.get().person == kept


class TestActivation:
    def test_proof_then_password_then_home(self, client, pending):
        assert prove(client).url == "/activate/password/"
        answer = client.post("/activate/password/", {"password": NEW, "again": NEW})
        assert answer.url == "/"
        pending.refresh_from_db()
        assert pending.state == Account.State.ACTIVE
        assert Session.objects.get().account == pending
        assert client.post("/sign-in/", {"login": "20260001", "password": NEW}).status_code == 302

    @pytest.mark.parametrize(
        "wrong", [{"name": "雁大塔"}, {"id_tail": "000000"}, {"id_tail": ""}, {"number": "20269999"}]
    )
    def test_every_wrong_answer_gets_the_same_words(self, client, pending, wrong):
        answer = prove(client, **wrong)
        assert answer.status_code == 422
        assert activation.UNPROVEN in answer.content.decode()

    def test_an_open_account_cannot_be_taken_over(self, client):
        account = factories.account(person=factories.person(number="P777777777"))
        answer = prove(client, number=account.person.number)
        assert activation.UNPROVEN in answer.content.decode()

    def test_someone_without_identity_number_cannot_be_impersonated(self, client):
        person = factories.person(id_number=None, number="P888888888")
        open_missing_accounts()
        assert prove(client, number=person.number, id_tail="").status_code == 422

    def test_guessing_is_stopped(self, client, pending):
        for _ in range(rules.FAILURES_OF_NAME):
            prove(client, id_tail="000000")
        assert "尝试次数过多" in prove(client).content.decode()

    def test_a_weak_password_is_refused_and_the_account_stays_pending(self, client, pending):
        prove(client)
        answer = client.post("/activate/password/", {"password": "20260001-Abc", "again": "20260001-Abc"})
        assert "学号" in answer.content.decode()
        pending.refresh_from_db()
        assert pending.state == Account.State.PENDING

    def test_without_proof_there_is_no_password_page(self, client, pending):
        assert client.get("/activate/password/").url == "/activate/"


class TestOneTimeCode:
    def test_sets_a_password_once(self):
        account = factories.account()
        link = activation.issue_code(account, at=timezone.now())
        client = Client()
        assert client.get(link).status_code == 200
        assert client.post(link, {"password": NEW, "again": NEW}).url == "/sign-in/"
        assert activation.DEAD_LINK in client.post(link, {"password": NEW, "again": NEW}).content.decode()

    def test_a_later_link_kills_the_earlier_and_a_day_kills_both(self, clock):
        account = factories.account()
        first, second = (activation.issue_code(account, at=clock.now) for _ in range(2))
        code = second.split("/")[2]
        assert activation.DEAD_LINK in Client().get(first).content.decode()
        assert activation.account_of_code(code, at=clock.now) == account
        clock.advance(hours=25)
        with pytest.raises(Refused):
            activation.account_of_code(code, at=clock.now)

    def test_a_refused_password_leaves_the_link_alive(self):
        link = activation.issue_code(factories.account(), at=timezone.now())
        assert Client().post(link, {"password": "short", "again": "short"}).status_code == 422
        assert OneTimeCode.objects.get().used_at is None

    def test_does_not_open_a_locked_account(self):
        account = factories.account(state=Account.State.LOCKED)
        assert (
            activation.DEAD_LINK
            in Client().get(activation.issue_code(account, at=timezone.now())).content.decode()
        )


class TestChangingThePassword:
    def change(self, client: Client, new: str, *, current: str = factories.PASSWORD, again: str = ""):
        return client.post("/account/password/", {"current": current, "password": new, "again": again or new})

    @pytest.fixture
    def account(self, client) -> Account:
        made = factories.account()
        client.post("/sign-in/", {"login": made.username, "password": factories.PASSWORD})
        return made

    def test_ends_all_other_sessions_and_keeps_this_browser_in(self, client, account):
        other = Client()
        other.force_login(account)
        assert self.change(client, NEW).url == "/account/"
        assert client.get("/account/").status_code == 200
        assert other.get("/account/").status_code == 302

    def test_needs_the_old_one_and_the_same_new_one_twice(self, client, account):
        assert "当前密码不正确" in self.change(client, NEW, current="Wrong-Pass-652").content.decode()
        assert "不一样" in self.change(client, NEW, again="Other-Pass-652").content.decode()

    def test_the_last_five_are_not_used_again(self, account):
        used = [f"Pagoda-Goose-13{n:02}" for n in range(6)]
        for password in used:
            passwords.set_password(account, password)
        for password in used[1:]:
            with pytest.raises(Refused, match="最近 5 次"):
                passwords.set_password(account, password)
        passwords.set_password(account, used[0])

    def test_what_others_know_is_refused(self, account):
        person: Person = account.person
        for part in (account.username, person.number, person.phone, "20010203"):
            with pytest.raises(Refused, match="不能包含"):
                passwords.check_policy(account, f"Xy-{part}")

    def test_a_password_set_for_somebody_must_be_changed_first(self, client, account):
        Account.objects.filter(pk=account.pk).update(must_change_password=True)
        assert client.get("/account/").url == "/account/password/"
        self.change(client, NEW)
        assert client.get("/account/").status_code == 200
