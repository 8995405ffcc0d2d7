"""Each template finds its own kind of fault, leaves the rest alone, says itself in words and refuses nonsense."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from yanta.hub.models import Source
from yanta.hub.quality import checks
from yanta.hub.tests import deliveries
from yanta.kernel.base import Refused
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


class TestColumns:
    def test_filled_only_where_the_condition_holds(self, broken, students):
        assert broken("filled", "student", "phone") == (4, {"2023002"})
        active = {"field": "status", "is": "eq", "value": "02"}
        assert broken("filled", "student", "phone", when=active) == (1, set())

    def test_at_least_one_of_several(self, broken, students):
        assert broken("any_filled", "student", "id_number", "phone") == (4, set())
        assert broken("any_filled", "student", "bed", "exam_number")[1] == {s.number for s in students}

    def test_unique_by_one_and_by_several_columns_empty_ones_left_alone(self, broken, students):
        assert broken("unique", "student", "id_number") == (3, {"2023001", "2023002"})
        assert broken("unique", "student", "id_number", "sex") == (3, set())

    def test_codes_in_force(self, broken, students):
        Student.objects.filter(number="2023001").update(status="ZZ")
        assert broken("in_set", "student", "status") == (3, {"2023001"})

    def test_length_of_open_and_of_sealed_values(self, broken, students):
        assert broken("length", "student", "number", most="6")[1] == {s.number for s in students}
        assert broken("length", "student", "phone", least="11", most="11") == (3, {"2023003"})

    def test_pattern_of_a_sealed_value(self, broken, students):
        assert broken("pattern", "student", "phone", pattern="mobile") == (3, {"2023003"})

    def test_range_with_today(self, broken, students):
        assert broken("range", "student", "birth_on", least="1900-01-01", most="今天") == (3, {"2023004"})

    def test_identity_number_check_digit_and_agreement(self, broken, students):
        assert broken("identity", "student", "id_number") == (3, {"2023003"})
        assert broken("identity", "student", "id_number", compare=True) == (3, {"2023002", "2023003"})


class TestRelations:
    def test_order_of_two_dates(self, broken, students):
        assert broken("order", "student", "enrolled_on", "left_on", op="le") == (1, set())
        assert broken("order", "student", "enrolled_on", "left_on", op="gt") == (1, {"2023002"})

    def test_implication(self, broken, students):
        who = {"field": "status", "is": "eq", "value": "02"}
        assert broken("implies", "student", when=who, then={"field": "left_on", "is": "filled"}) == (
            1,
            {"2023003"},
        )

    def test_reference_limited_to_current_units(self, broken, students, other_college):
        given = {"other": "organisation", "target": "code", "where": {"field": "valid_to", "is": "empty"}}
        assert broken("refers", "student", "department", **given) == (4, set())
        other_college.valid_to = timezone.localdate()
        other_college.save()
        assert broken("refers", "student", "department", **given) == (4, {"2023003", "2023004"})

    def test_rows_counted_in_another_subject(self, broken, classes):
        given = {"other": "student", "by": "admin_class", "function": "count", "op": "ge", "to_number": "1"}
        assert broken("counted", "admin_class", **given) == (2, {"C2"})
        least = {**given, "function": "min", "of": "grade", "op": "eq", "to_field": "grade", "to_number": ""}
        assert broken("counted", "admin_class", **least) == (1, set())
        Student.objects.filter(number="2023001").update(grade=2022)
        assert broken("counted", "admin_class", **least) == (1, {"C1"})


class TestSources:
    def test_the_merged_value_is_what_its_source_says(self, broken, departments):
        from yanta.hub.models import ElementValue
        from yanta.kernel.base import ciphers

        deliveries.take(deliveries.lines())
        checked, failing = broken("authority", "person", element="name")
        assert checked > 0
        assert failing == set()
        value = ElementValue.objects.filter(element="name", source__isnull=False).first()
        value.value, value.digest = "改过的名", ciphers.blind_index("改过的名")[:16]
        value.save()
        assert broken("authority", "person", element="name")[1] == {value.person.number}
        value.basis = ElementValue.Basis.CORRECTION
        value.save()
        assert broken("authority", "person", element="name") == (checked - 1, set())

    def test_silence_of_a_source(self, broken, departments):
        deliveries.take(deliveries.lines())
        spoken = set(Source.objects.filter(rows__isnull=False).values_list("code", flat=True))
        silent = set(Source.objects.values_list("code", flat=True)) - spoken
        assert broken("spoken", "data_source", days="3")[1] == silent

    def test_rows_that_nobody_touched(self, broken, students):
        Student.objects.filter(number="2023001").update(updated_at=timezone.now() - timedelta(days=40))
        assert broken("fresh", "student", days="30") == (4, {"2023001"})
        assert broken("fresh", "student", days="50") == (4, set())


REFUSED = [
    ("filled", "student", (), {}, None, "至少要选 1 项"),
    ("filled", "student", ("nothing",), {}, None, "没有“nothing”"),
    ("filled", "student", ("phone", "phone"), {}, None, "选了两次"),
    ("in_set", "student", ("number",), {}, None, "不能用“代码有效”"),
    ("length", "student", ("number",), {}, None, "至少填一项"),
    ("length", "student", ("number",), {"least": "9", "most": "3"}, None, "不能多于"),
    ("pattern", "student", ("number",), {"pattern": ".*(a+)+$"}, None, "从已有的写法"),
    ("range", "student", ("grade",), {"least": "甲"}, None, "应为数"),
    ("range", "student", ("grade",), {"least": "9", "most": "3"}, None, "不能大于上限"),
    ("order", "student", ("enrolled_on", "grade"), {"op": "le"}, None, "不是同类"),
    ("order", "student", ("number", "exam_number"), {"op": "lt"}, None, "只能比较是否相等"),
    ("implies", "student", (), {"then": {"field": "left_on", "is": "filled"}}, None, "写明前提"),
    ("implies", "student", (), {}, {"field": "status", "is": "eq", "value": "01"}, "写明结论"),
    ("refers", "student", ("grade",), {"other": "course", "target": "code"}, None, "不是同类"),
    ("refers", "student", ("id_number",), {"other": "course", "target": "code"}, None, "不能用“参照存在”"),
    ("counted", "admin_class", (), {"other": "student", "by": "admin_class", "function": "sum", "of": "number", "op": "eq",
     "to_number": "3"}, None, "只有数才能"),
    ("counted", "admin_class", (), {"other": "student", "by": "admin_class", "function": "count", "op": "eq"}, None, "其中之一"),
    ("fresh", "student", (), {"days": "0"}, None, "不能小于 1"),
    ("authority", "student", (), {"element": "name"}, None, "不适用于学生"),
    ("agree", "person", (), {"element": "name", "left": "x", "right": "x"}, None, "两个来源"),
    ("filled", "student", ("phone",), {}, {"field": "grade", "is": "eq", "value": "甲"}, "读不懂"),
    ("nonsense", "student", (), {}, None, "没有“nonsense”"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "subject", "fields", "parameters", "when", "said"), REFUSED)
def test_nonsense_is_refused_in_words(template, subject, fields, parameters, when, said):
    with pytest.raises(Refused, match=said):
        checks.check(checks.spec_of(template, subject, fields, parameters, when))


def test_said_as_a_clerk_says_it():
    spec = checks.spec_of("filled", "student", ("phone",), {}, {"field": "status", "is": "eq", "value": "01"})
    assert checks.sentence(spec) == "学籍状态为 在读的学生，手机号必须填写"
