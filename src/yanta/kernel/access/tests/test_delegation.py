from datetime import date, timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access import delegation, services
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.identity import services as accounts
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.testing import published
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, PersonFactory, RoleGrantFactory

pytestmark = pytest.mark.django_db
today = timezone.localdate


def term() -> date:
    return today() + timedelta(days=90)


def somebody(unit, **values):
    return AccountFactory(person=PersonFactory(home_unit=unit, id_number="61010320010203123X"), **values)


def fresh(actor_or_account):
    pk = getattr(actor_or_account, "account_id", None) or actor_or_account.pk
    return actor_of(Account.objects.get(pk=pk))


@pytest.fixture
def administrator(engineer, college):
    """The administrator of the college, who may give counsellors and deputies their rights."""
    account = somebody(college)
    services.appoint(
        actor=engineer,
        account=account,
        org_unit=college,
        reason="校办〔2026〕3号",
        valid_to=term(),
        gives="辅导员、单位管理员",
    )
    return fresh(account)


@pytest.fixture
def given(administrator, college):
    account = somebody(college)
    return services.grant(
        actor=administrator,
        account=account,
        role="counsellor",
        org_unit=college,
        reason="带2024级",
        valid_to=term(),
    )


class TestGiving:
    def test_every_grant_tells_who_gave_it_and_on_what_it_rests(self, given, administrator):
        assert given.given_by_id == administrator.account_id
        assert given.rests_on.role == "local_admin"
        assert fresh(given.account).has_role("counsellor")

    def test_only_what_was_given_to_be_given(self, administrator, college):
        with pytest.raises(Refused, match="只能授予自己拥有的"):
            services.grant(
                actor=administrator,
                account=somebody(college),
                role="clerk",
                org_unit=college,
                reason="x",
                valid_to=term(),
            )

    @pytest.mark.parametrize("wide", [True, False])
    def test_nothing_beyond_the_own_part(self, administrator, college, other_college, wide):
        with pytest.raises(Refused):
            services.grant(
                actor=administrator, account=somebody(college), role="counsellor", reason="x", valid_to=term(),
                org_unit=None if wide else other_college,
            )  # fmt: skip

    def test_nobody_of_another_part(self, administrator, college, other_college):
        with pytest.raises(Refused, match="不在您的管理范围"):
            services.grant(
                actor=administrator, account=somebody(other_college), role="counsellor", org_unit=college, reason="x",
                valid_to=term(),
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("days", "said"), [(None, "写明到期"), (91, "不能超过您自己的期限"), (-1, "今天或以后")]
    )
    def test_for_a_term_within_the_own(self, administrator, college, days, said):
        until = None if days is None else today() + timedelta(days=days)
        with pytest.raises(Refused, match=said):
            services.grant(
                actor=administrator, account=somebody(college), role="counsellor", org_unit=college, reason="x",
                valid_to=until,
            )  # fmt: skip
        assert not RoleGrant.objects.filter(role="counsellor").exists()

    def test_not_to_oneself(self, administrator, college):
        own = Account.objects.get(pk=administrator.account_id)
        with pytest.raises(Refused, match="给自己"):
            services.grant(
                actor=administrator,
                account=own,
                role="counsellor",
                org_unit=college,
                reason="x",
                valid_to=term(),
            )

    def test_a_deputy_has_no_more_than_the_administrator(self, administrator, college):
        section = OrgUnitFactory(parent=college, name="软件系")
        deputy = services.appoint(
            actor=administrator,
            account=somebody(college),
            org_unit=section,
            reason="分管",
            valid_to=term(),
            gives="辅导员",
        )
        assert deputy.rests_on.account_id == administrator.account_id
        with pytest.raises(Refused, match="只能授予"):
            services.appoint(
                actor=administrator, account=somebody(college), org_unit=section, reason="分管", valid_to=term(),
                gives="辅导员、业务经办人",
            )  # fmt: skip
        with pytest.raises(Refused, match="只能授予"):
            services.appoint(
                actor=fresh(deputy.account),
                account=somebody(section),
                org_unit=section,
                reason="再分",
                valid_to=term(),
            )

    @pytest.mark.parametrize(("words", "said"), [("国王", "没有"), ("审计员", "全校的角色")])
    def test_a_role_that_cannot_be_handed_on(self, engineer, college, words, said):
        with pytest.raises(Refused, match=said):
            services.appoint(
                actor=engineer,
                account=somebody(college),
                org_unit=college,
                reason="x",
                valid_to=term(),
                gives=words,
            )


