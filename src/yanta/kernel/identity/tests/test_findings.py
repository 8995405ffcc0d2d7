from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity.cards import account_findings, to_settle
from yanta.kernel.identity.findings import check_all, recheck, services, terms
from yanta.kernel.identity.jobs import check_accounts
from yanta.kernel.identity.models import Account, AccountCheck, AccountFinding, SignIn
from yanta.kernel.identity.tests import factories
from yanta.kernel.jobs import run_now
from yanta.kernel.notify.models import Message
from yanta.kernel.testing.factories import PersonFactory, RoleGrantFactory

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
Kind, State = AccountFinding.Kind, AccountFinding.State
YEAR = timedelta(days=365)


def account(unit=None, *, fact=True, age=timedelta(days=200), **values):
    """An account in order: a fact behind it, a password of its own, signed in today."""
    now = timezone.now()
    person = PersonFactory(home_unit=unit)
    made = factories.account(person=person, **{"password_changed_at": now - age / 2, **values})
    Account.objects.filter(pk=made.pk).update(created_at=now - age)
    if fact:
        RoleGrantFactory(account=made, role="teacher", source="appointment", reason="因任职")
    if made.is_active:
        sign_in(made)
    return made


def sign_in(made, *, ago=timedelta(0), agent="Chrome Windows", address="10.1.2.3"):
    SignIn.objects.create(
        account=made, login=made.username, method="password", outcome="success", address=address, agent=agent,
        at=timezone.now() - ago,
    )  # fmt: skip


def kinds(made) -> dict[str, str]:
    found = AccountFinding.objects.filter(account=made).exclude(state="settled")
    return dict(found.values_list("kind", "detail"))


@pytest.fixture
def engineer(engineer):
    """With a second factor, as an engineer should have."""
    Authenticator.objects.create(user_id=engineer.account_id, type=Authenticator.Type.TOTP, data={})
    return engineer


def check():
    return check_all(at=timezone.now(), actor=SYSTEM)


class TestFinding:
    def test_an_account_in_order_is_no_finding(self, college):
        made = account(college)
        receipt = check()
        assert kinds(made) == {}
        assert (receipt.accounts, receipt.found) == (1, 0)

    def test_an_orphan_has_no_fact_in_force_and_no_host(self, college):
        over = timezone.localdate() - timedelta(days=1)
        never, ended, grace = (
            account(fact=False),
            account(),
            account(fact=False, ends_on=timezone.localdate()),
        )
        fresh = account(fact=False, age=timedelta(days=1))
        ended.grants.update(valid_to=over)
        check()
        assert "没有在籍" in kinds(never)["orphan"]
        assert "orphan" in kinds(ended)
        assert not kinds(grace)
        assert not kinds(fresh)

    def test_a_zombie_was_not_there_for_half_a_year(self, college):
        unused = account(age=3 * YEAR, state="active")
        SignIn.objects.filter(account=unused)
        stale = factories.account(person=PersonFactory())
        Account.objects.filter(pk=stale.pk).update(
            created_at=timezone.now() - YEAR, password_changed_at=timezone.now() - YEAR
        )
        RoleGrantFactory(account=stale, role="teacher", source="appointment")
        check()
        assert kinds(stale) == {"zombie": "开通以来从未登录"}
        assert "zombie" not in kinds(unused)
        sign_in(stale, ago=terms.UNUSED_FOR + timedelta(days=2))
        check()
        assert kinds(stale)["zombie"].startswith("最近一次登录是")

    def test_who_never_activated_is_found_after_the_summer(self):
        late = account(state="pending", password="!x")
        soon = account(state="pending", password="!x", age=timedelta(days=30))
        check()
        assert "至今没有激活" in kinds(late)["dormant"]
        assert not kinds(soon)

    def test_many_devices_networks_or_places_at_once_are_many_people(self):
        by_device, by_network, at_once, one = (account() for _ in range(4))
        for n in range(terms.DEVICES):
            sign_in(by_device, agent=f"Agent {n}", ago=timedelta(days=n))
        for n in range(terms.NETWORKS):
            sign_in(by_network, address=f"10.{n}.0.1", ago=timedelta(days=n))
        hour = timezone.now() - timedelta(days=2)
        for n in range(terms.AT_ONCE):
            sign_in(at_once, address=f"10.{n}.0.1", ago=timezone.now() - hour.replace(minute=n * 2, second=0))
        for n in range(40):
            sign_in(one, ago=timedelta(hours=n))
        check()
        assert all("shared" in kinds(made) for made in (by_device, by_network, at_once))
        assert f"最多同时出现在 {terms.AT_ONCE} 处" in kinds(at_once)["shared"]
        assert not kinds(one)

    def test_old_sign_ins_are_no_sign(self):
        made = account()
        for n in range(terms.DEVICES):
            sign_in(made, agent=f"Agent {n}", ago=terms.LOOKED_BACK + timedelta(days=n + 1))
        check()
        assert not kinds(made)

    def test_an_initial_password_that_nobody_changed(self):
        untouched = account(password_changed_at=None)
        for_somebody = account(must_change_password=True)
        young = account(must_change_password=True, password_changed_at=timezone.now())
        check()
        assert kinds(untouched) == {"initial": "从未修改过初始密码"}
        assert "由他人代设" in kinds(for_somebody)["initial"]
        assert not kinds(young)

    def test_a_leaked_password(self):
        made = account(password_leaked_at=timezone.now(), must_change_password=True)
        check()
        assert list(kinds(made)) == ["leaked"]

    def test_an_administrator_without_a_second_factor(self, college):
        chief, safe = account(), account()
        for made in (chief, safe):
            RoleGrantFactory(account=made, role="engineer", source="appointment")
        Authenticator.objects.create(user_id=safe.pk, type=Authenticator.Type.TOTP, data={})
        check()
        assert kinds(chief) == {"single": "担任信息中心工程师，没有启用二次验证"}
        assert not kinds(safe)

    def test_rights_that_nobody_gave_and_that_outlive_the_fact(self, college):
        nobodys, left, given = account(), account(), account()
        RoleGrantFactory(account=nobodys, role="clerk", org_unit=college, source="delegation")
        for made in (left, given):
            RoleGrantFactory(
                account=made, role="clerk", org_unit=college, source="delegation", given_by=nobodys,
                valid_to=timezone.localdate() + timedelta(days=9),
            )  # fmt: skip
        left.grants.filter(source="appointment").update(valid_to=timezone.localdate() - timedelta(days=1))
        check()
        assert kinds(nobodys) == {"groundless": "没有授予人，也没有期限：业务经办人"}
        assert "身份已经结束" in kinds(left)["groundless"]
        assert not kinds(given)

    def test_closed_accounts_and_programs_are_left_alone(self):
        closed = account(fact=False, state="closed")
        program = Account.objects.create(username="robot", name="程序", state="active", password="!")
        check()
        assert not kinds(closed)
        assert not kinds(program)


