from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access import visitors
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import VisitorPass
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account, Session
from yanta.kernel.notify.models import Message
from yanta.kernel.testing import published

pytestmark = pytest.mark.django_db
today = timezone.localdate


@pytest.fixture
def invited(clerk, college):
    def invite(**changed):
        said = {
            "name": "王专家", "employer": "外校", "phone": "13700001111", "purpose": "项目评审", "org_unit": college,
            "valid_to": today() + timedelta(days=30),
        }  # fmt: skip
        return visitors.invite(actor=clerk, **{**said, **changed})

    return invite


def test_a_guest_has_an_account_a_role_with_its_reason_and_an_end(invited, college):
    guest = invited()
    (grant,) = actor_of(guest.account).grants
    assert (grant.role, grant.until) == ("visitor", guest.valid_to)
    assert "邀请：项目评审" in grant.reason
    assert guest.account.person.phone == "13700001111"
    assert published()[-1].account_ids == (guest.account.pk,)


@pytest.mark.parametrize("days", [0, -1, visitors.LONGEST.days + 1])
def test_an_end_that_is_no_end_is_refused(invited, days):
    with pytest.raises(Refused):
        invited(valid_to=today() + timedelta(days=days))
    assert not VisitorPass.objects.exists()


def test_whoever_has_an_account_already_is_no_guest(invited):
    invited()
    with pytest.raises(Refused, match="已有账号"):
        invited(name="又是他")


def test_the_guest_is_out_when_the_time_is_over(invited):
    guest = invited()
    Session.objects.create(
        account=guest.account, key_digest="x", seen_at=timezone.now(), expires_at=timezone.now(), ends_at=timezone.now()
    )  # fmt: skip
    assert visitors.end_expired(on=guest.valid_to) == 0
    assert visitors.end_expired(on=guest.valid_to + timedelta(days=1)) == 1
    guest.refresh_from_db()
    account = Account.objects.get(pk=guest.account_id)
    assert (guest.state, account.state, account.state_reason) == ("ended", "closed", "有效期已满")
    assert not account.sessions.exists()


def test_the_guest_goes_with_the_host(invited, clerk):
    guest = invited()
    Account.objects.filter(person=guest.sponsor).update(state=Account.State.CLOSED)
    assert visitors.end_expired(on=today()) == 1


def test_a_longer_stay_is_told_to_the_right_too(invited, clerk):
    guest, until = invited(), today() + timedelta(days=90)
    visitors.extend(guest, actor=clerk, valid_to=until, reason="评审延期")
    assert actor_of(Account.objects.get(pk=guest.account_id)).grants[0].until == until
    visitors.end(guest, actor=clerk, reason="提前完成")
    with pytest.raises(Refused, match="已经结束"):
        visitors.extend(guest, actor=clerk, valid_to=until, reason="再延")
    assert not actor_of(Account.objects.get(pk=guest.account_id)).grants


def test_the_host_is_reminded_once(invited, clerk):
    guest = invited(valid_to=today() + timedelta(days=7))
    assert visitors.remind(on=today()) == 1
    assert visitors.remind(on=today()) == 0
    assert "王专家" in Message.objects.get(person=guest.sponsor).title


def test_a_student_invites_nobody(student_actor, college):
    with pytest.raises(Refused):
        visitors.invite(
            actor=student_actor, name="同学", employer="外校", phone="13700001112", purpose="玩", org_unit=college,
            valid_to=today() + timedelta(days=3),
        )  # fmt: skip
