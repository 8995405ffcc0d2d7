"""Subjects: derived from the models, read as sets, filtered by one language, followed by history."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import date

import pytest
from django.db import connection, transaction

from yanta.hub import subjects
from yanta.hub.subjects import Level, conditions
from yanta.kernel.base import Refused
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import OrgUnitFactory, PersonFactory
from yanta.masterdata.models import Student


@pytest.fixture
def students(college, other_college):
    lab = OrgUnitFactory(parent=college)
    made = []
    for place, (unit, sex, grade) in enumerate(
        [(college, "1", 2023), (lab, "2", 2024), (other_college, "", None)]
    ):
        person = PersonFactory(sex=sex, phone=f"1390000000{place}", birth_on=date(2005, 1, place + 1))
        made.append(
            Student.objects.create(number=f"S{place}", person=person, department=unit, grade=grade, level="2")
        )
    return made


@pytest.fixture
def subject():
    return subjects.subject("student")


class TestDerived:
    def test_own_fields_natural_keys_and_the_persons_fields(self, subject):
        assert subject.key == "number"
        assert subject.field("department").path == "department__code"
        assert subject.field("department_name").path == "department__name"
        assert subject.field("sex").element == "XBM"
        assert subject.field("sex").owner == "人事处"
        assert subject.field("number").element == "JCXS0101.XH"
        assert subject.field("person_number").path == "person__number"

    def test_what_hurts_more_is_graded_higher(self, subject):
        levels = [subject.field(name).level for name in ("grade", "birth_on", "id_number")]
        assert levels == [Level.INTERNAL, Level.SENSITIVE, Level.HIGH]
        assert subjects.subject("course").field("name").level == Level.PUBLIC

    def test_plumbing_is_no_field(self):
        for one in subjects.all_subjects():
            names = [field.name for field in one.fields]
            assert len(names) == len(set(names))
            assert not {"id", "created_at", "path", "phone_index"} & set(names)

    def test_unknown_names_are_refused_in_words(self, subject):
        with pytest.raises(Refused, match="没有名为"):
            subjects.subject("nobody")
        with pytest.raises(Refused, match="没有“nothing”"):
            subject.field("nothing")


@pytest.mark.django_db
class TestRead:
    def test_every_subject_reads(self):
        for one in subjects.all_subjects():
            table = subjects.read(one).read_all()
            assert table.column_names[2:] == [field.name for field in one.fields]

    def test_values_types_and_the_owning_unit(self, subject, students, college):
        table = subjects.read(subject, ["number", "sex", "grade", "birth_on", "department"]).read_all()
        first = table.to_pylist()[0]
        assert first == {
            "id": students[0].pk, "unit_path": college.path, "number": "S0", "sex": "1", "grade": 2023,
            "birth_on": date(2005, 1, 1), "department": college.code,
        }  # fmt: skip
        assert table.to_pylist()[2]["grade"] is None
        assert table.to_pylist()[2]["sex"] == ""

    def test_sealed_values_meet_as_digests_and_open_only_when_asked(self, subject, students):
        closed = subjects.read(subject, ["phone"]).read_all()["phone"].to_pylist()
        assert len(set(closed)) == 3
        assert not any("139" in value for value in closed)
        opened = subjects.read(subject, ["phone"], clear=True).read_all()["phone"].to_pylist()
        assert opened == ["13900000000", "13900000001", "13900000002"]

    def test_only_the_rows_asked_for(self, subject, students):
        rows = subject.rows().filter(number="S1")
        assert subjects.read(subject, ["number"], rows).read_all()["number"].to_pylist() == ["S1"]


CASES = [
    ({"all": []}, {"S0", "S1", "S2"}),
    ({"field": "grade", "is": "ge", "value": 2024}, {"S1"}),
    ({"field": "grade", "is": "ne", "value": 2024}, {"S0", "S2"}),
    ({"not": {"field": "grade", "is": "gt", "value": 2023}}, {"S0", "S2"}),
    ({"field": "grade", "is": "between", "value": [2023, 2024]}, {"S0", "S1"}),
    ({"field": "sex", "is": "empty"}, {"S2"}),
    ({"field": "sex", "is": "filled"}, {"S0", "S1"}),
    ({"field": "sex", "is": "in", "value": ["1", "2"]}, {"S0", "S1"}),
    ({"field": "sex", "is": "not_in", "value": ["1"]}, {"S1", "S2"}),
    ({"field": "number", "is": "starts", "value": "S1"}, {"S1"}),
    ({"field": "number", "is": "contains", "value": "2"}, {"S2"}),
    ({"field": "phone", "is": "eq", "value": "13900000001"}, {"S1"}),
    ({"field": "phone", "is": "not_in", "value": ["13900000001"]}, {"S0", "S2"}),
    ({"field": "birth_on", "is": "lt", "value": "2005-01-02"}, {"S0"}),
    ({"any": [{"field": "sex", "is": "eq", "value": "1"}, {"field": "grade", "is": "empty"}]}, {"S0", "S2"}),
]


@pytest.mark.django_db
class TestConditions:
    @pytest.mark.parametrize(("condition", "kept"), CASES, ids=[str(one) for one, _ in CASES])
    def test_the_database_and_the_engine_agree(self, subject, students, condition, kept):
        conditions.check(subject, condition)
        table = subjects.relation(subject, ["number", "sex", "grade", "phone", "birth_on"])
        by_engine = table.filter(conditions.expression(table, subject, condition)).number.to_pyarrow()
        by_database = subject.rows().filter(conditions.q(subject, condition)).values_list("number", flat=True)
        assert set(by_engine.to_pylist()) == set(by_database) == kept

    def test_a_unit_includes_what_stands_under_it(self, subject, students, college):
        condition = {"field": "department", "is": "under", "value": college.code}
        table = subjects.relation(subject, ["number", "department"])
        found = table.filter(conditions.expression(table, subject, condition)).number.to_pyarrow().to_pylist()
        assert set(found) == {"S0", "S1"}

    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            ({"field": "nothing", "is": "eq", "value": 1}, "没有“nothing”"),
            ({"field": "grade", "is": "like", "value": 1}, "没有“like”"),
            ({"field": "grade", "is": "eq", "value": "甲"}, "读不懂"),
            ({"field": "phone", "is": "contains", "value": "139"}, "加密保存"),
            ({"field": "grade", "is": "contains", "value": "2"}, "不是文字"),
            ({"field": "sex", "is": "under", "value": "2"}, "不是单位"),
            ({"field": "grade", "is": "in", "value": 2}, "一组值"),
            ({"every": []}, "条件写法有误"),
        ],
    )
    def test_refusals_in_words(self, subject, condition, said):
        with pytest.raises(Refused, match=said):
            conditions.check(subject, condition)

    def test_said_as_a_clerk_says_it(self, subject, college):
        condition = {"all": [
            {"field": "sex", "is": "eq", "value": "2"}, {"field": "grade", "is": "ge", "value": 2023},
            {"field": "department", "is": "under", "value": college.code}, {"field": "phone", "is": "filled"},
        ]}  # fmt: skip
        said = conditions.words(subject, condition)
        assert said == f"性别为 女性，且年级不小于 2023，且学院属于（含下级） {college.name}，且手机号已填"


@pytest.mark.django_db(transaction=True)
class TestChanges:
    def test_whoever_writes_and_wherever_the_value_lies(self, subject, students):
        start = subjects.position(subject)
        Student.objects.filter(number="S0").update(grade=2020)
        Person.objects.filter(pk=students[1].person_id).update(phone="13811112222")
        found = subjects.changes(subject, start)
        assert found.ids == sorted([students[0].pk, students[1].pk])
        assert not subjects.changes(subject, found.position)

    def test_a_deleted_row_is_told_by_its_key(self, subject, students):
        start, key = subjects.position(subject), students[2].pk
        students[2].delete()
        found = subjects.changes(subject, start)
        assert (found.ids, found.gone, found.gone_ids) == ([], ["S2"], [key])

    def test_a_transaction_that_commits_late_is_not_passed_over(self, subject, students):
        start = subjects.position(subject)
        written, may_commit = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                Student.objects.filter(number="S0").update(grade=2001)
                written.set()
                may_commit.wait(10)
            connection.close()

        late = threading.Thread(target=slow)
        late.start()
        written.wait(10)
        Student.objects.filter(number="S1").update(grade=2002)
        during = subjects.changes(subject, start)
        may_commit.set()
        late.join()
        after = subjects.changes(subject, during.position)
        assert set(during.ids) | set(after.ids) == {students[0].pk, students[1].pk}
        assert students[0].pk in after.ids

    def test_a_transaction_that_is_open_alone_is_not_passed_over(self, subject, students):
        start = subjects.position(subject)
        with _another() as late:
            late.execute("UPDATE masterdata_student SET grade = 2001 WHERE number = 'S0'")
            during = subjects.changes(subject, start)
            again = subjects.changes(subject, during.position)
            late.execute("COMMIT")
        after = subjects.changes(subject, again.position)
        assert (during.ids, again.ids, after.ids) == ([], [], [students[0].pk])
        assert not subjects.changes(subject, after.position)

    def test_a_position_taken_beside_an_open_transaction_keeps_its_changes(self, subject, students):
        with _another() as late:
            late.execute("UPDATE masterdata_student SET grade = 2001 WHERE number = 'S0'")
            start = subjects.position(subject)
            late.execute("COMMIT")
        assert students[0].pk in subjects.changes(subject, start).ids

    def test_one_inside_a_transaction_of_its_own_waits_for_the_others_only(self, subject, students):
        start = subjects.position(subject)
        with transaction.atomic(), _another() as late:
            Student.objects.filter(number="S1").update(grade=2002)
            settled = subjects.changes(subject, start)
            late.execute("UPDATE masterdata_student SET grade = 2001 WHERE number = 'S0'")
            during = subjects.changes(subject, settled.position)
            late.execute("COMMIT")
        assert (settled.ids, during.ids) == ([students[1].pk], [])
        assert subjects.changes(subject, during.position).ids == [students[0].pk]

    def test_a_frozen_view_is_refused(self, subject, students):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            with pytest.raises(RuntimeError, match="read committed"):
                subjects.position(subject)


@contextmanager
def _another():
    """A second session in the middle of a transaction."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            yield cursor
    finally:
        other.close()
