"""Run inside the installation under test: who comes to the network besides the member of staff."""

from datetime import date

from django.utils import timezone

from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.sso.applications.models import AccessRule, Application


def newcomer(username: str, role: str, **given: object) -> Person:
    unit = OrgUnit.objects.filter(code="R100").first() or OrgUnit.add_root(
        code="R100", name="学生公寓", kind="office"
    )
    person = Person.objects.create(number=f"PR-{username}", name=username.title(), home_unit=unit)
    Affiliation.objects.create(
        person=person, role=role, number=f"R-{username}", org_unit=unit, valid_from=date(2020, 9, 1)
    )
    values = {"state": "active", "password_changed_at": timezone.now(), **given}
    account = Account(username=username, name=person.name, person=person, **values)
    account.set_password("Wren-Tower-652")
    account.save()
    return person  # fmt: skip


app = Application.objects.get(code="testkit-radius")
newcomer("wren", "undergraduate")
newcomer("swift", "undergraduate")
newcomer("dodo", "undergraduate", state="locked")
newcomer("finch", "undergraduate", must_change_password=True)
AccessRule.objects.create(application=app, effect="deny", person=newcomer("shrike", "undergraduate"))
