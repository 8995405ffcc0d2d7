from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.notify.models import Message
from yanta.kernel.testing import published
from yanta.masterdata.models import AdminClass, Student
from yanta.systems.curricula.tests import factories as plans
from yanta.systems.offerings import events, public, services
from yanta.systems.offerings.models import (
    Meeting,
    Need,
    Offering,
    Reservation,
    Season,
    Section,
    SectionClass,
    Teaching,
    TimeWish,
)
from yanta.systems.offerings.tests.conftest import enrol

Open = Section.Status.OPEN


def open_sections(name):
    return list(Section.objects.filter(offering__course__name=name, status=Open).order_by("number"))


def adds_up():
    """Over the open sections every need is seated, and every section is as large as its classes."""
    for need in Need.objects.all():
        seats = SectionClass.objects.filter(
            section__offering=need.offering, admin_class=need.admin_class, section__status=Open
        )
        assert (seats.aggregate(n=Sum("size"))["n"] or 0) == need.size, need
    for section in Section.objects.filter(status=Open):
        assert (section.classes.aggregate(n=Sum("size"))["n"] or 0) == section.size
        assert section.capacity >= section.size
    return True


def counts(season):
    season.refresh_from_db()
    return {name: season.receipt[name] for name in ("read", "new", "changed", "unchanged", "gone")}


class TestGenerate:
    def test_the_plans_courses_of_the_term_become_sections(self, season):
        assert counts(season) == {"read": 4, "new": 4, "changed": 0, "unchanged": 0, "gone": 0}
        assert [one.size for one in open_sections("数学")] == [55]
        assert [one.size for one in open_sections("物理实验")] == [30, 25]
        assert open_sections("后来的课") == []
        assert open_sections("数学")[0].number.endswith("-01")
        assert sum(one.times for one in Meeting.objects.filter(section__offering__course__name="数学")) == 2
        assert adds_up()

    def test_again_it_makes_no_doubles_and_says_so(self, season, registry):
        before = set(Section.objects.values_list("pk", flat=True))

        services.generate(season, actor=registry)

        assert counts(season) == {"read": 4, "new": 0, "changed": 0, "unchanged": 4, "gone": 0}
        assert set(Section.objects.values_list("pk", flat=True)) == before

    def test_a_new_student_changes_the_size_everywhere(self, season, registry, maker, college):
        enrol(maker, college, AdminClass.objects.get(code="C1"))

        services.generate(season, actor=registry)

        assert counts(season) == {"read": 4, "new": 0, "changed": 2, "unchanged": 2, "gone": 0}
        assert [one.size for one in open_sections("数学")] == [56]
        assert "数学" in season.receipt["differences"][0] or "物理实验" in season.receipt["differences"][0]
        assert adds_up()

    def test_a_class_that_is_gone_leaves_its_sections(self, season, registry):
        Student.objects.filter(admin_class__code="C2").update(status="07")

        services.generate(season, actor=registry)

        assert counts(season) == {"read": 2, "new": 0, "changed": 0, "unchanged": 2, "gone": 2}
        assert [one.size for one in open_sections("数学")] == [30]
        assert [one.size for one in open_sections("物理实验")] == [30]
        assert adds_up()

    def test_what_nobody_needs_is_dropped_and_comes_back(self, season, registry):
        Student.objects.update(status="02")
        services.generate(season, actor=registry)
        assert set(Offering.objects.values_list("status", flat=True)) == {"dropped"}

        Student.objects.update(status="01")
        services.generate(season, actor=registry)

        assert set(Offering.objects.values_list("status", flat=True)) == {"draft"}
        assert [one.size for one in open_sections("数学")] == [55]
        assert adds_up()

    def test_classes_without_a_plan_are_named(self, season, registry):
        plans.retire_plans()

        services.generate(season, actor=registry)

        season.refresh_from_db()
        assert season.receipt["without_plan"] == 2

    def test_a_confirmed_course_whose_demand_changes_is_to_be_confirmed_again(
        self, season, registry, maker, college
    ):
        Offering.objects.update(status="confirmed", confirmed_by="某人")
        enrol(maker, college, AdminClass.objects.get(code="C1"))

        services.generate(season, actor=registry)

        assert set(Offering.objects.values_list("status", flat=True)) == {"draft"}

    def test_only_the_registry_generates(self, season, clerk):
        with pytest.raises((NotAllowed, OutOfScope)):
            services.generate(season, actor=clerk)


