"""A term placed without conflicts, moved by hand, published, adjusted."""

import pytest
from django.db import connection

from yanta.kernel import jobs
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.jobs import Cancelled, Progress
from yanta.masterdata.models import Room
from yanta.systems.offerings.tests import factories as teaching
from yanta.systems.timetables import public, services
from yanta.systems.timetables.jobs import make_timetable
from yanta.systems.timetables.models import Adjustment, Placement, Version
from yanta.systems.timetables.queries import differences, occurring, slots

# Written against the tables alone, so that it shares no mistake with the rules.
COLLISIONS = """
SELECT count(*) FROM timetables_placement a JOIN timetables_placement b
  ON a.version_id = b.version_id AND a.id < b.id AND a.weekday = b.weekday AND (a.weeks & b.weeks) <> 0
  AND a.first_period < b.first_period + b.periods AND b.first_period < a.first_period + a.periods
  AND (a.room_id = b.room_id OR a.section_id = b.section_id
       OR EXISTS (SELECT FROM offerings_teaching t JOIN offerings_teaching u ON t.teacher_id = u.teacher_id
                  WHERE t.section_id = a.section_id AND u.section_id = b.section_id)
       OR EXISTS (SELECT FROM offerings_sectionclass t JOIN offerings_sectionclass u ON t.admin_class_id = u.admin_class_id
                  WHERE t.section_id = a.section_id AND u.section_id = b.section_id))
WHERE a.version_id = %s"""
UNFIT = """
SELECT count(*) FROM timetables_placement p JOIN offerings_meeting m ON m.id = p.meeting_id
LEFT JOIN offerings_teachingroom r ON r.room_id = p.room_id AND r.is_open
WHERE p.version_id = %s AND p.weekday IS NOT NULL AND m.room_kind <> 'none'
  AND (r.id IS NULL OR r.kind <> m.room_kind OR r.capacity < p.size)"""


def answer(query, version):
    with connection.cursor() as cursor:
        cursor.execute(query, [version.pk])
        return cursor.fetchone()[0]


def placed_of(version):
    return version.placements.filter(weekday__isnull=False).order_by("pk")


def free_place(row, *, besides=()):
    room = row.room_id
    return next(
        (day, first)
        for day in range(1, 6)
        for first in (1, 3, 5, 7)
        if (day, first) not in besides and not services.moving.clashes_at(row, day, first, room)
        and (day, first) != (row.weekday, row.first_period)
    )  # fmt: skip


class TestArrange:
    def test_everything_has_a_place_and_nothing_collides(self, arranged):
        receipt = arranged.receipt

        assert receipt["total"] == receipt["placed"] + receipt["unplaced"] == arranged.placements.count() > 0
        assert receipt["unplaced"] == 0
        assert arranged.status == Version.Status.READY
        assert answer(COLLISIONS, arranged) == 0
        assert answer(UNFIT, arranged) == 0

    def test_a_second_run_goes_on_from_the_first(self, arranged):
        before = {row.pk: differences.where(row) for row in arranged.placements.all()}

        services.arrange(arranged.pk, seconds=0, progress=Progress())

        assert {row.pk: differences.where(row) for row in arranged.placements.all()} == before

    def test_searching_on_leaves_no_conflict(self, arranged):
        services.arrange(arranged.pk, seconds=1, progress=Progress())

        assert answer(COLLISIONS, arranged) == 0
        arranged.refresh_from_db()
        assert arranged.receipt["total"] == arranged.receipt["placed"] + arranged.receipt["unplaced"]

    def test_what_has_no_room_says_so(self, version):
        teaching.crowd(version.term, size=500)

        services.arrange(version.pk, seconds=0, progress=Progress())

        version.refresh_from_db()
        assert version.status == Version.Status.DRAFT
        assert version.receipt["unplaced"] == sum(version.receipt["reasons"].values()) > 0
        assert "教室" in version.placements.filter(weekday=None).first().problem

    def test_a_forbidden_day_is_kept(self, version):
        teaching.forbid_day(version.term, 1)

        services.arrange(version.pk, seconds=0, progress=Progress())

        assert placed_of(version).exists()
        assert not version.placements.filter(weekday=1).exists()

    def test_without_teaching_there_is_nothing_to_place(self, term):
        version = Version.objects.create(term=term, name="空")

        with pytest.raises(Refused, match="教学任务"):
            services.arrange(version.pk, seconds=0, progress=Progress())

        version.refresh_from_db()
        assert version.status == Version.Status.DRAFT


