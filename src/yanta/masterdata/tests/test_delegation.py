from datetime import date, timedelta

import pytest
from django.utils import timezone

from yanta.kernel.access import services as rights
from yanta.kernel.access.actors import actor_of
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Refused
from yanta.kernel.identity import services as accounts
from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, PersonFactory
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata import delegation, services
from yanta.masterdata.models import AdminClass, StaffMember, Student

pytestmark = pytest.mark.django_db
today = timezone.localdate


def term() -> date:
    return today() + timedelta(days=60)


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
    given = delegation.appoint(admin_class, actor=engineer, account=holder, reason="班主任", valid_to=term())
    assert str(given) == f"单位管理员（{admin_class.name}）"
    actor = actor_of(Account.objects.get(pk=holder.pk))
    assert list(Account.objects.visible_to(actor)) == [mine]
    accounts.unlock(mine, actor=actor, reason="本人来访")
    with pytest.raises(Refused, match="不在您的管理范围"):
        accounts.unlock(theirs, actor=actor, reason="x")


class TestByFact:
    """Counsellors and head teachers look after the accounts of exactly their classes, while they are that."""

    @pytest.fixture
    def keeper(self, rows, college):
        member = rows.make(StaffMember, college)
        AccountFactory(person=member.person)
        return member

    @staticmethod
    def actor_of(member):
        return actor_of(Account.objects.get(person=member.person))

    @pytest.mark.parametrize(("link", "title"), [("counsellor", "辅导员"), ("head_teacher", "班主任")])
    def test_reaches_the_students_of_the_own_class_with_the_reason(self, of_class, keeper, link, title):
        admin_class, mine, theirs = of_class
        AdminClass.objects.filter(pk=admin_class.pk).update(**{link: keeper})
        services.follow_changes(on=today())
        actor = self.actor_of(keeper)
        (ground,) = actor.why("identity.account.unlock")
        assert (ground.reason, ground.unit_name) == (f"因担任{admin_class.name}{title}", admin_class.name)
        assert list(Account.objects.visible_to(actor)) == [mine]
        accounts.unlock(mine, actor=actor, reason="本人来访")
        with pytest.raises(Refused, match="不在您的管理范围"):
            accounts.unlock(theirs, actor=actor, reason="x")
        with pytest.raises(Refused, match="没有"):
            accounts.lock(mine, actor=actor, reason="x")

    @pytest.mark.parametrize("link", ["counsellor", "head_teacher"])
    def test_ends_with_the_fact_and_comes_back_with_it(self, of_class, keeper, link):
        admin_class = of_class[0]
        AdminClass.objects.filter(pk=admin_class.pk).update(**{link: keeper})
        services.follow_changes(on=today())
        AdminClass.objects.filter(pk=admin_class.pk).update(**{link: None})
        services.follow_changes(on=today() + timedelta(days=1))
        assert not self.held(keeper)
        AdminClass.objects.filter(pk=admin_class.pk).update(**{link: keeper})
        assert services.follow_changes(on=today() + timedelta(days=2)).reopened >= 1
        StaffMember.objects.filter(pk=keeper.pk).update(status=StaffMember.Status.LEFT)
        services.follow_changes(on=today() + timedelta(days=3))
        assert not self.held(keeper)

    @staticmethod
    def held(member):
        return RoleGrant.objects.filter(
            account__person=member.person, role="local_admin", valid_to=None
        ).exists()

    def test_a_right_given_by_hand_stays_when_the_fact_ends(self, of_class, keeper, engineer):
        admin_class = of_class[0]
        holder = Account.objects.get(person=keeper.person)
        given = delegation.appoint(
            admin_class, actor=engineer, account=holder, reason="代管", valid_to=term()
        )
        AdminClass.objects.filter(pk=admin_class.pk).update(head_teacher=keeper)
        services.follow_changes(on=today())
        AdminClass.objects.filter(pk=admin_class.pk).update(head_teacher=None)
        services.follow_changes(on=today() + timedelta(days=1))
        given.refresh_from_db()
        assert given.valid_to == term()
        assert not self.held(keeper)

    def test_the_owning_department_names_the_head_teacher(self, of_class, keeper, acting, college):
        admin_class = of_class[0]
        clerk = acting("clerk", college)
        with pytest.raises(Refused, match="没有"):
            delegation.name_head_teacher(admin_class, actor=clerk, staff=keeper, reason="x")
        clerk = acting("clerk", OrgUnitFactory(parent=college.get_parent(), name="教务处"))
        delegation.name_head_teacher(admin_class, actor=clerk, staff=keeper, reason="校发〔2026〕8号")
        services.follow_changes(on=today())
        assert self.held(keeper)
        StaffMember.objects.filter(pk=keeper.pk).update(status=StaffMember.Status.LEAVE)
        keeper.refresh_from_db()
        with pytest.raises(Refused, match="在岗"):
            delegation.name_head_teacher(admin_class, actor=clerk, staff=keeper, reason="x")

    @pytest.mark.parametrize("role", ["clerk", "counsellor", "student"])
    def test_hands_on_nothing(self, of_class, keeper, role):
        admin_class, mine, _theirs = of_class
        AdminClass.objects.filter(pk=admin_class.pk).update(counsellor=keeper)
        services.follow_changes(on=today())
        actor = self.actor_of(keeper)
        assert actor.has_role("counsellor", "local_admin")
        assert not rights.grant.offered_to(actor)
        with pytest.raises(Refused, match="没有"):
            rights.grant(
                actor=actor,
                account=mine,
                role=role,
                org_unit=admin_class.department,
                reason="x",
                valid_to=term(),
            )
