"""Runs: what is new, persisting, repaired; samples masked; samples and increments; marks; suggestions; blocking rules."""

from __future__ import annotations

from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from django.utils import timezone

from yanta.hub.quality import public, queries, rules, services, suggesting
from yanta.hub.quality.models import FailingRow, Inspection, Order, Rule, Score, Standing, UnitResult
from yanta.hub.quality.resources import RuleResource
from yanta.hub.quality.services import runs
from yanta.hub.quality.views.boards import BoardView
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.people.models import Person
from yanta.masterdata.models import Student

SYSTEM = Actor.system("test")


@pytest.fixture
def inspect():
    def carried_out(subject: str = "", share: int = 100) -> Inspection:
        now = timezone.now()
        plan = runs.whole_plan(cause="demand", on=timezone.localdate(now), subject=subject, share=share)
        return runs.inspect(plan, actor=SYSTEM, now=now)

    return carried_out


class TestRules:
    def test_what_was_not_looked_at_stays_as_it_was(self):
        moved = rules.movement(before={1, 2, 3}, failing={2, 5}, judged={1, 2, 5})
        assert (moved.new, moved.persisting, moved.repaired, moved.standing) == ({5}, {2}, {1}, {2, 3, 5})

    def test_an_exempted_row_is_not_repaired(self):
        assert rules.movement(before={1, 2}, failing=set(), judged=None, exempt={1}).repaired == {2}

    def test_a_mark_weighs_by_severity_and_is_full_only_without_fault(self):
        assert rules.mark([("blocking", 10, 10), ("hint", 10, 0)]) == Decimal("11.11")
        assert rules.mark([("hint", 0, 0)]) is None
        assert rules.mark([("normal", 1_000_000, 1), ("normal", 10, 0)]) == Decimal("99.99")
        assert rules.mark([("normal", 5, 0)]) == 100


@pytest.mark.django_db
class TestInspect:
    def test_new_persisting_repaired_and_the_units_add_up(
        self, rule_of, students, inspect, college, other_college
    ):
        rule = rule_of("filled", "student", "phone")
        first = inspect().results.get()
        assert (first.checked, first.failed, first.new, first.persisting, first.repaired) == (4, 1, 1, 0, 0)
        second = inspect().results.get()
        assert (second.new, second.persisting) == (0, 1)
        Person.objects.filter(pk=students[1].person_id).update(phone="13800000000")
        Person.objects.filter(pk=students[2].person_id).update(phone="")
        third = inspect().results.get()
        assert (third.new, third.persisting, third.repaired) == (1, 0, 1)
        assert Standing.objects.get(rule=rule).rows == [students[2].pk]
        units = {one.unit: (one.checked, one.failed) for one in UnitResult.objects.filter(result=third)}
        assert units == {college: (2, 0), other_college: (2, 1)}

    def test_kept_rows_are_masked_and_of_their_unit(self, rule_of, students, inspect, other_college):
        rule_of("pattern", "student", "phone", pattern="mobile")
        inspect()
        row = FailingRow.objects.get()
        assert (row.key, row.unit, row.is_new) == ("2023003", other_college, True)
        assert "139-0000" not in str(row.values)

    def test_a_sample_judges_no_more_than_it_saw(self, rule_of, students, inspect):
        rule = rule_of("filled", "student", "phone")
        inspect()
        sampled = inspect(share=1)
        assert sampled.mode == "sample"
        assert sampled.results.get().checked < 4
        assert Standing.objects.get(rule=rule).rows == [students[1].pk]
        assert Order.objects.count() == 1

    def test_a_rule_that_cannot_be_carried_out_is_told_and_silences_no_other(
        self, rule_of, students, inspect
    ):
        rule_of("filled", "student", "phone")
        lost = rule_of("filled", "student", "bed")
        Rule.objects.filter(pk=lost.pk).update(fields=["no_more"])
        found = inspect()
        assert (found.rules, found.broken) == (2, 1)
        assert "没有“no_more”" in found.results.get(rule=lost).error

    def test_marks_of_school_and_departments(self, rule_of, students, inspect, college, other_college):
        rule_of("filled", "student", "phone", severity="severe")
        inspect()
        marks = {one.unit: one.value for one in Score.objects.filter(subject="")}
        assert marks == {None: Decimal("75.00"), college: Decimal("50.00"), other_college: Decimal("100.00")}
        assert public.score(college.pk) == Decimal("50.00")
        assert public.states(["student.phone", "student.bed"]) == {
            "student.phone": public.State(1, 1, "severe")
        }

    def test_only_the_sample_in_scope_is_previewed(self, students, clerk):
        from yanta.hub.quality import checks

        spec = checks.spec_of("filled", "student", ("bed",), {}, None)
        found = queries.preview(spec, clerk, now=timezone.now())
        assert (found.checked, found.failed) == (4, 4)
        assert {row.key for row in found.rows} == {"2023001", "2023002"}


