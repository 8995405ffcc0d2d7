"""A value that is wrong: raised, decided by its owner, written at the source, kept against the old delivery."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from yanta.hub import queries, services
from yanta.hub.models import Correction, ElementChange, ElementValue
from yanta.hub.storing.loading import Loaded
from yanta.hub.tests import deliveries
from yanta.kernel.audit.models import AuditEntry
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.notify.models import Message
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person
from yanta.kernel.resource import resource_of
from yanta.kernel.resource.records import facts_of
from yanta.kernel.workflow.models import WorkItem

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]


@pytest.fixture
def person(delivered: Loaded) -> Person:
    return Person.objects.get(name="张思玥")


@pytest.fixture
def student(person: Person, acting: Acting) -> Actor:
    return acting("student", person=person)


@pytest.fixture
def clerk(departments: dict[str, OrgUnit], acting: Acting) -> Actor:
    return acting("clerk", departments["教务处"])


def raise_one(person: Person, student: Actor, proposed: str = "16987654321") -> Correction:
    return services.report_wrong(person, actor=student, element="phone", proposed=proposed, reason="换号了")


def test_it_goes_to_the_department_that_owns_the_value(
    person: Person, student: Actor, clerk: Actor, departments: dict[str, OrgUnit]
) -> None:
    correction = raise_one(person, student)

    assert correction.owner == departments["教务处"]
    assert Message.objects.filter(person_id=clerk.person_id, template="hub.correction-raised").exists()


def test_whoever_decides_sees_what_stands_and_what_should_stand(
    person: Person, student: Actor, clerk: Actor
) -> None:
    resource = resource_of(Correction)
    assert resource is not None
    groups = facts_of(resource, raise_one(person, student), clerk)
    said = {fact.label: fact.value for group in groups for fact in group.facts}

    assert said["数据项"] == "手机号"
    assert said["应为"] == "169****4321"
    assert said["现值"].count("*") == 4


def page_for(actor: Actor, address: str) -> str:
    from yanta.kernel.identity.models import Account

    browser = Client()
    browser.force_login(Account.objects.get(pk=actor.account_id))
    return browser.get(address).content.decode()


def test_the_step_shows_whoever_decides_all_of_it_and_keeps_that_it_was_read(
    person: Person, student: Actor, clerk: Actor
) -> None:
    correction = raise_one(person, student)
    item = WorkItem.objects.get(person_id=clerk.person_id)
    whole, trace = page_for(clerk, f"/workflow/items/{item.pk}/"), f"/workflow/trace/{item.instance_id}/"

    assert "16987654321" in whole
    assert queries.value_of(person, "phone") in whole
    assert "待归口部门核准" in whole  # the open step, in the place of the row's own word
    assert "16987654321" not in page_for(clerk, trace)
    read = AuditEntry.objects.get(action="hub.correction.view", subject_id=str(correction.pk))
    assert read.person_id == clerk.person_id


def test_the_page_of_the_correction_hides_it_from_who_only_looks_on(
    person: Person, student: Actor, clerk: Actor, acting: Acting
) -> None:
    address = f"/hub/corrections/{raise_one(person, student).pk}/"

    assert "16987654321" in page_for(clerk, address)
    assert "16987654321" in page_for(student, address)
    assert "16987654321" not in page_for(acting("auditor"), address)
    assert AuditEntry.objects.filter(action="hub.correction.view").count() == 1


def test_accepting_writes_the_source_at_once(person: Person, student: Actor, clerk: Actor) -> None:
    services.accept(raise_one(person, student), actor=clerk)

    person.refresh_from_db()
    assert person.phone == "16987654321"
    assert queries.value_of(person, "phone") == "16987654321"
    assert ElementValue.objects.get(person=person, element="phone").basis == "correction"
    assert ElementChange.objects.get(person=person, element="phone").correction is not None
    assert Message.objects.filter(person=person, template="hub.correction-decided").exists()
    assert not Message.objects.filter(person=person, template="workflow.ended").exists()


def test_the_old_delivery_does_not_bring_the_wrong_value_back(
    person: Person, student: Actor, clerk: Actor, delivered: Loaded
) -> None:
    services.accept(raise_one(person, student), actor=clerk)
    deliveries.take(deliveries.lines())

    person.refresh_from_db()
    assert person.phone == "16987654321"


def test_a_new_value_of_the_source_is_believed_again(
    person: Person, student: Actor, clerk: Actor, delivered: Loaded
) -> None:
    services.accept(raise_one(person, student), actor=clerk)
    rows = deliveries.lines()
    rows[0] = deliveries.changed(rows[0], phone="16900001111")
    deliveries.take(rows)

    person.refresh_from_db()
    assert person.phone == "16900001111"
    assert ElementValue.objects.get(person=person, element="phone").basis == "authority"


def test_refusing_changes_nothing_and_says_why(person: Person, student: Actor, clerk: Actor) -> None:
    before = person.phone
    correction = raise_one(person, student)
    services.refuse(correction, actor=clerk, reason="材料看不清")

    person.refresh_from_db()
    assert person.phone == before
    assert "材料看不清" in Message.objects.get(person=person, template="hub.correction-decided").body


def test_nobody_decides_their_own(
    person: Person, student: Actor, departments: dict[str, OrgUnit], acting: Acting
) -> None:
    correction = raise_one(person, student)
    with pytest.raises(Refused, match="自己"):
        services.accept(correction, actor=acting("clerk", departments["教务处"], person=person_of(person)))


def person_of(person: Person) -> Person:
    """The same person with a second account."""
    from yanta.kernel.identity.models import Account

    Account.objects.filter(person=person).update(person=None)
    return person


def test_another_departments_clerk_cannot_decide(
    person: Person, student: Actor, departments: dict[str, OrgUnit], acting: Acting
) -> None:
    correction = raise_one(person, student)
    with pytest.raises(OutOfScope):
        services.accept(correction, actor=acting("clerk", departments["财务处"]))
    correction.refresh_from_db()
    assert correction.state == "open"


def test_a_student_cannot_report_for_another(student: Actor) -> None:
    other = Person.objects.get(name="曹奕瑜")
    with pytest.raises(OutOfScope):
        services.report_wrong(other, actor=student, element="phone", proposed="16987654321", reason="x")


@pytest.mark.parametrize(("proposed", "said"), [("123", "11 位"), ("", "请填写"), ("16912340102", "相同")])
def test_what_cannot_be_right_is_refused(person: Person, student: Actor, proposed: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        raise_one(person, student, proposed)


def test_revealing_needs_a_reason(person: Person, student: Actor) -> None:
    with pytest.raises(Refused, match="理由"):
        services.reveal(person, actor=student, element="phone", reason=" ")
    assert services.reveal(person, actor=student, element="phone", reason="核对") == "16912340102"