class TestMergeAndSplit:
    def test_merged_and_split_again_everybody_is_still_there(self, season, clerk):
        first, second = open_sections("物理实验")

        services.merge(first, actor=clerk, others=[second])

        assert [one.size for one in open_sections("物理实验")] == [55]
        assert adds_up()

        services.split(open_sections("物理实验")[0], actor=clerk, into=3)

        assert sorted(one.size for one in open_sections("物理实验")) == [18, 18, 19]
        assert all(one.meetings.exists() for one in open_sections("物理实验"))
        assert adds_up()

    def test_sections_of_different_courses_do_not_merge(self, season, clerk):
        with pytest.raises(Refused, match="不是同一门课"):
            services.merge(open_sections("数学")[0], actor=clerk, others=open_sections("物理实验")[:1])

    def test_a_section_with_students_is_not_cancelled(self, season, clerk):
        with pytest.raises(Refused, match="还有 55 人"):
            services.cancel(open_sections("数学")[0], actor=clerk, reason="人少")

    def test_another_college_cannot(self, season, acting, other_college):
        with pytest.raises(OutOfScope):
            services.split(open_sections("数学")[0], actor=acting("clerk", other_college), into=2)


class TestTeachers:
    def test_the_second_takes_what_is_left_and_no_more(self, season, clerk, teacher):
        (section,) = open_sections("数学")
        services.assign(section, actor=clerk, teacher=teacher(), share=Decimal("0.6"))
        services.assign(section, actor=clerk, teacher=teacher(), share=None, role=Teaching.Role.CO)

        assert section.teachings.aggregate(n=Sum("share"))["n"] == 1
        with pytest.raises(Refused, match="最多 0"):
            services.assign(section, actor=clerk, teacher=teacher(), share=Decimal("0.1"))


class TestConfirm:
    def test_a_course_without_teachers_is_refused_in_words(self, season, clerk):
        with pytest.raises(Refused, match="01 班还没有教师"):
            services.confirm(Offering.objects.get(course__name="数学"), actor=clerk)

    def test_a_course_that_is_right_is_confirmed_and_kept(self, ready, clerk):
        offering = Offering.objects.get(course__name="数学")

        services.confirm(offering, actor=clerk)

        assert (offering.status, offering.confirmed_by) == ("confirmed", clerk.name)
        with pytest.raises(Refused, match="已确认"):
            services.split(open_sections("数学")[0], actor=clerk, into=2)

    def test_an_unqualified_teacher_is_named(self, ready, clerk, teacher):
        from yanta.systems.offerings.models import Qualification

        offering = Offering.objects.get(course__name="数学")
        Qualification.objects.create(teacher=teacher(), course=offering.course)

        with pytest.raises(Refused, match="没有这门课程的任教资格"):
            services.confirm(offering, actor=clerk)

    def test_the_registry_returns_it_with_a_reason(self, ready, clerk, registry):
        offering = Offering.objects.get(course__name="数学")
        services.confirm(offering, actor=clerk)

        services.return_to_college(offering, actor=registry, reason="人数有误")

        assert (offering.status, offering.note) == ("draft", "人数有误")

    def test_colleges_are_told_once_and_reminded_before_the_end(
        self, ready, clerk, registry, events_delivered
    ):
        until = timezone.localdate() + timedelta(days=9)
        services.open_confirmation(ready, actor=registry, until=until)
        events_delivered()
        mine = Message.objects.filter(person_id=clerk.person_id)
        assert list(mine.values_list("template", flat=True)) == ["offerings.confirm"]

        assert services.remind(on=until - timedelta(days=5)) == 0
        assert services.remind(on=until - timedelta(days=2)) == 1
        assert services.remind(on=until - timedelta(days=1)) == 0
        assert services.remind(on=until + timedelta(days=1)) == 1


class TestLock:
    @pytest.fixture
    def locked(self, ready, registry):
        services.open_confirmation(ready, actor=registry, until=timezone.localdate())
        services.lock(ready, actor=registry, reason="截止日期已到")
        return ready

    def test_unconfirmed_courses_need_a_reason(self, ready, registry):
        services.open_confirmation(ready, actor=registry, until=timezone.localdate())

        with pytest.raises(Refused, match="还有 2 门课程没有确认"):
            services.lock(ready, actor=registry)

    def test_then_nothing_changes_any_more(self, locked, clerk, registry):
        assert published(events.SeasonLocked) == [events.SeasonLocked(season_id=locked.pk)]
        for change in (
            lambda: services.split(open_sections("数学")[0], actor=clerk, into=2),
            lambda: services.generate(locked, actor=registry),
            lambda: services.store_meeting(Meeting.objects.first()),
            lambda: services.store_teaching(Teaching.objects.first()),
        ):
            with pytest.raises(Refused, match="锁定"):
                change()

    def test_but_one_thing_at_a_time_with_a_reason(self, locked, registry, teacher):
        (section,) = open_sections("数学")
        new = teacher()

        services.change_teacher(section.teachings.get(), actor=registry, to=new, reason="病假")
        services.change_capacity(section, actor=registry, capacity=70, reason="加座")

        assert section.teachings.get().teacher == new
        assert len(published(events.SectionChanged)) == 2
        assert published(events.CapacityChanged) == [events.CapacityChanged(section_id=section.pk)]
        assert Message.objects.filter(person_id=new.person_id, template="offerings.taught").exists()
        with pytest.raises(Refused, match="不能少于 55"):
            services.change_capacity(section, actor=registry, capacity=50, reason="换小教室")

    def test_the_language_of_teaching_too(self, locked, registry):
        (section,) = open_sections("数学")

        services.change_language(section, actor=registry, language="英文", reason="外教授课")

        section.refresh_from_db()
        assert section.language == "英文"
        (told,) = published(events.SectionChanged)
        assert told.what == "授课语言由中文改为英文"
        with pytest.raises(Refused, match="就是英文"):
            services.change_language(section, actor=registry, language="英文", reason="再改")