@pytest.mark.django_db(transaction=True)
class TestLoaded:
    def test_only_the_rows_that_changed_and_rules_that_refer_to_them(
        self, rule_of, classes, students, inspect
    ):
        phone = rule_of("filled", "student", "phone")
        counted = rule_of(
            "counted",
            "admin_class",
            other="student",
            by="admin_class",
            function="count",
            op="ge",
            to_number="1",
        )
        rule_of("filled", "course", "name")
        inspect()
        Student.objects.filter(number="2023004").update(admin_class=classes[1])
        Person.objects.filter(pk=students[3].person_id).update(phone="")
        plan = runs.loaded_plan("student", on=timezone.localdate())
        found = {one.rule: one for one in runs.inspect(plan, actor=SYSTEM, now=timezone.now()).results.all()}
        assert set(found) == {phone, counted}
        assert (found[phone].checked, found[phone].new) == (1, 1)
        assert Standing.objects.get(rule=phone).rows == sorted([students[1].pk, students[3].pk])
        assert found[counted].repaired == 1

    def test_nothing_changed_nothing_done(self, rule_of, students, inspect):
        rule_of("filled", "student", "phone")
        inspect()
        assert runs.loaded_plan("student", on=timezone.localdate()) is None


@pytest.mark.django_db
class TestDefine:
    def test_a_rule_says_itself_and_is_kept_once(self, engineer, school):
        given = {
            "title": "手机",
            "template": "filled",
            "subject": "student",
            "owner": school,
            "fields": "phone",
        }
        rule = services.define(actor=engineer, **given)
        assert (rule.sentence, rule.dimension) == ("手机号必须填写", "complete")
        with pytest.raises(Refused, match="内容相同"):
            services.define(actor=engineer, **given)
        with pytest.raises(Refused, match="JSON"):
            services.define(actor=engineer, **{**given, "when": "{"})

    def test_a_student_may_not(self, student_actor, school):
        with pytest.raises(NotAllowed):
            services.define(
                actor=student_actor,
                title="x",
                template="filled",
                subject="student",
                owner=school,
                fields="phone",
            )

    def test_new_content_begins_with_a_clean_slate(self, engineer, rule_of, students, inspect):
        rule = rule_of("filled", "student", "phone")
        inspect()
        services.revise(rule, actor=engineer, title="床位", fields="bed")
        assert not Standing.objects.filter(rule=rule).exists()
        assert inspect().results.get().new == 4

    def test_what_is_disabled_is_not_carried_out(self, engineer, rule_of, students, inspect):
        rule = rule_of("filled", "student", "phone")
        services.disable(rule, actor=engineer, reason="停")
        with pytest.raises(Refused, match="没有启用的规则"):
            inspect()


@pytest.mark.django_db
class TestSuggestions:
    def test_the_dictionary_speaks_for_each_bound_field(self):
        found = {one.key: one for one in suggesting.suggestions()}
        assert found["student.status.in_set"].severity == "severe"
        assert "现行的代码" in found["student.status.in_set"].sentence
        assert "person.id_number.identity" in found
        # Whoever keeps the person's values is asked once, not at every role of the person.
        assert "student.phone.pattern" not in found

    def test_one_click_takes_them_once(self, engineer, school):
        from yanta.kernel.testing.factories import OrgUnitFactory

        OrgUnitFactory(parent=school, name="教务处")
        assert (
            services.accept(actor=engineer, suggestions="student.status.in_set,student.number.pattern")
            == "已采纳 2 条"
        )
        assert services.accept(actor=engineer, suggestions="student.status.in_set") == "已采纳 0 条"
        with pytest.raises(Refused, match="人事处"):
            services.accept(actor=engineer, suggestions="person.phone.pattern")


