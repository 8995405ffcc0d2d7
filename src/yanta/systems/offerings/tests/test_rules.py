from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from yanta.masterdata import weeks
from yanta.systems.offerings.rules import calendar, checks, sections, workload
from yanta.systems.offerings.rules.checks import Room, SectionFacts, Wanted
from yanta.systems.offerings.rules.sections import Part
from yanta.systems.offerings.rules.workload import Factors, Meeting, Task


class TestWeeks:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1-4", [1, 2, 3, 4]),
            ("1-7单", [1, 3, 5, 7]),
            ("2-6双", [2, 4, 6]),
            ("1-2,5", [1, 2, 5]),
            ("3周", [3]),
        ],
    )
    def test_reads_what_people_write(self, text, expected):
        assert weeks.weeks_of(weeks.bits(text)) == expected

    @pytest.mark.parametrize("text", ["", "abc", "5-3", "0-4", "1-40", "2-2单"])
    def test_refuses_the_rest_in_words(self, text):
        with pytest.raises(weeks.NotWeeks):
            weeks.bits(text)

    @given(st.integers(1, 2**30 - 1))
    def test_writing_and_reading_are_inverse(self, bitmap):
        assert weeks.bits(weeks.text_of(bitmap)) == bitmap

    def test_are_read_in_english_too(self):
        assert weeks.shown("1-9单,10-16双,17") == "1-9单,10-16双,17"
        with translation.override("en"):
            assert weeks.shown("1-9单,10-16双,17") == "1-9 odd,10-16 even,17"

    def test_writes_odd_and_even_weeks_short(self):
        assert weeks.canonical("1,3,5,7,9") == "1-9单"
        assert weeks.canonical("1-8，9-16") == "1-16"


CLASSES = st.lists(st.integers(0, 200), max_size=8).map(
    lambda sizes: [Part(n, s) for n, s in enumerate(sizes)]
)


def seats(groups):
    found: dict[int, int] = {}
    for group in groups:
        for part in group:
            found[part.admin_class] = found.get(part.admin_class, 0) + part.size
    return found


class TestPacking:
    @given(CLASSES, st.integers(10, 150))
    def test_nobody_is_lost_and_no_section_is_too_large(self, classes, limit):
        packed = sections.packed(classes, limit=limit)

        assert seats(packed) == {one.admin_class: one.size for one in classes if one.size}
        assert all(sum(part.size for part in section) <= limit for section in packed)

    @given(CLASSES.filter(lambda parts: sum(part.size for part in parts) >= 4), st.integers(2, 4))
    def test_splitting_keeps_everybody(self, classes, into):
        parts = [one for one in classes if one.size]

        divided = sections.divided(parts, into=into)

        assert len(divided) == into
        assert seats(divided) == {one.admin_class: one.size for one in parts}

    def test_small_classes_share_a_section(self):
        assert sections.packed([Part(1, 30), Part(2, 30), Part(3, 30)], limit=60) == [
            [Part(1, 30), Part(2, 30)], [Part(3, 30)],
        ]  # fmt: skip

    def test_a_large_class_is_split_evenly(self):
        assert sections.packed([Part(1, 100)], limit=45) == [[Part(1, 34)], [Part(1, 33)], [Part(1, 33)]]


class TestWeekly:
    @given(st.integers(1, 120).map(lambda n: n * 2))
    def test_the_hours_of_the_plan_come_out(self, hours):
        found = sections.weekly_for(hours)

        assert sum(weeks.count(one.weeks) * one.times * one.periods for one in found) == hours

    def test_forty_eight_hours_are_every_week_once_and_every_other_week_once_more(self):
        assert [(one.weeks, one.times) for one in sections.weekly_for(48)] == [("1-16", 1), ("1-15单", 1)]


class TestDifference:
    def test_read_is_new_and_changed_and_unchanged(self):
        found = sections.difference({"a": 1, "b": 2, "d": 4}, {"a": 1, "b": 3, "c": 5})

        assert found.counts == {"read": 3, "new": 1, "changed": 1, "unchanged": 1, "gone": 1}

    @given(st.dictionaries(st.integers(0, 9), st.integers(1, 9)))
    def test_the_second_run_finds_nothing(self, wanted):
        again = sections.difference(wanted, wanted).counts

        assert again == {"read": len(wanted), "new": 0, "changed": 0, "unchanged": len(wanted), "gone": 0}


def task(section="01", *, size=30, share="1", hours_weeks="1-16", kind="lecture", teacher=1, course=7):
    return Task(teacher, course, section, size, Decimal(share), (Meeting(kind, hours_weeks, 1, 2),))


FACTORS = Factors(
    size=[(1, Decimal(1)), (61, Decimal("1.1")), (91, Decimal("1.2"))], repeat=[(2, Decimal("0.9"))],
    meeting={"lab": Decimal("0.5")}, language={},
)  # fmt: skip