class Stopping(Progress):
    """Somebody who wants it no more as soon as it says anything."""

    def step(self, done, total=0, text=""):
        raise Cancelled


class TestTheJob:
    def test_ends_with_the_receipt(self, version, registry):
        run = jobs.run_now(make_timetable, actor=registry, version_id=version.pk, seconds=0)

        assert run.state == "done"
        assert run.result["total"] == run.result["placed"] + run.result["unplaced"] > 0
        assert run.link == f"/timetables/board/?version={version.pk}"

    def test_stopping_keeps_what_was_found(self, version):
        receipt = services.arrange(version.pk, seconds=3600, progress=Stopping())

        assert receipt["stopped"]
        assert receipt["placed"] == placed_of(version).count() > 0
        assert answer(COLLISIONS, version) == 0

    def test_a_version_is_searched_once_at_a_time(self, version, registry):
        services.solve(version, actor=registry, minutes=0)

        with pytest.raises(Refused, match="已在排队"):
            services.solve(version, actor=registry, minutes=0)

    def test_a_search_that_died_leaves_a_draft(self, version, registry):
        Version.objects.filter(pk=version.pk).update(status="solving")
        version.refresh_from_db()

        services.stop(version, actor=registry)

        version.refresh_from_db()
        assert version.status == Version.Status.DRAFT


class TestMove:
    def test_to_a_free_place(self, arranged, registry):
        row = placed_of(arranged).first()
        day, first = free_place(row)

        services.move(row, actor=registry, weekday=day, first_period=first, room=row.room)

        row.refresh_from_db()
        assert (row.weekday, row.first_period) == (day, first)
        assert answer(COLLISIONS, arranged) == 0

    def test_what_was_put_by_hand_stays_there_until_it_is_released(self, arranged, registry):
        row = placed_of(arranged).first()
        day, first = free_place(row)
        services.move(row, actor=registry, weekday=day, first_period=first, room=row.room)
        by_hand = differences.where(row)

        services.arrange(arranged.pk, seconds=1, progress=Progress(), seed=5)

        row.refresh_from_db()
        assert differences.where(row) == by_hand
        services.release(row, actor=registry)
        assert not slots.slot_of(row).is_fixed

    def test_what_is_nowhere_cannot_be_fixed(self, version, registry):
        services.arrange(version.pk, seconds=0, progress=Progress())
        row = version.placements.first()
        version.placements.filter(pk=row.pk).update(
            weekday=None, first_period=None, room=None, problem="没有教室"
        )
        row.refresh_from_db()

        with pytest.raises(Refused, match="还没排上"):
            services.fix(row, actor=registry)

    def test_into_another_meeting_of_the_class_is_refused_in_words(self, arranged, registry):
        row, other = placed_of(arranged)[0], None
        other = (
            placed_of(arranged)
            .filter(classes__overlap=row.classes)
            .exclude(section_id=row.section_id)
            .first()
        )

        with pytest.raises(Refused, match="这时要上"):
            services.move(
                row, actor=registry, weekday=other.weekday, first_period=other.first_period, room=row.room
            )

        before = differences.where(row)
        row.refresh_from_db()
        assert differences.where(row) == before

    def test_a_college_may_not(self, arranged, acting, college):
        row = placed_of(arranged).first()

        with pytest.raises(NotAllowed):
            services.move(row, actor=acting("clerk", college), weekday=1, first_period=1, room=row.room)


class TestPublish:
    def test_others_read_the_times_only_then(self, arranged, registry):
        term = arranged.term_id
        assert public.times_of(term) == {}

        services.publish(arranged, actor=registry)

        row = placed_of(arranged).first()
        times = public.times_of(term, [row.section_id])[row.section_id]
        assert (row.weekday, row.first_period) in {(one.weekday, one.first_period) for one in times}
        assert public.is_published(term)

    def test_what_collides_is_not_published(self, arranged, registry):
        row = placed_of(arranged).first()
        other = placed_of(arranged).filter(classes__overlap=row.classes).exclude(pk=row.pk).first()
        Placement.objects.filter(pk=other.pk).update(weekday=row.weekday, first_period=row.first_period)

        with pytest.raises(Refused, match="硬冲突"):
            services.publish(arranged, actor=registry)

    def test_what_is_missing_needs_a_reason(self, arranged, registry):
        row = placed_of(arranged).first()
        Placement.objects.filter(pk=row.pk).update(
            weekday=None, first_period=None, room=None, problem="还没有排"
        )

        with pytest.raises(Refused, match="1 次课没排上"):
            services.publish(arranged, actor=registry)
        services.publish(arranged, actor=registry, reason="等外聘教师")

        assert arranged.status == Version.Status.PUBLISHED

    def test_a_new_version_replaces_the_old_and_says_what_moved(self, arranged, registry):
        services.publish(arranged, actor=registry)
        made = services.copy(arranged, actor=registry, name="第二版")
        row = placed_of(made).first()
        day, first = free_place(row)
        services.move(row, actor=registry, weekday=day, first_period=first, room=row.room)

        assert [one.kind for one in differences.compare(arranged, made).moved] == ["换时间"]
        services.publish(made, actor=registry)

        arranged.refresh_from_db()
        assert arranged.status == Version.Status.VOID
        assert occurring.published(made.term_id) == made