class TestReceipt:
    def test_adds_up_through_the_life_of_a_finding(self, engineer):
        made = account(fact=False)
        first = check()
        assert (first.found, first.new, first.by_kind) == (1, 1, {"orphan": 1})
        again = check()
        assert (again.found, again.new, again.unchanged) == (1, 0, 1)
        services.explain(
            made.findings.get(),
            actor=engineer,
            reason="返聘手续在办",
            until=timezone.localdate() + timedelta(days=2),
        )
        assert check().explained == 1
        made.findings.update(explained_until=timezone.localdate() - timedelta(days=1))
        assert check().reopened == 1
        RoleGrantFactory(account=made, role="teacher", source="appointment")
        assert (check().settled, made.findings.get().state) == (1, State.SETTLED)
        made.grants.all().delete()
        back = check()
        assert (back.new, back.reopened) == (0, 1)

    def test_the_database_keeps_the_sum(self):
        account(fact=False)
        receipt = check()
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountCheck.objects.filter(pk=receipt.pk).update(new=5)

    def test_a_look_at_one_account_leaves_the_others(self):
        one, other = account(fact=False), account(fact=False)
        check()
        for made in (one, other):
            RoleGrantFactory(account=made, role="teacher", source="appointment")
        assert recheck([one.pk], at=timezone.now()).settled == 1
        assert other.findings.get().state == State.OPEN

    def test_the_job_tells_the_sum(self):
        account(fact=False)
        run = run_now(check_accounts, actor=SYSTEM)
        assert "发现 1 个问题" in run.text
        assert run.link == f"/account-checks/{AccountCheck.objects.get().pk}/"


class TestPage:
    def test_shows_the_sum_the_kinds_and_the_trend(self, engineer, client):
        account(fact=False)
        check()
        last = check()
        client.force_login(Account.objects.get(pk=engineer.account_id))
        page = client.get(f"/account-checks/{last.pk}/").content.decode()
        assert "账目相符" in page
        assert "/identity/accountfinding/?kind=orphan" in page
        assert client.get("/account-checks/0/").status_code == 404

    def test_is_closed_to_who_may_not_see_checks(self, acting, college, client):
        account(fact=False)
        receipt = check()
        client.force_login(Account.objects.get(pk=acting("local_admin", college).account_id))
        assert client.get(f"/account-checks/{receipt.pk}/").status_code == 403


