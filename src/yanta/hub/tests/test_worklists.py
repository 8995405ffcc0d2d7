"""Rows put right and replayed, people split and joined by people's word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from yanta.hub import services
from yanta.hub.models import MatchDecision, QuarantinedRow, RowPerson, SourceRow
from yanta.hub.services import replays, runs
from yanta.hub.storing.loading import Loaded
from yanta.hub.tests import deliveries, rosters
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db
Acting = Callable[..., Actor]
SYSTEM = Actor.system("hub")


@pytest.fixture
def nameless(tmp_path: Path, departments: object) -> Path:
    """A delivery in which one finance row has no name."""
    rows = rosters.finance_rows()
    rows[2][1] = ""
    folder = rosters.write(tmp_path / "d", academic=rosters.academic_rows(), finance=rows)
    runs.intake(folder, actor=SYSTEM, accept_mapping=True)
    return folder


def test_a_corrected_row_is_replayed_and_finds_its_person(nameless: Path) -> None:
    item = QuarantinedRow.objects.get()
    services.correct(item, actor=SYSTEM, cells=orjson.dumps({"姓名": "刘紫萱"}).decode())
    run = replays.settle(actor=SYSTEM)

    item.refresh_from_db()
    assert item.state == QuarantinedRow.State.REPLAYED
    assert RowPerson.objects.get(row=item.row, is_current=True).person == Person.objects.get(name="刘紫萱")
    assert run.counts["persons_new"] == 0

    runs.intake(nameless, actor=SYSTEM, accept_mapping=True)  # the source sends the fault again
    item.refresh_from_db()
    assert item.state == QuarantinedRow.State.REPLAYED
    assert RowPerson.objects.filter(row=item.row, is_current=True).exists()


@pytest.fixture
def held(departments: dict[str, OrgUnit]) -> QuarantinedRow:
    """A finance row without a name."""
    rows = deliveries.lines()
    deliveries.take([rows[0], deliveries.held(rows[1]), *rows[2:]])
    return QuarantinedRow.objects.get()


def test_a_dismissed_row_is_done_with(held: QuarantinedRow) -> None:
    services.dismiss(held, actor=SYSTEM, reason="测试数据")
    with pytest.raises(Refused, match="不能再处理"):
        services.dismiss(held, actor=SYSTEM, reason="again")


def test_another_departments_clerk_cannot_touch_the_row(
    held: QuarantinedRow, departments: dict[str, OrgUnit], acting: Acting
) -> None:
    with pytest.raises(OutOfScope):
        services.dismiss(held, actor=acting("clerk", departments["教务处"]), reason="x")
    services.dismiss(held, actor=acting("clerk", departments["财务处"]), reason="x")
    assert held.state == QuarantinedRow.State.DISMISSED


def test_splitting_gives_a_new_number_and_taking_it_back_joins_again(
    tmp_path: Path, departments: object
) -> None:
    runs.intake(rosters.write_both(tmp_path / "d"), actor=SYSTEM, accept_mapping=True)
    person = Person.objects.get(name="张思玥")
    leaving = SourceRow.objects.get(links__person=person, source__code="finance")
    services.split_off(person, actor=SYSTEM, rows=[leaving], reason="同名不同人")
    replays.settle(actor=SYSTEM)

    parted = RowPerson.objects.get(row=leaving, is_current=True).person
    assert parted != person
    assert RowPerson.objects.get(row=leaving, is_current=False).person == person, "the earlier link stays"

    for decision in MatchDecision.objects.filter(is_revoked=False):
        services.revoke(decision, actor=SYSTEM, reason="看错了")
    replays.settle(actor=SYSTEM)
    owner = RowPerson.objects.get(row=leaving, is_current=True).person
    assert RowPerson.objects.filter(person=owner, is_current=True).count() == 2
    absorbed = Person.objects.get(pk=({person.pk, parted.pk} - {owner.pk}).pop())
    assert absorbed.merged_into == owner


def test_all_rows_cannot_leave(delivered: Loaded) -> None:
    person = Person.objects.get(name="张思玥")
    rows = list(SourceRow.objects.filter(links__person=person))
    with pytest.raises(Refused, match="至少留下一行"):
        services.split_off(person, actor=SYSTEM, rows=rows, reason="x")
