"""Figures of all units at once: right, the same again, each by the formula of its day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from yanta.hub.warehouse import computing, public, shapes
from yanta.hub.warehouse.models import Computation, Indicator, IndicatorValue
from yanta.hub.warehouse.services import change_formula, close, define, dictionary, figures
from yanta.hub.warehouse.tests.conftest import ON, SYSTEM, close_to, enrol
from yanta.kernel.base import Refused
from yanta.kernel.base.indicators import declared
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


def value_of(code: str, unit) -> IndicatorValue:
    return IndicatorValue.objects.get(indicator__code=code, unit=unit, on=ON, clock="now")


class TestDeclarations:
    def test_every_figure_can_be_cut_by_what_it_declares(self):
        for one in declared():
            formula = shapes.read(one.parts_as_json(), one.expression)
            for piece in formula.pieces.values():
                assert [piece.subject.field(name).title for name in one.dimensions] or not one.dimensions, (
                    one.code
                )


class TestValues:
    def test_counts_roll_up_the_tree(self, computed, school, college, other_college, populated):
        found = [
            value_of("student.count", unit).value
            for unit in (school, college, other_college, populated["lab"])
        ]
        assert found == [5, 3, 2, 1]

    def test_a_ratio_keeps_what_it_was_made_of(self, computed, college):
        found = value_of("staff.student_ratio", college)
        # Two bachelors and a master at 1.5, for two teachers.
        assert close_to(found.value, "1.75")
        assert found.parts == {"bachelors": 2, "masters": 1, "doctors": 0, "teachers": 2}

    def test_no_ratio_where_one_side_is_empty(self, computed, other_college):
        assert value_of("staff.student_ratio", other_college).value is None

    def test_who_is_not_there_is_not_counted(self, computed, school):
        assert value_of("staff.senior_share", school).value == 50
        assert value_of("student.female_share", school).value == 50

    def test_distinct_values_are_not_added_up(self, computed, populated, school, college):
        from yanta.masterdata.models import AdminClass, Programme

        programme = Programme.objects.create(
            code="P1", catalogue_code="080901", name="计科", department=college, level="3"
        )
        one = AdminClass.objects.create(
            code="C1", name="一班", department=college, programme=programme, grade=2024
        )
        Student.objects.filter(number__in=["S1", "S3"]).update(admin_class=one)
        figures.record(ON, actor=SYSTEM)
        assert value_of("student.class_size", school).value == 2
        assert value_of("student.class_size", populated["lab"]).value == 1

    def test_an_indicator_made_of_others(self, computed, school):
        from yanta.masterdata.models import Building, Campus

        campus = Campus.objects.create(code="1", name="主校区")
        Building.objects.create(code="B1", name="一号楼", campus=campus, area=Decimal("1000.50"))
        figures.record(ON, actor=SYSTEM)
        assert close_to(value_of("space.area_per_student", school).value, "200.1")

    def test_words_for_days_are_put_in(self, computed, populated, college, school):
        enrol("S9", college, grade=2026, status="12")
        enrol("S10", college, grade=2026)
        figures.record(ON, actor=SYSTEM)
        assert value_of("student.first_year_present", school).value == 50

    def test_every_declared_figure_is_computed(self, computed):
        assert computed.failures == {}
        assert computed.indicators == len(declared()) >= 30


class TestReceipt:
    def test_it_adds_up_and_the_second_time_nothing_changes(self, computed):
        assert computed.adds_up
        assert computed.values_new == computed.values_read > 0
        again = figures.record(ON, actor=SYSTEM)
        assert (again.values_unchanged, again.values_new, again.values_changed) == (
            computed.values_read,
            0,
            0,
        )
        assert IndicatorValue.objects.count() == computed.values_read

    def test_what_moved_is_told_and_what_is_gone_goes(self, computed, populated):
        Student.objects.filter(number="S3").update(status="07")
        again = figures.record(ON, actor=SYSTEM)
        assert again.adds_up
        assert again.values_changed > 0
        assert not IndicatorValue.objects.filter(
            indicator__code="student.count", unit=populated["lab"]
        ).exists()
        assert again.values_gone > 0

    def test_one_bad_formula_does_not_stop_the_others(self, computed, school):
        version = Indicator.objects.get(code="course.count").versions.get()
        version.parts = {"n": {"subject": "course", "title": "x", "measure": "sum", "field": "name"}}
        version.made_by = "某人"
        version.save()
        again = figures.record(ON, actor=SYSTEM)
        assert "不是数字" in again.failures["course.count"]
        assert value_of("student.count", school).value == 5

    def test_only_what_counts_the_subject_follows_its_data(self, computed, school, college):
        enrol("S7", college)
        receipt = figures.follow("student", on=ON, actor=SYSTEM)
        assert value_of("student.count", school).value == 6
        assert receipt.adds_up
        assert receipt.indicators < computed.indicators
        assert figures.follow("term", on=ON, actor=SYSTEM) is None

    def test_of_days_long_past_the_months_last_stays(self, computed, school):
        indicator = Indicator.objects.get(code="student.count")
        for day in (date(2025, 1, 30), date(2025, 1, 31)):
            IndicatorValue.objects.create(
                indicator=indicator, version=indicator.versions.get(), unit=school, on=day, value=1
            )
        assert figures.thin_out(on=ON) == 1
        assert IndicatorValue.objects.filter(on=date(2025, 1, 31)).exists()


GHOST = {"field": "nothing", "is": "eq", "value": 1}
SIMPLE = json.dumps(
    {"parts": {"n": {"subject": "student", "title": "全部学生", "measure": "count"}}, "expression": "n"}
)


class TestDictionary:
    def test_a_changed_formula_keeps_the_old_one_with_its_days(self, computed, engineer, school, clock):
        indicator = Indicator.objects.get(code="student.count")
        clock.advance(days=1)
        change_formula(indicator, actor=engineer, formula=SIMPLE, reason="统计全部学籍")
        old, new = indicator.versions.order_by("number")
        assert (old.valid_from, old.valid_to, new.valid_from, new.valid_to) == (
            ON,
            ON + timedelta(days=1),
            ON + timedelta(days=1),
            None,
        )
        assert value_of("student.count", school).value == 5
        figures.record(ON + timedelta(days=1), actor=SYSTEM)
        assert public.value("student.count").value == 6
        assert public.value("student.count", on=ON).value == 5
        # Computing a past day takes the formula of that day.
        assert {v.number for v in computing.versions_on(ON) if v.indicator.code == "student.count"} == {1}

    def test_taking_over_again_leaves_what_people_changed(self, computed, engineer):
        indicator = Indicator.objects.get(code="student.count")
        change_formula(indicator, actor=engineer, formula=SIMPLE, reason="x")
        assert dictionary.take_over(on=ON) == 0
        assert indicator.versions.get(valid_to=None).made_by == engineer.signature

    @pytest.mark.parametrize(
        ("formula", "said"),
        [
            ("{", "读不懂"), (json.dumps({"parts": {}, "expression": "n"}), "没有组成部分"),
            (json.dumps({"parts": {"n": {"subject": "student", "title": ""}}, "expression": "n / d"}), "“d”没有定义"),
            (json.dumps({"parts": {"n": {"subject": "ghost", "title": ""}}, "expression": "n"}), "没有名为"),
            (json.dumps({"parts": {"n": {"subject": "student", "title": "", "measure": "sum", "field": "bed"}}, "expression": "n"}), "不是数字"),
            (json.dumps({"parts": {"n": {"subject": "student", "title": "", "where": GHOST}}, "expression": "n"}), "没有“nothing”"),
            (json.dumps({"parts": {"n": {"indicator": "ghost"}}, "expression": "n"}), "没有代码为“ghost”"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_computed_is_refused_in_words(self, computed, engineer, formula, said):
        with pytest.raises(Refused, match=said):
            define(actor=engineer, code="x.y", name="x", owner="教务处", formula=formula)

    def test_only_the_owning_department_defines(self, computed, clerk, college, acting):
        indicator = Indicator.objects.get(code="student.count")
        with pytest.raises(Refused, match="主管"):
            change_formula(indicator, actor=clerk, formula=SIMPLE, reason="x")
        mine = define(actor=clerk, code="own.count", name="本院学生", owner=college.name, formula=SIMPLE)
        assert mine.versions.get().valid_from == ON

    def test_no_ring_and_no_closing_of_what_others_need(self, computed, engineer):
        ring = json.dumps({"parts": {"n": {"indicator": "space.area_per_student"}}, "expression": "n"})
        with pytest.raises(Refused, match="引用自己"):
            change_formula(
                Indicator.objects.get(code="student.count"), actor=engineer, formula=ring, reason="x"
            )
        with pytest.raises(Refused, match="要用到它"):
            close(Indicator.objects.get(code="building.area"), actor=engineer, reason="x")

    def test_what_is_closed_is_computed_no_more(self, computed, engineer):
        close(Indicator.objects.get(code="course.count"), actor=engineer, reason="x")
        assert figures.record(ON + timedelta(days=1), actor=SYSTEM).indicators == computed.indicators - 1


def test_others_ask_for_a_value(computed, college):
    found = public.value("staff.senior_share", unit=college)
    assert (found.value, found.numerator, found.denominator, found.unit_label) == (50, 1, 2, "%")
    assert found.link == "/warehouse/figures/staff.senior_share/?unit=0100"
    with pytest.raises(Refused, match="没有代码为"):
        public.value("ghost")


def test_receipts_are_kept(computed):
    assert Computation.objects.get().adds_up