class TestTold:
    """What course selection took over is told when it changes."""

    def test_another_language_or_campus(self, season):
        section = open_sections("数学")[0]
        section.name = "实验班"
        services.store_section(section, adding=False)
        assert not published(events.SectionChanged)

        section.language = "英文"
        services.store_section(section, adding=False)

        assert [one.section_id for one in published(events.SectionChanged)] == [section.pk]

    def test_another_capacity_before_the_lock(self, season, clerk):
        section = open_sections("数学")[0]
        section.capacity += 5
        services.store_section(section, adding=False)
        services.store_section(section, adding=False)
        assert published(events.CapacityChanged) == [events.CapacityChanged(section_id=section.pk)]

        services.split(section, actor=clerk, into=2)

        assert events.CapacityChanged(section_id=section.pk) in published(events.CapacityChanged)[1:]

    def test_another_teacher_before_the_lock(self, season, clerk, teacher):
        section = open_sections("数学")[0]
        services.assign(section, actor=clerk, teacher=teacher())
        taught = section.teachings.get()
        taught.share = Decimal("0.5")
        services.store_teaching(taught)
        assert [one.section_id for one in published(events.SectionChanged)] == [section.pk]

        taught.teacher = teacher()
        services.store_teaching(taught)
        services.unassign(taught, actor=clerk)

        assert [one.section_id for one in published(events.SectionChanged)] == [section.pk] * 3
        assert not section.teachings.exists()

    def test_nobody_is_taken_out_of_a_confirmed_course(self, ready, clerk):
        section = open_sections("数学")[0]
        type(section.offering).objects.update(status="confirmed")

        with pytest.raises(Refused, match="已确认"):
            services.unassign(Teaching.objects.get(section=section), actor=clerk)

        assert section.teachings.exists()

    def test_seats_kept_and_given_back(self, season, clerk):
        section = open_sections("数学")[0]
        kept = Reservation(section=section, grade=2025, seats=5)
        services.store_reservation(kept)
        services.release(kept, actor=clerk)

        assert published(events.SeatsReserved) == [events.SeatsReserved(section_id=section.pk)] * 2
        assert not section.reservations.exists()


class TestSums:
    def test_reservations_stay_within_the_capacity(self, season):
        (section,) = open_sections("数学")
        services.store_reservation(Reservation(section=section, grade=2025, seats=50))

        with pytest.raises(Refused, match="最多再留 5"):
            services.store_reservation(Reservation(section=section, grade=2024, seats=6))

    def test_weeks_are_written_one_way_and_within_the_term(self, season):
        meeting = open_sections("数学")[0].meetings.first()
        meeting.weeks = "1，3，5，7"
        services.store_meeting(meeting)
        assert meeting.weeks == "1-7单"

        meeting.weeks = "1-20"
        with pytest.raises(Refused, match="只有 18 个教学周"):
            services.store_meeting(meeting)


def test_an_engine_gets_everything_by_ids(ready, college, teacher):
    one = teacher()
    TimeWish.objects.create(
        season=ready, department=college, teacher=one, kind="forbidden", weekday=5, reason="进修", weeks="1-4"
    )

    found = public.teaching_of(ready.term_id)

    maths = next(section for section in found.sections if section.course == "数学")
    assert sum(maths.classes.values()) == maths.size == 55
    assert list(maths.teachers.values()) == [1]
    assert [(meeting.weeks.bit_count(), meeting.times) for meeting in maths.meetings] == [(16, 1), (8, 1)]
    assert (found.wishes[0].teacher_id, found.wishes[0].weeks) == (one.pk, 0b1111)
    assert {room.kind for room in found.rooms} == {"media", "lab"}
    assert maths.language == "中文"
    assert public.taught_by(maths.teachers) >= {maths.id}
    assert public.taught_by([one.pk]) == set()
    assert public.teaching_of(0) is None
    assert not Season.objects.get().is_locked
