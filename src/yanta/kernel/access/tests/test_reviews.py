from datetime import date, timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access import reviews
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import ReviewedGrant, RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.notify.models import Message
from yanta.kernel.portal.todos import todos_of
from yanta.kernel.testing.factories import RoleGrantFactory

pytestmark = pytest.mark.django_db
today = timezone.localdate


def due() -> date:
    return today() + timedelta(days=14)


@pytest.fixture
def given(college):
    return RoleGrantFactory(role="clerk", org_unit=college, source="delegation", valid_from=today())


@pytest.fixture
def head(acting, college):
    return acting("head", college)


@pytest.fixture
def review(given, head, engineer):
    return reviews.open_review(actor=engineer, title="秋季复核", due_on=due())


def item_of(review, grant):
    return review.grants.get(grant=grant)


def test_every_right_given_by_hand_comes_before_its_unit_and_the_head_is_told(review, given, head):
    assert item_of(review, given).verdict == "waiting"
    assert not review.grants.exclude(grant__source="delegation").exists()
    assert any(one.title.endswith("项权限待复核") and one.due_on == due() for one in todos_of(head))
    assert Message.objects.filter(person=head.person_id, title__contains="复核").count() == 1


def test_what_is_taken_back_ends_at_once(review, given, head):
    reviews.take_back(item_of(review, given), actor=head, note="已调岗")
    assert not actor_of(Account.objects.get(pk=given.account_id)).grants
    signed = item_of(review, given)
    assert (signed.verdict, signed.note) == ("withdrawn", "已调岗")
    assert head.name in signed.signed_by


def test_what_is_kept_stays(review, given, head):
    reviews.keep(item_of(review, given), actor=head)
    assert RoleGrant.objects.get(pk=given.pk).valid_to is None
    with pytest.raises(Refused, match="已经复核过"):
        reviews.take_back(item_of(review, given), actor=head, note="反悔")


def test_nobody_signs_for_themselves(review, head):
    own = review.grants.filter(grant__account_id=head.account_id).first()
    with pytest.raises(Refused, match="自己的权限"):
        reviews.keep(own, actor=head)


def test_another_college_is_out_of_reach(review, given, acting, other_college):
    with pytest.raises(Refused):
        reviews.keep(item_of(review, given), actor=acting("head", other_college))


def test_a_round_ends_when_all_is_signed_or_the_rest_is_withdrawn(review, given, engineer, head):
    with pytest.raises(Refused, match="项没有复核"):
        reviews.close_review(review, actor=engineer)
    mine = ReviewedGrant.objects.filter(grant__account_id=engineer.account_id)
    mine.update(verdict="kept")
    said = reviews.close_review(review, actor=engineer, withdraw_rest=True)
    assert said.endswith("收回 2") or "收回" in said
    assert RoleGrant.objects.get(pk=given.pk).valid_to < today()
    with pytest.raises(Refused, match="已经结束"):
        reviews.close_review(review, actor=engineer)


def test_one_round_at_a_time_with_a_day_to_come(review, engineer):
    with pytest.raises(Refused, match="还没有结束"):
        reviews.open_review(actor=engineer, title="又一轮", due_on=due())
    with pytest.raises(Refused, match="今天之后"):
        reviews.open_review(actor=engineer, title="过去", due_on=today())
