from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Refused
from yanta.kernel.identity import services as accounts
from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import AccountFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata import delegation
from yanta.masterdata.models import AdminClass, Student

pytestmark = pytest.mark.django_db
TERM = timezone.localdate() + timedelta(days=60)


@pytest.fixture
def rows():
    return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))


@pytest.fixture
def of_class(rows, college):
    """A class, one of its students, and one of another class of the same college."""
    mine, theirs = rows.make(AdminClass, college), rows.make(AdminClass, college)
    found = []
    for one in (mine, theirs):
        student = rows.make(Student, college)
        Student.objects.filter(pk=student.pk).update(admin_class=one)
        found.append(AccountFactory(person=student.person, state="locked"))
    return mine, *found


def test_the_administrator_of_a_class_reaches_its_students_alone(of_class, engineer, college):
    admin_class, mine, theirs = of_class
    holder = AccountFactory(person=PersonFactory(home_unit=college))
    given = delegation.appoint(admin_class, actor=engineer, account=holder, reason="班主任", valid_to=TERM)
    assert str(given) == f"单位管理员（{admin_class.name}）"
    actor = actor_of(Account.objects.get(pk=holder.pk))
    assert list(Account.objects.visible_to(actor)) == [mine]
    accounts.unlock(mine, actor=actor, reason="本人来访")
    with pytest.raises(Refused, match="不在您的管理范围"):
        accounts.unlock(theirs, actor=actor, reason="x")
