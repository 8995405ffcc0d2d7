"""Subjects as they were: changed, deleted and linked rows; sealed values only as digests; the way back of a value."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.lineage import asof, graph, tracing
from yanta.hub.lineage.shapes import Node
from yanta.hub.models import Source
from yanta.kernel.base import Refused
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.masterdata.models import Student

PHONE = "13900000001"


@pytest.fixture
def subject():
    return subjects.subject("student")


@pytest.fixture
def student(college):
    person = PersonFactory(name="张三", phone=PHONE, home_unit=college, birth_on=date(2005, 1, 1))
    return Student.objects.create(number="S1", person=person, department=college, level="3", grade=2023)


# The history stamps the transaction's instant, so instants apart need transactions apart.
@pytest.mark.django_db(transaction=True)
class TestAsOf:
    def test_now_is_what_is_there(self, subject, student):
        found = asof.as_of(subject, timezone.now())
        assert found.equals(subjects.read(subject).read_all())

    def test_a_row_and_what_it_links_to_as_they_were(self, subject, student, other_college, college):
        then = timezone.now()
        Student.objects.update(grade=2024, department=other_college)
        Person.objects.filter(pk=student.person_id).update(name="张叁")
        (row,) = asof.as_of(subject, then, ["grade", "name", "department"]).to_pylist()
        assert (row["grade"], row["name"], row["department"], row["unit_path"]) == (
            2023,
            "张三",
            college.code,
            college.path,
        )
        (now,) = asof.as_of(subject, timezone.now(), ["grade", "name", "department"]).to_pylist()
        assert (now["grade"], now["name"], now["department"]) == (2024, "张叁", other_college.code)

    def test_a_deleted_row_is_there_before_and_not_after(self, subject, student):
        then, pk = timezone.now(), student.pk
        student.delete()
        assert asof.as_of(subject, then, ["number"])["number"].to_pylist() == ["S1"]
        assert asof.as_of(subject, timezone.now(), ["number"]).num_rows == 0
        assert asof.as_of(subject, then, ["number"], rows=[pk + 1]).num_rows == 0

    def test_before_its_time_there_is_nothing(self, subject, student):
        assert asof.as_of(subject, timezone.now() - timezone.timedelta(days=9)).num_rows == 0

    def test_sealed_values_are_digests_that_tell_changes_apart(self, subject, student):
        then = timezone.now()
        person = Person.objects.get(pk=student.person_id)
        person.phone = "13900000002"
        person.save()
        old, new = (
            asof.as_of(subject, at, ["phone"])["phone"].to_pylist()[0] for at in (then, timezone.now())
        )
        assert old != new
        assert PHONE not in old
        assert old == subjects.read(subject, ["phone"]).read_all()["phone"].to_pylist()[0] or old.startswith(
            "\\x"
        )

    def test_difference_of_two_instants(self, subject, student, college):
        then = timezone.now()
        Student.objects.update(grade=2024)
        other = Student.objects.create(number="S2", person=PersonFactory(), department=college, level="3")
        pk, between = other.pk, timezone.now()
        other.delete()
        found = asof.difference(subject, then, between)
        assert (found.before, found.after, found.came) == (1, 2, [(pk, "S2")])
        assert found.changed == [(student.pk, "S1", ["年级"])]
        assert asof.difference(subject, between, timezone.now()).gone == [(pk, "S2")]

    def test_what_keeps_no_history_is_refused(self):
        from yanta.hub.quality.checks import SOURCE

        class Bare:
            history = False

        with pytest.raises(Refused, match="没有保留历史"):
            asof.as_of(subjects.Subject("x", "无", Bare, "", "id", SOURCE.fields), timezone.now())

    def test_the_way_back_names_every_write(self, subject, student):
        Student.objects.update(grade=2024)
        found = tracing.trace(subject, subject.field("grade"), Student.objects.get())
        assert (found.value, [one.value for one in found.writes]) == ("2024", ["2024", "2023"])
        phone = tracing.trace(subject, subject.field("phone"), Student.objects.get())
        assert phone.value == "139****0001"
        assert PHONE not in str(phone.writes)
        assert (phone.person, phone.element.name) == (student.person, "phone")


@pytest.mark.django_db
class TestPages:
    def client(self, role: str, unit) -> Client:
        account: Account = AccountFactory(person=PersonFactory(home_unit=unit))
        RoleGrantFactory(account=account, role=role, org_unit=unit)
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(account)
        return client

    def test_a_record_only_within_ones_scope(self, student, college, other_college):
        path = f"/lineage/then/student/{student.pk}/"
        assert self.client("clerk", college).get(path).status_code == 200
        assert self.client("clerk", other_college).get(path).status_code == 404
        value = f"/lineage/value/student/{student.pk}/phone/"
        assert PHONE not in self.client("clerk", college).get(value).content.decode()
        assert self.client("clerk", other_college).get(value).status_code == 404

    def test_a_node_leads_on_only_whom_its_address_lets_in(self, college, other_college, monkeypatch):
        card = Source.objects.create(code="card", title="一卡通", owner=other_college)
        node = Node("source", "source:card", "一卡通", f"/hub/source/{card.pk}/")
        monkeypatch.setattr(graph, "whole", lambda: graph.built([([node], [])]))
        page = self.client("engineer", None).get("/lineage/?key=source:card").content.decode()
        assert node.link in page
        assert (
            node.link not in self.client("clerk", college).get("/lineage/?key=source:card").content.decode()
        )

    def test_graph_impact_rows_and_history_by_role(self, student, college):
        clerk, engineer, nobody = (self.client(role, college) for role in ("clerk", "engineer", "student"))
        for path in (
            "/lineage/",
            "/lineage/?key=field:student.phone",
            "/lineage/impact/?key=codeset:GBT2261_1_XB",
        ):
            assert clerk.get(path).status_code == 200
            assert nobody.get(path).status_code == 403
        assert "S1" in clerk.get("/lineage/rows/?key=field:student.phone").content.decode()
        answer = clerk.get("/lineage/impact/?key=codeset:GBT2261_1_XB&format=csv")
        assert "学生 · 性别" in answer.content.decode("utf-8-sig")
        assert clerk.get("/lineage/then/").status_code == 403
        assert engineer.get("/lineage/then/?subject=student").status_code == 200