class TestActing:
    def finding(self, made, kind):
        check()
        return made.findings.get(kind=kind)

    def test_closing_settles_at_once_by_the_accounts_own_verb(self, engineer):
        found = self.finding(account(fact=False), Kind.ORPHAN)
        services.close_account(found, actor=engineer, reason="查无此人")
        found.refresh_from_db()
        assert (found.state, found.account.state) == (State.SETTLED, "closed")

    def test_ending_rights_settles_and_tells_which(self, engineer, college):
        made = account()
        right = RoleGrantFactory(account=made, role="clerk", org_unit=college, source="delegation")
        said = services.end_rights(self.finding(made, Kind.GROUNDLESS), actor=engineer, reason="无依据")
        assert said.startswith("收回 1 项")
        assert RoleGrant.objects.get(pk=right.pk).valid_to < timezone.localdate()
        assert made.findings.get(kind=Kind.GROUNDLESS).state == State.SETTLED
        assert made.grants.get(source="appointment").valid_to is None

    def test_who_is_asked_for_a_second_factor_comes_to_it_first(self, engineer, client):
        made = account()
        RoleGrantFactory(account=made, role="auditor", source="appointment")
        services.ask_factor(self.finding(made, Kind.SINGLE), actor=engineer, reason="等保")
        client.force_login(made)
        assert client.get("/account/").url == "/account/second-factor/"
        assert client.get("/account/second-factor/").status_code == 200

    def test_who_is_asked_for_a_new_password_comes_to_it_first(self, engineer, client):
        made = account(password_leaked_at=timezone.now())
        services.ask_password(self.finding(made, Kind.LEAKED), actor=engineer, reason="泄露")
        client.force_login(made)
        assert client.get("/account/").url == "/account/password/"

    def test_a_reminder_says_what_to_do_once_a_day(self, engineer):
        made = account(password_changed_at=None)
        found = self.finding(made, Kind.INITIAL)
        services.remind(found, actor=engineer)
        assert "修改密码" in Message.objects.get(person=made.person).body
        with pytest.raises(Refused, match="今天已经提醒过"):
            services.remind(found, actor=engineer)

    def test_nobody_explains_away_their_own_finding_nor_forever(self, acting, engineer):
        own = Account.objects.get(pk=engineer.account_id)
        Account.objects.filter(pk=own.pk).update(created_at=timezone.now() - YEAR)
        found = self.finding(own, Kind.ORPHAN)
        soon = timezone.localdate() + timedelta(days=5)
        with pytest.raises(Refused, match="自己"):
            services.explain(found, actor=engineer, reason="x", until=soon)
        other = self.finding(account(fact=False), Kind.ORPHAN)
        with pytest.raises(Refused, match="最长一年"):
            services.explain(other, actor=engineer, reason="x", until=soon + 2 * YEAR)


class TestPart:
    def test_an_administrator_of_a_college_sees_explains_and_counts_only_that_college(
        self, acting, college, other_college
    ):
        mine, theirs = account(college, password_changed_at=None), account(other_college, fact=False)
        orphan = account(college, fact=False)
        check()
        actor = acting("local_admin", college)
        assert set(AccountFinding.objects.visible_to(actor).values_list("account", flat=True)) == {
            mine.pk,
            orphan.pk,
        }
        until = timezone.localdate() + timedelta(days=5)
        with pytest.raises(Refused, match="不在您的管理范围"):
            services.explain(theirs.findings.get(), actor=actor, reason="x", until=until)
        with pytest.raises(Refused, match="没有"):
            services.close_account(orphan.findings.get(), actor=actor, reason="x")
        card = account_findings(actor)
        assert card is not None
        assert {(figure.label, figure.value) for figure in card.figures} == {
            ("孤儿账号", "1"),
            ("初始密码未改", "1"),
        }
        assert [todo.count for todo in to_settle(actor)] == [1]
        services.explain(orphan.findings.get(), actor=actor, reason="调入手续在办", until=until)
        assert to_settle(actor) == []

    def test_leaves_alone_who_may_more_than_the_part(self, acting, college):
        dean = account(college, password_changed_at=None)
        RoleGrantFactory(account=dean, role="head", org_unit=college, source="appointment")
        check()
        with pytest.raises(Refused, match="超出您的管理范围"):
            services.ask_password(dean.findings.get(), actor=acting("local_admin", college), reason="x")
        assert not actor_of(dean).has_role("local_admin")
