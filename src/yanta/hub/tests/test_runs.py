"""Runs: everything once, nothing twice, nothing lost; the account adds up."""

from __future__ import annotations

from pathlib import Path

import pytest

from yanta.hub.models import ElementChange, ElementValue, QuarantinedRow, Receipt, RowPerson, Run, SourceRow
from yanta.hub.services import runs
from yanta.hub.storing.receipts import faults
from yanta.hub.tests import rosters
from yanta.hub.tests.conftest import Intake
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


def test_two_departments_files_become_one_record_per_person(delivered: Path) -> None:
    run = Run.objects.get()
    assert run.state == Run.State.DONE
    assert run.counts["persons"] == len(rosters.PEOPLE)
    assert sorted(Person.objects.values_list("name", flat=True)) == sorted(name for _, name, *_ in rosters.PEOPLE)
    assert Student.objects.get(number="2023010101").person.name == "张思玥"
    first = ElementValue.objects.get(person__name="张思玥", element="bank_account")
    assert first.source is not None and first.source.department == "财务处"
    assert first.value == "" and first.sealed, "an account number lies sealed"


def test_the_receipt_adds_up_and_verifies(delivered: Path) -> None:
    receipt = Receipt.objects.get()
    for line in receipt.document["files"]:
        assert line["read"] == line["new"] + line["changed"] + line["unchanged"] + line["quarantined"]
    assert sum(line["read"] for line in receipt.document["files"]) == 2 * len(rosters.PEOPLE)
    assert faults(receipt) == []


def test_a_changed_receipt_no_longer_verifies(delivered: Path) -> None:
    receipt = Receipt.objects.get()
    receipt.document["files"][0]["read"] += 1
    assert "对账单内容与摘要不符，内容被改动过" in faults(receipt)


def test_the_same_delivery_again_changes_nothing(delivered: Path, take_in: Intake) -> None:
    def state() -> tuple[object, ...]:
        return (
            list(Person.objects.order_by("pk").values_list("pk", "number", "updated_at")),
            list(ElementValue.objects.order_by("pk").values_list("pk", "updated_at")),
            list(SourceRow.objects.order_by("pk").values_list("pk", "updated_at")),
            list(Student.objects.order_by("pk").values_list("pk", "updated_at")),
            list(RowPerson.objects.order_by("pk").values_list("pk", "updated_at")),
        )

    before = state()
    run = take_in(delivered)

    assert run.counts["unchanged"] == run.counts["read"]
    assert run.counts["new"] == run.counts["changed"] == run.counts["persons_touched"] == 0
    assert state() == before


def test_a_changed_cell_updates_the_value_and_keeps_the_old_one(delivered: Path, take_in: Intake) -> None:
    rows = rosters.academic_rows()
    rows[0][1] = "张思月"
    run = take_in(rosters.write(delivered, academic=rows, finance=rosters.finance_rows()))

    assert run.counts["changed"] == 1
    assert run.counts["unchanged"] == run.counts["read"] - 1
    change = ElementChange.objects.get(element="name")
    assert (change.before, change.after, change.run_id) == ("张思玥", "张思月", run.pk)
    assert Person.objects.get(pk=change.person_id).name == "张思月"
    assert Person.objects.count() == len(rosters.PEOPLE)


def test_a_row_that_is_gone_is_marked_not_deleted(delivered: Path, take_in: Intake) -> None:
    run = take_in(rosters.write(delivered, academic=rosters.academic_rows()[:-1], finance=rosters.finance_rows()))

    assert run.counts["gone"] == 1
    gone = SourceRow.objects.get(gone_run=run)
    assert gone.name == "孙浩然"
    assert Person.objects.filter(name="孙浩然").exists()


def test_one_departments_file_alone_finds_the_persons_of_the_others(delivered: Path, take_in: Intake) -> None:
    numbers = dict(Person.objects.values_list("name", "number"))
    run = take_in(rosters.write(delivered, academic=rosters.academic_rows()))

    assert run.counts["persons_new"] == 0
    assert dict(Person.objects.values_list("name", "number")) == numbers
    assert ElementValue.objects.filter(element="bank_account").count() == len(rosters.PEOPLE)


def test_a_row_without_a_name_waits_with_its_original(tmp_path: Path, take_in: Intake) -> None:
    rows = rosters.finance_rows()
    rows[2][1] = ""
    take_in(rosters.write(tmp_path / "d", academic=rosters.academic_rows(), finance=rows))

    item = QuarantinedRow.objects.get()
    assert item.reason == "name_missing"
    assert item.row.row == 4


def test_a_new_layout_waits_for_a_person(tmp_path: Path, departments: object) -> None:
    folder = rosters.write_both(tmp_path / "d")
    run = runs.intake(folder, actor=Actor.system("hub"))

    assert run.state == Run.State.PROPOSED
    assert not Person.objects.exists()


def test_a_missing_folder_is_refused(tmp_path: Path, departments: object) -> None:
    with pytest.raises(Refused, match="没有这个目录"):
        runs.intake(tmp_path / "nowhere", actor=Actor.system("hub"))
