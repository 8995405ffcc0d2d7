"""Figures out of subjects, by definition; definitions that are wrong are told where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from yanta.hub.reporting import calculation, definitions, formulas, inspection, layout, periods
from yanta.hub.reporting.tests.conftest import PACKAGE, TABLES, frozen
from yanta.kernel.base import Refused
from yanta.masterdata.models import Student

DAY = date(2026, 9, 30)


def problems_with(**changed: str) -> list[str]:
    package = definitions.read({"package": PACKAGE, **TABLES, **changed})
    return [one.number for one in inspection.problems(package)]


class TestFormulas:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("a + b * 2", 11), ("(a + b) * 2", 16), ("-a", -5), ("a / 0", None), ("a + c", None)],
    )
    def test_what_it_comes_to(self, text, value):
        known = {"a": Decimal(5), "b": Decimal(3)}
        assert formulas.value(text, known.get) == value

    @pytest.mark.parametrize("text", ["a +", "f(a)", "a ** b", "'x'", "a if b else c", "[a]"])
    def test_nothing_but_arithmetic(self, text):
        with pytest.raises(Refused, match="公式"):
            formulas.parsed(text)


class TestPeriods:
    def test_dates_of_the_day(self):
        written = {"all": [{"value": "{on-30y}"}, {"value": ["{year}", "{year-1}"]}]}
        settled = periods.settled(written, date(2024, 2, 29))
        assert settled == {"all": [{"value": "1994-02-28"}, {"value": ["2024", "2023"]}]}


class TestDefinitions:
    def test_those_that_are_shipped_hold(self, db):
        for one in definitions.packages():
            assert [str(found) for found in inspection.problems(one)] == []

    @pytest.mark.parametrize(
        ("table", "old", "new", "number"),
        [
            ("A", 'subject = "student"', 'subject = "nobody"', "report.E006"),
            ("A", 'field = "sex"', 'field = "sexx"', "report.E008"),
            ("B", 'by = "department"', 'by = "faculty"', "report.E009"),
            ("D", 'field = "number"', 'field = "nummer"', "report.E010"),
            ("D", 'field = "number"', 'field = "phone"', "report.E011"),
            ("A", 'title = "总计"', 'title = "总计"\nmeasure = "median:grade"', "report.E013"),
            ("A", 'title = "总计"', 'title = "总计"\nmeasure = "sum:bed"', "report.E015"),
            ("A", 'formula = "n - w"', 'formula = "n - x"', "report.E017"),
            ("A", 'formula = "n - w"', 'formula = "m - w"', "report.E018"),
            ("A", 'left = "w"', 'left = "v"', "report.E023"),
            ("D", "is_dictionary = true", "", None),
            ("B", 'owner = "学工部"', "is_dictionary = true", "report.E003"),
        ],
    )
    def test_a_fault_is_told_by_number(self, db, table, old, new, number):
        found = problems_with(**{table: TABLES[table].replace(old, new)})
        assert (number in found) if number else found == []

    def test_the_header_merges_as_the_paths_say(self):
        table = definitions.read({"package": PACKAGE, **TABLES}).table("A")
        first, second = layout.head_rows(table)
        assert [(one.text, one.rows, one.columns) for one in first] == [
            ("项目", 2, 1),
            ("人数", 1, 2),
            ("男生数", 2, 1),
        ]
        assert [one.text for one in second] == ["计", "其中：女"]


@pytest.mark.django_db
class TestCompute:
    def test_counts_groups_and_formulas(self, package, students, college, other_college):
        result = calculation.compute(package, {"now": DAY})
        assert result.values["A"] == {
            "zj.n": 5, "zj.w": 2, "zj.m": 3, "xin.n": 2, "xin.w": 2, "xin.m": 0, "lao.n": 3, "lao.w": 0, "lao.m": 3,
        }  # fmt: skip
        titles = {line.title: result.values["B"].get(f"{line.code}.n") for line in result.lines["B"]}
        assert titles == {"总计": 5, college.name: 3, other_college.name: 2}
        assert "zj.cj" not in result.values["B"]

    def test_lists_speak_names_and_count_themselves(self, package, students):
        result = calculation.compute(package, {"now": DAY})
        assert result.lists["D"]["xb"].to_pylist()[:2] == ["男性", "女性"]
        assert result.value("D.list.count") == 5

    def test_a_frozen_day_stays_what_it_was(self, package, students):
        frozen(DAY)
        students[0].delete()
        Student.objects.filter(number="S1").update(grade=2001)
        then = calculation.compute(package, {"9-30": DAY})
        now = calculation.compute(package, {"now": DAY})
        assert (then.value("A.zj.n"), then.value("A.xin.n")) == (5, 2)
        assert (now.value("A.zj.n"), now.value("A.xin.n")) == (4, 1)
        assert then.snapshots
        assert not now.snapshots

    def test_sums_and_averages(self, package, students):
        changed = TABLES["A"].replace('title = "总计"', 'title = "总计"\nmeasure = "sum:grade"').replace(
            'title = "新生"', 'title = "新生"\nmeasure = "avg:grade"'
        )  # fmt: skip
        read = definitions.read({"package": PACKAGE, **TABLES, "A": changed})
        values = calculation.compute(read, {"now": DAY}).values["A"]
        assert (values["zj.n"], values["xin.n"]) == (2025 + 2026 + 2026 + 2024, 2026)
