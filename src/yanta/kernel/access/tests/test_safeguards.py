from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from yanta.kernel.access import emergency, proposals, services
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import EmergencyAccount, RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity import services as accounts
from yanta.kernel.identity.models import Account
from yanta.kernel.notify.models import Message
from yanta.kernel.testing import audited
from yanta.kernel.testing.factories import AccountFactory, RoleGrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def separated(settings):
    settings.SEPARATE_ADMINISTRATORS = True


@pytest.fixture
def three(separated, acting):
    """System, security, audit."""
    return acting("engineer"), acting("security"), acting("auditor")


def proposed(system, college, **changed):
    said = {
        "account": AccountFactory(),
        "role": "clerk",
        "org_unit": college,
        "reason": "任命〔2026〕1号",
        **changed,
    }
    return proposals.propose(actor=system, **said)


class TestThreeAdministrators:
    def test_one_sets_another_approves(self, three, college):
        system, security, _audit = three
        proposal = proposed(system, college)
        assert not RoleGrant.objects.filter(account=proposal.account).exists()
        proposals.approve(proposal, actor=security)
        given = RoleGrant.objects.get(account=proposal.account)
        assert (given.given_by_id, given.approved_by_id) == (system.account_id, security.account_id)

    def test_what_was_turned_down_gives_nothing(self, three, college):
        system, security, _audit = three
        proposal = proposed(system, college)
        proposals.turn_down(proposal, actor=security, opinion="依据不足")
        with pytest.raises(Refused, match="处理过"):
            proposals.approve(proposal, actor=security)
        assert not RoleGrant.objects.filter(account=proposal.account).exists()

    def test_the_system_administrator_neither_grants_nor_approves(self, three, college):
        system, *_ = three
        with pytest.raises(NotAllowed):
            services.grant(actor=system, account=AccountFactory(), role="clerk", org_unit=college, reason="x")
        with pytest.raises(NotAllowed):
            proposals.approve(proposed(system, college), actor=system)
        assert not system.may("audit.auditentry.view")
        assert not system.may("identity.signin.export")

    def test_the_security_administrator_sets_nothing(self, three, college):
        _system, security, _audit = three
        with pytest.raises(NotAllowed):
            proposed(security, college)
        with pytest.raises(NotAllowed):
            services.grant(
                actor=security, account=AccountFactory(), role="clerk", org_unit=college, reason="x"
            )
        with pytest.raises(NotAllowed):
            accounts.open_service_account(actor=security, username="x", name="x", reason="x")

    def test_the_audit_administrator_reads_and_changes_nothing(self, three):
        *_, audit = three
        verbs = {one.rpartition(".")[2] for grant in audit.grants for one in grant.permissions}
        assert verbs <= {"view", "export"}
        assert audit.may("audit.auditentry.view")
        with pytest.raises(NotAllowed):
            accounts.lock(AccountFactory(), actor=audit, reason="x")

    def test_nobody_holds_two(self, three, college):
        system, _security, audit = three
        with pytest.raises(Refused, match="不能由一人兼任"):
            proposed(
                system,
                college,
                account=Account.objects.get(pk=audit.account_id),
                role="security",
                org_unit=None,
            )
        RoleGrantFactory(
            account_id=audit.account_id, account=Account.objects.get(pk=audit.account_id), role="engineer"
        )
        assert not actor_of(Account.objects.get(pk=audit.account_id)).grants

    def test_nobody_approves_a_right_of_their_own(self, three, college):
        system, security, _audit = three
        own = proposed(system, college, account=Account.objects.get(pk=security.account_id), role="head")
        with pytest.raises(Refused, match="不能批准自己"):
            proposals.approve(own, actor=security)

    def test_where_they_are_not_separated_all_is_as_before(self, acting, college):
        given = services.grant(
            actor=acting("engineer"), account=AccountFactory(), role="clerk", org_unit=college, reason="x"
        )
        assert given.rests_on is None


@pytest.fixture
def sealed(engineer):
    """The account and the sentence that tells its password once."""
    told = emergency.seal(
        actor=engineer,
        username="break-glass",
        purpose="统一认证故障",
        first_keeper="中心主任",
        second_keeper="安全处长",
    )
    return EmergencyAccount.objects.get(), told


def halves(told):
    return [part.split("：")[1].split("；")[0].split("。")[0] for part in told.split("信封（")[1:]]


def sign_in(password):
    return Client().post("/sign-in/", {"login": "break-glass", "password": password})


class TestEmergency:
    def test_both_envelopes_open_it_and_everybody_hears(self, sealed, engineer, acting):
        kept, told = sealed
        hearers = {engineer.person_id, acting("security").person_id, acting("auditor").person_id}
        first, second = halves(told)
        assert sign_in(first).status_code == sign_in(second).status_code == 422
        assert not Message.objects.filter(template=emergency.OPENED).exists()
        assert sign_in(f"{first}-{second}").status_code == 302
        kept.refresh_from_db()
        assert kept.state == "opened"
        assert (
            set(Message.objects.filter(template=emergency.OPENED).values_list("person_id", flat=True))
            == hearers
        )
        assert any(entry.action == "access.emergencyaccount.open" for entry in audited())
        assert actor_of(kept.account).has_role("engineer")

    def test_is_sealed_anew_with_another_password(self, sealed, engineer):
        kept, told = sealed
        sign_in("-".join(halves(told)))
        again = emergency.reseal(kept, actor=engineer, first_keeper="甲", second_keeper="乙", reason="已用")
        assert kept.account.sessions.count() == 0
        assert sign_in("-".join(halves(told))).status_code == 422
        assert sign_in("-".join(halves(again))).status_code == 302

    def test_does_not_stay_open(self, sealed, monkeypatch):
        kept, told = sealed
        sign_in("-".join(halves(told)))
        assert emergency.shut_overdue() == 0
        EmergencyAccount.objects.update(opened_at=timezone.now() - emergency.OPEN_FOR - timedelta(minutes=1))
        assert emergency.shut_overdue() == 1
        assert not kept.account.sessions.exists()
        assert sign_in("-".join(halves(told))).status_code == 422

    def test_the_password_is_kept_nowhere(self, sealed):
        _kept, told = sealed
        assert not any(
            half in str(entry.data) + entry.summary for half in halves(told) for entry in audited()
        )

    def test_two_envelopes_have_two_keepers(self, engineer):
        with pytest.raises(Refused, match="两个人分别保管"):
            emergency.seal(actor=engineer, username="x", purpose="x", first_keeper="甲", second_keeper="甲")
        assert not Account.objects.filter(username="x").exists()

    def test_a_retired_one_stays_shut(self, sealed, engineer):
        kept, told = sealed
        emergency.retire(kept, actor=engineer, reason="不再需要")
        assert sign_in("-".join(halves(told))).status_code == 422
        with pytest.raises(Refused, match="已经注销"):
            emergency.reseal(kept, actor=engineer, first_keeper="甲", second_keeper="乙", reason="x")