class TestWorkload:
    def test_size_repetition_and_kind_are_multiplied(self):
        found = workload.weighed(
            [task("02", size=95), task("01", size=61), task("03", kind="lab", course=8)], FACTORS
        )

        assert [(one.task.section, one.weighed) for one in found] == [
            ("01", Decimal("35.2")), ("02", Decimal("34.6")), ("03", Decimal("16.0")),
        ]  # fmt: skip

    @given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    def test_shares_divide_the_hours_without_rest(self, parts):
        whole = sum(parts)
        tasks = [task(share=str(Decimal(part) / whole), teacher=n) for n, part in enumerate(parts)]

        assert abs(sum(one.hours for one in workload.weighed(tasks, Factors())) - 32) < Decimal("0.001")

    def test_the_fullest_week_is_the_load(self):
        tasks = [task(), Task(1, 9, "02", 30, Decimal("0.5"), (Meeting("lab", "1-4", 2, 2, 2),))]

        assert workload.weekly_load(tasks) == 2 + 4


def facts(**changes):
    lecture = (Meeting("lecture", "1-16", 1, 2), Wanted("media", "多媒体教室", frozenset(), 60))
    values = {
        "size": 60, "seated": 60, "capacity": 60, "reserved": 0, "hours": 32, "campus": None, "shares": {1: Decimal(1)},
        "meetings": [lecture],
    }  # fmt: skip
    return SectionFacts(**(values | changes))


ROOMS = [Room("media", 90, frozenset({"录播"}), 1), Room("lab", 40, frozenset(), 2)]


def said(one, *, rooms=ROOMS, qualified=None):
    return [clash.text for clash in checks.clashes_of(one, rooms=rooms, qualified=qualified or {})]


class TestClashes:
    def test_what_is_right_says_nothing(self):
        assert said(facts()) == []

    def test_each_is_named(self):
        assert said(facts(shares={})) == ["还没有教师"]
        assert said(facts(shares={1: Decimal("0.5")})) == ["教师承担比例合计 0.5，应为 1"]
        assert said(facts(hours=48)) == ["上课安排合计 32 学时，计划 48 学时"]
        assert said(facts(seated=58)) == ["各行政班合计 58 人，教学班计划 60 人"]
        assert said(facts(reserved=70)) == ["预留 70 个座位，容量只有 60"]
        assert said(facts(), qualified={1: "张三"}) == ["张三 没有这门课程的任教资格"]

    def test_rooms_of_the_kind_the_campus_and_the_equipment(self):
        large = (Meeting("lecture", "1-16", 1, 2), Wanted("media", "多媒体教室", frozenset(), 120))
        equipped = (
            Meeting("lecture", "1-16", 1, 2),
            Wanted("media", "多媒体教室", frozenset({"机械臂"}), 30),
        )

        assert said(facts(meetings=[large])) == ["最大的多媒体教室只有 90 座，需要 120 座"]
        assert said(facts(meetings=[equipped])) == ["没有可用的多媒体教室（机械臂）"]
        assert said(facts(campus=2)) == ["没有可用的多媒体教室"]

    def test_thirds_of_three_teachers_are_the_whole(self):
        third = Decimal("0.333")

        assert said(facts(shares={1: third, 2: third, 3: third})) == []

    def test_a_full_week_beyond_the_limit_is_a_warning(self):
        ((teacher, clash),) = checks.overloads({1: Decimal(24), 2: Decimal(20)}, {1: "张三", 2: "李四"})

        assert (teacher, clash.stops) == (1, False)
        assert clash.text == "张三 最满的一周 24 节，超过 20 节"


class TestCalendar:
    monday = date(2026, 9, 7)

    def days(self, *events, weeks=2):
        return {
            day.on: day
            for day in calendar.days_of(self.monday, self.monday + timedelta(days=20), weeks, events)
        }

    def test_weeks_are_numbered_and_teaching_ends_with_the_last(self):
        found = self.days()

        assert [found[self.monday + timedelta(days=n)].week for n in (0, 6, 7, 20)] == [1, 1, 2, 3]
        assert found[self.monday + timedelta(days=14)].timetable_of is None

    def test_a_holiday_teaches_nothing_and_a_made_up_day_by_another_days_timetable(self):
        thursday, sunday = self.monday + timedelta(days=3), self.monday + timedelta(days=6)
        holiday = calendar.Event("holiday", "放假", thursday, sunday)
        made_up = calendar.Event("swapped", "调休", sunday, sunday, thursday)

        found = self.days(holiday, made_up)

        assert found[thursday].timetable_of is None
        assert found[sunday].timetable_of == thursday
        assert found[sunday].note == "调休"
