"""What happens to a published timetable when rooms or teachers are lost; weights; what a search tells."""

import pytest

from yanta.kernel import jobs
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.jobs import Progress
from yanta.kernel.testing.rows import RowMaker
from yanta.masterdata.models import Room, StaffMember
from yanta.systems.offerings.tests import factories as teaching
from yanta.systems.timetables import public, services
from yanta.systems.timetables.jobs import repair_timetable
from yanta.systems.timetables.models import Placement, Preference, Version
from yanta.systems.timetables.queries import boards, differences, slots


@pytest.fixture
def published(arranged, registry):
    services.publish(arranged, actor=registry)
    return arranged


def repaired(version, registry, **asked):
    made = services.copy(version, actor=registry, name="修复")
    Version.objects.filter(pk=made.pk).update(cause="一号楼停用")
    jobs.run_now(repair_timetable, actor=registry, version_id=made.pk, **asked)
    made.refresh_from_db()
    return made


@pytest.fixture
def spare(maker, college):
    """Another classroom as large as the first."""
    return teaching.open_classroom(maker.make(Room, college), capacity=90)


class TestLostRooms:
    def test_only_these_weeks_move_and_say_why(self, published, registry, spare):
        row = published.placements.filter(room_kind="media").first()

        made = repaired(published, registry, rooms=[row.room_id], weeks=0b1111 << 8)

        assert made.status == Version.Status.READY
        assert not boards.collisions_of(made)
        parts = made.placements.filter(meeting_id=row.meeting_id, turn=row.turn, group=row.group).order_by(
            "part"
        )
        stays, moves = parts
        assert differences.where(stays) == differences.where(row)
        assert stays.weeks | moves.weeks == row.weeks
        assert moves.weeks == 0b1111 << 8
        assert moves.room_id == spare.pk
        assert moves.why == "一号楼停用"
        moved = differences.compare(published, made).moved
        assert differences.affected(moved).students > 0

    def test_published_each_student_has_the_parts_once(self, published, registry, spare):
        row = published.placements.filter(room_kind="media").first()
        made = repaired(published, registry, rooms=[row.room_id], weeks=0b1111 << 8)

        services.publish(made, actor=registry)

        times = public.times_of(made.term_id, [row.section_id])[row.section_id]
        assert {one.groups for one in times} == {1}
        assert not (times[0].weeks & times[1].weeks and times[0].weekday == times[1].weekday)

    def test_a_second_search_keeps_the_parts(self, published, registry, spare):
        row = published.placements.filter(room_kind="media").first()
        made = repaired(published, registry, rooms=[row.room_id], weeks=0b1111 << 8)
        count = made.placements.count()

        services.arrange(made.pk, seconds=0, progress=Progress())

        assert made.placements.count() == count

    def test_a_building_or_a_room_is_named(self, published, registry):
        with pytest.raises(Refused, match="填一个"):
            services.lose_rooms(published, actor=registry, weeks="9-12", reason="改造")
        with pytest.raises(Refused, match="不是周次"):
            services.lose_rooms(
                published, actor=registry, room=Room.objects.first(), weeks="下周", reason="改造"
            )

    def test_a_college_may_not(self, published, acting, college):
        with pytest.raises(NotAllowed):
            services.lose_rooms(
                published, actor=acting("clerk", college), room=Room.objects.first(), weeks="9", reason="x"
            )


class TestTeacherAway:
    def test_what_is_missed_is_made_up_for_later(self, published, registry):
        row = published.placements.first()

        made = repaired(published, registry, teacher=row.teachers[0], weeks=0b11 << 3)

        parts = made.placements.filter(meeting_id=row.meeting_id, turn=row.turn, group=row.group).order_by(
            "part"
        )
        assert [one.weeks.bit_count() for one in parts] == [row.weeks.bit_count() - 2, 2]
        assert not parts[0].weeks & 0b11 << 3
        assert parts[1].weeks >= 1 << 5
        assert not boards.collisions_of(made)

    def test_where_no_week_is_left_it_is_said(self, published, registry):
        row = published.placements.first()

        made = repaired(published, registry, teacher=row.teachers[0], weeks=1 << 17 | row.weeks)

        assert made.status == Version.Status.DRAFT
        assert "补课" in made.placements.filter(weekday=None).first().problem

    def test_it_begins_in_the_background_from_a_copy(self, published, registry):
        teacher = StaffMember.objects.get(pk=published.placements.first().teachers[0])

        made = services.teacher_away(published, actor=registry, teacher=teacher, weeks="5", reason="住院")

        assert made.based_on_id == published.pk
        assert teacher.person.name in made.cause
        assert "住院" in made.cause


def test_a_new_section_finds_a_place_and_nothing_else_moves(published, registry):
    row = published.placements.first()
    before = {one.meeting_id: differences.where(one) for one in published.placements.exclude(pk=row.pk)}
    made = services.copy(published, actor=registry, name="新班")
    made.placements.filter(meeting_id=row.meeting_id, turn=row.turn, group=row.group).delete()

    receipt = services.repair(made.pk, asked={}, progress=Progress())

    assert receipt["unplaced"] == 0
    again = made.placements.get(meeting_id=row.meeting_id, turn=row.turn, group=row.group)
    assert again.is_placed
    assert before == {one.meeting_id: differences.where(one) for one in made.placements.exclude(pk=again.pk)}


class TestWeights:
    def test_a_term_without_any_takes_the_usual_ones(self, term):
        assert slots.weights_of(term.pk) == slots.weights_of(0)

    def test_what_the_registry_sets_counts(self, term):
        Preference.objects.create(term=term, evening=10, teacher_most=4, travel=2)

        assert (slots.weights_of(term.pk).evening, slots.weights_of(term.pk).teacher_most) == (10, 4)
        assert slots.school(term.pk).travel == 2


def test_a_search_leaves_its_curve_and_what_is_not_as_wished(arranged):
    Preference.objects.create(term=arranged.term, evening=10)

    services.arrange(arranged.pk, seconds=1, progress=Progress())

    arranged.refresh_from_db()
    assert set(boards.search_of(arranged)) == {"curve", "parts", "first", "best"}
    assert arranged.receipt["seed"] == 1
    assert isinstance(arranged.trace["series"], list)


def test_an_impossible_order_is_explained_in_a_sentence(version, maker: RowMaker):
    """Whatever is taught has one teacher, who has one morning."""
    services.arrange(version.pk, seconds=0, progress=Progress())
    teachers = version.placements.first().teachers
    rows = version.placements.exclude(teachers=[])
    barred = [{"kind": "forbidden", "weekday": day, "first": 5 if day == 1 else 1, "last": 12, "weeks": 0xFFFFFF, "reason": "进修"}
              for day in range(1, 8)]  # fmt: skip
    rows.update(
        teachers=teachers,
        wishes=barred,
        weeks=0xFFFF,
        weekday=None,
        first_period=None,
        room=None,
        problem="x",
    )
    from yanta.systems.timetables.rules import compiling
    from yanta.systems.timetables.services import solving
    from yanta.timetabling.constructing import construct

    compiled = compiling.compiled(slots.slots_of(version), slots.school(version.term_id))
    _, blocked = construct(compiled.problem)
    said = solving.explanations(compiled, blocked)

    assert said
    assert "星期一" in said[0]
    assert "排不下；可以" in said[0]
    assert Placement.objects.filter(version=version).count() == rows.count()
