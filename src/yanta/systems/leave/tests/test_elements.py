"""What leaves leave behind in personal files."""

from datetime import date

import pytest

from yanta.kernel.testing.factories import PersonFactory
from yanta.masterdata.models import Student
from yanta.systems.leave.elements import records_of
from yanta.systems.leave.models import Leave


@pytest.fixture
def leave(college):
    student = Student.objects.create(
        number="2025000001", person=PersonFactory.create(), department=college, level="3"
    )
    return Leave.objects.create(
        student=student, kind="illness", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 2), destination="在校", reason="发烧",
        contact="家长 16800000000", status="granted",
    )  # fmt: skip


def test_kept_once_the_student_is_back_and_without_the_reason(leave):
    people = [leave.student.person_id]
    assert list(records_of(people)) == []
    Leave.objects.update(status="returned", returned_on=date(2026, 9, 3))

    (piece,) = records_of(people)

    assert ("天数", "2") in piece.facts
    assert piece.origin == f"leave.leave:{leave.pk}"
    assert "发烧" not in repr(piece)
