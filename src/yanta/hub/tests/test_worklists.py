"""Rows put right and replayed, people split and joined by people's word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from yanta.hub import services
from yanta.hub.models import MatchDecision, QuarantinedRow, RowPerson, SourceRow
from yanta.hub.services import replays
from yanta.hub.tests import rosters
from yanta.hub.tests.conftest import Intake
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]
SYSTEM = Actor.system("hub")


@pytest.fixture
def nameless(tmp_path: Path, take_in: Intake) -> Path:
    """A delivery in which one finance row has no name."""
    rows = rosters.finance_rows()
    rows[2][1] = ""
    folder = rosters.write(tmp_path / "d", academic=rosters.academic_rows(), finance=rows)
    take_in(folder)
    return folder


def test_a_corrected_row_is_replayed_and_finds_its_person(nameless: Path) -> None:
    item = QuarantinedRow.objects.get()
    services.correct(item, actor=SYSTEM, cells=orjson.dumps({"姓名": "刘紫萱"}).decode())
    run = replays.settle(actor=SYSTEM)

    item.refresh_from_db()
    assert item.state == QuarantinedRow.State.REPLAYED
    assert RowPerson.objects.get(row=item.row, is_current=True).person == Person.objects.get(name="刘紫萱")
    assert run.counts["persons_new"] == 0


def test_a_replayed_row_stays_in_when_the_source_sends_the_fault_again(nameless: Path, take_in: Intake) -> None:
    item = QuarantinedRow.objects.get()
    services.correct(item, actor=SYSTEM, cells=orjson.dumps({"姓名": "刘紫萱"}).decode())
    replays.settle(actor=SYSTEM)
    take_in(nameless)

    item.refresh_from_db()
    assert item.state == QuarantinedRow.State.REPLAYED
    assert RowPerson.objects.filter(row=item.row, is_current=True).exists()


def test_a_wrong_correction_opens_the_row_again(nameless: Path) -> None:
    item = QuarantinedRow.objects.get()
    services.correct(item, actor=SYSTEM, cells=orjson.dumps({"姓名": "123"}).decode())
    replays.settle(actor=SYSTEM)

    item.refresh_from_db()
    assert item.state == QuarantinedRow.State.OPEN


def test_a_dismissed_row_is_done_with(nameless: Path) -> None:
    item = QuarantinedRow.objects.get()
    services.dismiss(item, actor=SYSTEM, reason="测试数据")
    with pytest.raises(Refused, match="不能再处理"):
        services.dismiss(item, actor=SYSTEM, reason="again")


def test_another_departments_clerk_cannot_touch_the_row(
    nameless: Path, departments: dict[str, OrgUnit], acting: Acting
) -> None:
    item = QuarantinedRow.objects.get()
    with pytest.raises(OutOfScope):
        services.dismiss(item, actor=acting("clerk", departments["教务处"]), reason="x")
    services.dismiss(item, actor=acting("clerk", departments["财务处"]), reason="x")
    assert item.state == QuarantinedRow.State.DISMISSED


def test_splitting_gives_a_new_number_and_loses_nothing(delivered: Path) -> None:
    person = Person.objects.get(name="张思玥")
    rows = SourceRow.objects.filter(links__person=person, links__is_current=True)
    leaving = rows.get(source__code="finance")
    services.split_off(person, actor=SYSTEM, rows=[leaving], reason="同名不同人")
    replays.settle(actor=SYSTEM)

    assert RowPerson.objects.get(row=leaving, is_current=True).person != person
    assert RowPerson.objects.filter(person=person, is_current=True).count() == 1
    ended = RowPerson.objects.get(row=leaving, is_current=False)
    assert ended.person == person, "the earlier link stays as history"
    assert Person.objects.count() == len(rosters.PEOPLE) + 1


def test_a_split_taken_back_joins_the_rows_under_the_old_number(delivered: Path) -> None:
    person = Person.objects.get(name="张思玥")
    leaving = SourceRow.objects.get(links__person=person, source__code="finance")
    services.split_off(person, actor=SYSTEM, rows=[leaving], reason="同名不同人")
    replays.settle(actor=SYSTEM)
    parted = RowPerson.objects.get(row=leaving, is_current=True).person
    for decision in MatchDecision.objects.filter(is_revoked=False):
        services.revoke(decision, actor=SYSTEM, reason="看错了")
    replays.settle(actor=SYSTEM)

    owner = RowPerson.objects.get(row=leaving, is_current=True).person
    assert RowPerson.objects.filter(person=owner, is_current=True).count() == 2
    absorbed = {person.pk, parted.pk} - {owner.pk}
    assert Person.objects.get(pk=absorbed.pop()).merged_into == owner


def test_all_rows_cannot_leave(delivered: Path) -> None:
    person = Person.objects.get(name="张思玥")
    rows = list(SourceRow.objects.filter(links__person=person))
    with pytest.raises(Refused, match="至少留下一行"):
        services.split_off(person, actor=SYSTEM, rows=rows, reason="x")
