"""What leaves leave behind in a student's personal file."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from yanta.kernel.base.archives import Piece, Range, archived
from yanta.systems.leave.models import Leave

KEPT = Range("leave", "请假", "conduct", "学工部", years=10)


@archived(KEPT)
def records_of(person_ids: Collection[int]) -> Iterator[Piece]:
    """Leaves that were granted, once they are over and reported back."""
    rows = Leave.objects.filter(student__person__in=person_ids, status=Leave.Status.RETURNED).select_related(
        "student"
    )
    for one in rows.order_by("pk"):
        days = (one.ends_on - one.starts_on).days + 1
        facts = (
            ("去向", one.destination),
            ("天数", f"{days}"),
            ("审批人", one.decided_by),
            ("返校日期", f"{one.returned_on or ''}"),
        )
        title = f"{one.get_kind_display()} {one.starts_on:%m-%d} 至 {one.ends_on:%m-%d}"
        yield Piece(KEPT.key, one.student.person_id, title, one.starts_on, f"leave.leave:{one.pk}", facts)
