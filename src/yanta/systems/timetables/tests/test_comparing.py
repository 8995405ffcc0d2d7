"""Every meeting of two versions stands in exactly one kind of change, however often it was cut."""

import pytest

from yanta.systems.timetables import services
from yanta.systems.timetables.queries import differences
from yanta.systems.timetables.rules import comparing
from yanta.systems.timetables.rules.comparing import Part
from yanta.systems.timetables.tests.test_repairing import published, repaired, spare

__all__ = ["published", "spare"]  # fixtures

MONDAY = Part(0xFFFF, 1, 1, 2, 7)
NOWHERE = Part(0xFFFF, None, None, 2, None)
EARLY, LATE = Part(0x00FF, 1, 1, 2, 7), Part(0xFF00, 1, 1, 2, 7)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([MONDAY], [MONDAY], "不变"),
        ([MONDAY], [EARLY, LATE], "不变"),
        ([MONDAY], [Part(0xFFFF, 2, 1, 2, 7)], "换时间"),
        ([MONDAY], [EARLY], "换时间"),
        ([MONDAY], [Part(0xFFFF, 1, 1, 3, 7)], "换时间"),
        ([MONDAY], [EARLY, Part(0xFF00, 3, 5, 2, 7)], "换时间"),
        ([EARLY], [Part(0x00F0, 1, 1, 2, 7), Part(0x0F00, 1, 1, 2, 7)], "换时间"),
        ([MONDAY], [Part(0xFFFF, 1, 1, 2, 8)], "换教室"),
        ([MONDAY], [EARLY, Part(0xFF00, 1, 1, 2, 8)], "换教室"),
        ([MONDAY], [EARLY, Part(0xFF00, 3, 5, 2, 8)], "换时间和教室"),
        ([MONDAY], [NOWHERE], "换时间和教室"),
        ([NOWHERE], [NOWHERE], "不变"),
        ([], [EARLY, LATE], "新增"),
        ([EARLY, LATE], [], "去掉"),
    ],
)
def test_the_kind_of_a_meeting_in_parts(before, after, kind):
    assert comparing.kind(before, after) == kind


class TestTheSum:
    def test_a_cut_meeting_is_one_changed_meeting(self, published, registry, spare):
        row = published.placements.filter(room_kind="media").first()
        meetings = published.placements.count()

        made = repaired(published, registry, rooms=[row.room_id], weeks=0b1111 << 8)

        cut = made.placements.filter(part=2).count()
        found = differences.compare(published, made)
        assert cut > 0
        assert made.placements.count() == meetings + cut
        assert sum(found.counts.values()) == len(found.meetings) == meetings
        assert len({one.row.meeting_id for one in found.moved}) == len(found.moved) >= cut
        assert (found.counts["新增"], found.counts["去掉"]) == (0, 0)
        (mine,) = [one for one in found.moved if one.row.meeting_id == row.meeting_id]
        assert (mine.kind, len(mine.before), len(mine.after), mine.why) == ("换教室", 1, 2, "一号楼停用")

    def test_the_receipt_says_the_same(self, published, registry, spare):
        row = published.placements.filter(room_kind="media").first()

        made = repaired(published, registry, rooms=[row.room_id], weeks=0b1111 << 8)

        found, receipt = differences.compare(published, made), made.receipt
        assert receipt["changes"] == found.counts
        assert receipt["moved"] == len(found.moved)
        assert (receipt["total"], receipt["unplaced"]) == (found.after, 0)
        assert receipt["placed"] + receipt["unplaced"] == receipt["total"]

    def test_what_came_and_what_went_balance(self, published, registry):
        made = services.copy(published, actor=registry, name="增减")
        gone, came = published.placements.order_by("pk")[:2]
        made.placements.filter(meeting_id=gone.meeting_id, turn=gone.turn, group=gone.group).delete()
        published.placements.filter(pk=came.pk).delete()

        found = differences.compare(published, made)

        kept = sum(found.counts[kind] for kind in comparing.KINDS[:4])
        assert (found.counts["新增"], found.counts["去掉"]) == (1, 1)
        assert found.before == kept + 1 == published.placements.count()
        assert found.after == kept + 1 == made.placements.count()

    def test_a_part_without_a_time_is_counted_and_said(self, published, registry):
        row = published.placements.first()

        made = repaired(published, registry, teacher=row.teachers[0], weeks=1 << 17 | row.weeks)

        found = differences.compare(published, made)
        assert found.nowhere == made.receipt["unplaced"] > 0
        assert sum(found.counts.values()) == made.receipt["total"]