class TestEnding:
    def test_what_was_handed_on_ends_with_the_givers_right(self, given, administrator, engineer):
        services.withdraw(given.rests_on, actor=engineer, reason="调岗")
        assert not fresh(given.account).grants
        assert not fresh(administrator).grants
        told = {pk for event in published()[-1:] for pk in event.account_ids}
        assert told == {given.account_id, administrator.account_id}

    def test_also_down_the_line_and_whoever_writes(self, administrator, college):
        section = OrgUnitFactory(parent=college)
        deputy = services.appoint(
            actor=administrator,
            account=somebody(college),
            org_unit=section,
            reason="分管",
            valid_to=term(),
            gives="辅导员",
        )
        last = services.grant(
            actor=fresh(deputy.account), account=somebody(section), role="counsellor", org_unit=section, reason="带班",
            valid_to=term(),
        )  # fmt: skip
        sooner = today() + timedelta(days=3)
        RoleGrant.objects.filter(pk=deputy.rests_on_id).update(valid_to=sooner)
        last.refresh_from_db()
        assert last.valid_to == sooner

    def test_only_the_giver_takes_back(self, given, acting, college, administrator):
        other = RoleGrantFactory(
            account=somebody(college), role="counsellor", org_unit=college, source="appointment"
        )
        with pytest.raises(Refused, match="学籍或任职"):
            services.withdraw(other, actor=administrator, reason="x")
        schools = RoleGrantFactory(
            account=somebody(college), role="clerk", org_unit=college, source="delegation"
        )
        with pytest.raises(Refused, match="不是您授予"):
            services.withdraw(schools, actor=administrator, reason="x")
        services.withdraw(given, actor=administrator, reason="不带了")
        assert not fresh(given.account).grants


class TestManaging:
    def test_unlocks_and_ends_sessions_of_the_own_people_only(self, administrator, college, other_college):
        mine, theirs = somebody(college, state="locked"), somebody(other_college, state="locked")
        accounts.unlock(mine, actor=administrator, reason="本人来访")
        assert Account.objects.get(pk=mine.pk).state == "active"
        with pytest.raises(Refused, match="不在您的管理范围"):
            accounts.unlock(theirs, actor=administrator, reason="x")

    def test_leaves_alone_who_may_more(self, administrator, college):
        dean = somebody(college)
        RoleGrantFactory(account=dean, role="head", org_unit=college)
        for act in (accounts.end_sessions, accounts.reset_by_document):
            more = {"id_tail": "03123X"} if act is accounts.reset_by_document else {}
            with pytest.raises(Refused, match="超出您的管理范围"):
                act(dean, actor=administrator, reason="x", **more)

    def test_resets_by_the_document_that_lies_before_them(self, administrator, college):
        account = somebody(college)
        with pytest.raises(Refused, match="不一致"):
            accounts.reset_by_document(account, actor=administrator, id_tail="031239", reason="忘记")
        link = accounts.reset_by_document(account, actor=administrator, id_tail="03123x", reason="忘记")
        assert "/reset/" in link

    def test_sends_the_activation_again(self, administrator, college):
        assert "/reset/" in accounts.resend_activation(
            somebody(college, state="pending"), actor=administrator
        )
        with pytest.raises(Refused, match="已经激活"):
            accounts.resend_activation(somebody(college), actor=administrator)

    def test_sees_and_ends_one_session(self, administrator, college, other_college):
        now = timezone.now()
        kept = [
            Session.objects.create(
                account=somebody(unit), key_digest=unit.code, seen_at=now, expires_at=now, ends_at=now
            )
            for unit in (college, other_college)
        ]
        seen = Session.objects.visible_to(administrator)
        assert list(seen) == kept[:1]
        accounts.end_session(kept[0], actor=administrator)
        with pytest.raises(Refused):
            accounts.end_session(kept[1], actor=administrator)

    def test_may_not_lock_issue_tokens_or_open_service_accounts(self, administrator, college):
        for act, subject in (
            (accounts.lock, somebody(college)),
            (accounts.reset_password, somebody(college)),
        ):
            with pytest.raises(Refused, match="没有"):
                act(subject, actor=administrator, reason="x")
        assert delegation.LOCAL == "local_admin"