@pytest.fixture
def published(arranged, registry):
    services.publish(arranged, actor=registry)
    return arranged


class TestAdjust:
    def test_a_move_holds_from_the_approval_on(self, published, registry):
        row = placed_of(published).first()
        day, first = free_place(row)
        asked = services.ask_move(
            row,
            actor=registry,
            week=3,
            new_week=3,
            new_weekday=day,
            new_period=first,
            new_room=row.room,
            reason="开会",
        )
        key = row.teachers[:1]
        assert not any(one.note for one in occurring.lessons_of(published, "teacher", key, 3))

        services.approve(asked, actor=registry)

        shown = {
            (one.weekday, one.first, one.is_off) for one in occurring.lessons_of(published, "teacher", key, 3)
        }
        assert (row.weekday, row.first_period, True) in shown
        assert (day, first, False) in shown
        assert not any(one.note for one in occurring.lessons_of(published, "teacher", key, 4))

    def test_into_a_conflict_is_refused(self, published, registry):
        row = placed_of(published).first()
        other = (
            placed_of(published)
            .filter(classes__overlap=row.classes)
            .exclude(section_id=row.section_id)
            .first()
        )

        with pytest.raises(Refused, match="不能改到这里"):
            services.ask_move(
                row, actor=registry, week=3, new_week=3, new_weekday=other.weekday, new_period=other.first_period,
                new_room=row.room, reason="开会",
            )  # fmt: skip

    def test_a_cancelled_meeting_frees_the_room_and_can_be_made_up(self, published, registry):
        row = placed_of(published).first()
        services.approve(services.ask_cancel(row, actor=registry, week=3, reason="病假"), actor=registry)

        with pytest.raises(Refused, match="已有申请"):
            services.ask_cancel(row, actor=registry, week=3, reason="病假")
        extra = services.ask_extra(
            row, actor=registry, new_week=3, new_weekday=row.weekday, new_period=row.first_period, new_room=row.room,
            reason="病愈",
        )  # fmt: skip
        services.approve(extra, actor=registry)

        assert extra.status == Adjustment.Status.APPROVED

    def test_two_for_one_place_the_second_is_refused_at_its_approval(self, published, registry):
        row = placed_of(published).first()
        other = placed_of(published).exclude(section_id=row.section_id).first()
        day, first = free_place(row)
        values = {"actor": registry, "new_week": 5, "new_weekday": day, "new_period": first, "reason": "补"}
        one = services.ask_extra(row, new_room=row.room, **values)
        second = services.ask_extra(row, new_room=row.room, **values)
        services.approve(one, actor=registry)

        with pytest.raises(Refused):
            services.approve(second, actor=registry)
        assert other.pk != row.pk

    def test_a_week_without_the_course_is_refused(self, published, registry):
        with pytest.raises(Refused, match="不上"):
            services.ask_cancel(placed_of(published).first(), actor=registry, week=30, reason="x")

    def test_a_refusal_leaves_the_timetable_alone(self, published, registry):
        row = placed_of(published).first()
        asked = services.ask_cancel(row, actor=registry, week=2, reason="出差")

        services.refuse(asked, actor=registry, reason="请找人代课")

        assert not any(one.is_off for one in occurring.lessons_of(published, "teacher", row.teachers, 2))


def test_another_teacher_of_a_published_section_is_followed(published, teacher):
    row = placed_of(published).first()
    other = teacher()
    teaching.hand_over(row.section_id, other)

    services.refresh(row.section_id)

    before = differences.where(row)
    row.refresh_from_db()
    assert (row.teachers, differences.where(row)) == ([other.pk], before)


def test_rooms_of_the_school_are_places(rooms, term):
    assert set(slots.school(term.pk).places) <= set(Room.objects.values_list("pk", flat=True))
