"""Runs: everything once, nothing twice, nothing lost; the account adds up."""

from __future__ import annotations

import pytest

from yanta.hub.models import ElementChange, ElementValue, QuarantinedRow, RowPerson, Run, SourceRow
from yanta.hub.storing.loading import Loaded
from yanta.hub.storing.receipts import faults
from yanta.hub.tests import deliveries
from yanta.hub.tests.rosters import PEOPLE
from yanta.hub.views.runs import ReceiptView
from yanta.kernel.people.models import Affiliation, Person
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


def test_two_departments_rows_become_one_record_per_person(delivered: Loaded) -> None:
    assert Run.objects.get().counts["persons"] == len(PEOPLE)
    assert sorted(Person.objects.values_list("name", flat=True)) == sorted(name for _, name, *_ in PEOPLE)
    student = Student.objects.get(number="2023010101")
    assert (student.person.name, student.department.name) == ("张思玥", "机电工程学院")
    assert Affiliation.objects.filter(role="undergraduate").count() == len(PEOPLE)


def test_each_value_knows_its_source_and_sensitive_ones_are_sealed(delivered: Loaded) -> None:
    account = ElementValue.objects.get(person__name="张思玥", element="bank_account")
    assert getattr(account.source, "department", "") == "财务处"
    assert (account.value, bool(account.sealed)) == ("", True)
    assert Person.objects.get(name="张思玥").bank_account == "6299800000000000102"


def test_the_receipt_adds_up_and_verifies(delivered: Loaded) -> None:
    for line in delivered.receipt.document["files"]:
        assert line["read"] == line["new"] + line["changed"] + line["unchanged"] + line["quarantined"]
    assert sum(line["read"] for line in delivered.receipt.document["files"]) == 2 * len(PEOPLE)
    delivered.receipt.refresh_from_db()
    assert faults(delivered.receipt) == []


def test_a_changed_receipt_no_longer_verifies(delivered: Loaded) -> None:
    delivered.receipt.document["files"][0]["read"] += 1
    assert len(faults(delivered.receipt)) == 2


def test_the_same_delivery_again_changes_nothing(delivered: Loaded) -> None:
    def state() -> list[list[object]]:
        tables = (Person, ElementValue, SourceRow, Student, Affiliation, RowPerson)
        return [list(table.objects.order_by("pk").values_list("pk", "updated_at")) for table in tables]

    before = state()
    counts = deliveries.take(deliveries.lines()).receipt.document["counts"]

    assert counts["unchanged"] == counts["read"] == 2 * len(PEOPLE)
    assert counts["new"] == counts["changed"] == counts["persons_touched"] == 0
    assert state() == before


def test_a_changed_cell_updates_the_value_and_keeps_the_old_one(delivered: Loaded) -> None:
    rows = deliveries.lines()
    rows[0] = deliveries.changed(rows[0], name="张思月")
    again = deliveries.take(rows)

    assert again.receipt.document["counts"]["changed"] == 1
    change = ElementChange.objects.get()
    assert (change.before, change.after, change.run_id) == ("张思玥", "张思月", again.receipt.run_id)
    assert Person.objects.get(pk=change.person_id).name == "张思月"
    assert Person.objects.count() == len(PEOPLE)


def test_a_row_that_is_gone_is_marked_not_deleted(delivered: Loaded) -> None:
    again = deliveries.take(deliveries.lines()[:-1])

    assert again.receipt.document["counts"]["gone"] == 1
    assert SourceRow.objects.get(gone_run=again.receipt.run_id).name == "孙浩然"
    assert Person.objects.filter(name="孙浩然").exists()


def test_one_departments_rows_alone_keep_the_persons_and_values_of_the_others(delivered: Loaded) -> None:
    numbers = dict(Person.objects.values_list("name", "number"))
    deliveries.take([line for line in deliveries.lines() if line.source == "academic"])

    assert dict(Person.objects.values_list("name", "number")) == numbers
    assert ElementValue.objects.filter(element="bank_account").count() == len(PEOPLE)


def test_a_row_on_another_line_is_the_same_row(delivered: Loaded) -> None:
    counts = deliveries.take(deliveries.lines()[::-1]).receipt.document["counts"]
    assert counts["unchanged"] == counts["read"]


def test_a_held_row_waits_and_a_better_delivery_closes_it(departments: object) -> None:
    rows = deliveries.lines()
    deliveries.take([deliveries.held(rows[0]), *rows[1:]])
    item = QuarantinedRow.objects.get()
    assert (item.reason, item.state) == ("name_missing", "open")

    deliveries.take(rows)
    item.refresh_from_db()
    assert item.state == "withdrawn"


def test_persons_that_part_and_join_again_keep_their_history(delivered: Loaded) -> None:
    finance = SourceRow.objects.get(name="张思玥", source__code="finance")
    first = RowPerson.objects.get(row=finance).person
    deliveries.take(deliveries.lines(), apart=frozenset({1000}))
    second = RowPerson.objects.get(row=finance, is_current=True).person
    assert second != first

    deliveries.take(deliveries.lines())
    assert RowPerson.objects.get(row=finance, is_current=True).person == first
    second.refresh_from_db()
    assert second.merged_into == first
    assert RowPerson.objects.filter(row=finance).count() == 3


def test_the_receipt_leads_to_what_was_held_back_whom_it_is_shown(
    delivered: Loaded, rf, engineer, acting
) -> None:
    def page(actor):
        request = rf.get("/")
        request.actor = actor
        return ReceiptView.as_view()(request, pk=delivered.receipt.run_id).content.decode()

    assert "/hub/quarantinedrow/?state=open" in page(engineer)
    assert "/hub/quarantinedrow/" not in page(acting("leader"))
