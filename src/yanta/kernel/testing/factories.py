"""Makers of kernel rows."""

from __future__ import annotations

from datetime import date

from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from yanta.kernel.access.models import RoleGrant
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person


class OrgUnitFactory(DjangoModelFactory[OrgUnit]):
    """A unit of the tree; give `parent=` to hang it below another."""

    class Meta:
        model = OrgUnit

    code = Sequence(lambda n: f"U{n:05d}")
    name = Sequence(lambda n: f"测试单位{n}")
    kind = OrgUnit.Kind.COLLEGE

    @classmethod
    def _create(cls, model_class: type[OrgUnit], *args: object, **values: object) -> OrgUnit:
        parent = values.pop("parent", None)
        if not isinstance(parent, OrgUnit):
            return model_class.add_root(**values)
        # The tree counts children on the row in memory too, which another test may have changed.
        parent.refresh_from_db()
        return parent.add_child(**values)


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    number = Sequence(lambda n: f"R{n:08d}")
    name = Sequence(lambda n: f"测试人{n}")


class AffiliationFactory(DjangoModelFactory[Affiliation]):
    class Meta:
        model = Affiliation

    person = SubFactory(PersonFactory)
    role = Affiliation.Role.UNDERGRADUATE
    number = Sequence(lambda n: f"2026{n:06d}")
    valid_from = date(2026, 9, 1)


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    username = Sequence(lambda n: f"user{n}")
    person = SubFactory(PersonFactory)
    name = LazyAttribute(lambda account: account.person.name if account.person else account.username)
    state = Account.State.ACTIVE


class RoleGrantFactory(DjangoModelFactory[RoleGrant]):
    class Meta:
        model = RoleGrant

    account = SubFactory(AccountFactory)
    role = "clerk"
    reason = "测试授权"
    valid_from = date(2020, 1, 1)