@pytest.mark.django_db
class TestGate:
    def broken(self, *, whole: bool = False, **columns: list[object]) -> list[tuple[object, object]]:
        table = ibis.memtable(pa.table({"place": list(range(len(columns["number"]))), **columns}))
        gate = public.gate("student", table.columns)
        found = gate.broken(table, whole=whole).order_by("place").to_pyarrow().to_pylist()
        return [(row["place"], row["told"] and row["told"].partition("：")[0]) for row in found]

    def test_only_blocking_rules_keep_a_row_out_the_others_count(self, rule_of):
        rule_of("filled", "student", "grade", severity="blocking")
        rule_of("filled", "student", "level", severity="severe")
        found = self.broken(number=["1", "2", "3"], grade=["", "2024", "2024"], level=["1", "", "1"])
        assert found == [(0, "违反质量规则“filled ('grade',)”"), (1, None)]

    def test_rules_over_all_rows_see_those_that_have_no_place(self, rule_of):
        rule_of("unique", "student", "exam_number", severity="blocking")
        gate = public.gate("student", ["place", "exam_number"])
        table = ibis.memtable(pa.table({"place": [0, 1, None], "exam_number": ["A", "B", "A"]}))
        assert gate.broken(table, whole=True).place.to_pyarrow().to_pylist() == [0]
        assert gate.of(whole=False) == []

    def test_text_is_read_in_the_subjects_types_and_sealed_values_in_clear(self, rule_of):
        rule_of("range", "student", "enrolled_on", most="2026-01-01", severity="blocking")
        rule_of("pattern", "student", "phone", pattern="mobile", severity="blocking")
        found = self.broken(
            number=["1", "2", "3"], enrolled_on=["2025-09-01", "2026-09-01", "2025-09-01"],
            phone=["\\x01", "\\x02", "\\x03"], phone__clear=["13900000000", "13900000000", "139"],
        )  # fmt: skip
        assert [place for place, _ in found] == [1, 2]

    def test_a_rule_without_its_columns_is_named_not_asked(self, rule_of):
        rule_of("filled", "student", "bed", severity="blocking")
        gate = public.gate("student", ["place", "number"])
        assert (gate.guards, gate.unasked) == ((), ("filled ('bed',)",))


class TestReadable:
    def test_a_rule_is_a_link_to_its_owners_and_to_whom_its_rows_belong(
        self, rule_of, students, inspect, clerk, clerk_of, college, other_college, school
    ):
        rule = rule_of("filled", "student", "phone", owner=school)
        inspect()
        FailingRow.objects.exclude(unit=college).delete()

        assert list(queries.readable_rules(clerk)) == [rule]
        assert not queries.readable_rules(clerk_of(other_college)).exists()
        assert list(queries.readable_rules(clerk_of(school))) == [rule]

    def test_who_may_not_revise_a_rule_is_not_led_to_the_workbench(self, rule_of, school, engineer, auditor):
        rule = rule_of("filled", "student", "phone", owner=school)
        edit = ("在工作台修改", f"/quality/rules/{rule.pk}/edit/")

        assert edit in RuleResource().pages_for(rule, engineer)
        assert edit not in RuleResource().pages_for(rule, auditor)

    def test_who_may_not_read_a_rule_sees_no_link_on_the_board(
        self, rf, rule_of, students, inspect, engineer, clerk_of, other_college, school
    ):
        rule = rule_of("filled", "student", "phone", owner=school)
        inspect()
        FailingRow.objects.all().delete()

        def board(actor):
            request = rf.get("/quality/")
            request.actor = actor
            return BoardView.as_view()(request).content.decode()

        assert f"/quality/rules/{rule.pk}/" in board(engineer)
        assert rule.sentence in board(clerk_of(other_college))
        assert f"/quality/rules/{rule.pk}/" not in board(clerk_of(other_college))
