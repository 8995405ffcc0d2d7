"""Two snapshots beside each other: counts that add up, rows within rights, nothing sealed."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from yanta.hub import subjects
from yanta.hub.snapshots import comparing, services
from yanta.hub.snapshots.comparing import Side
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


@pytest.fixture
def student():
    return subjects.subject("student")


@pytest.fixture
def before(college, other_college, student):
    for place, unit in enumerate((college, college, other_college)):
        person = PersonFactory(name=f"甲{place}", phone=f"1390000000{place}")
        Student.objects.create(number=f"S{place}", person=person, department=unit, grade=2023)
    snapshot = services.announce("manual", date(2026, 1, 1), actor=Actor.system("test"), basis="live")
    return Side(services.take(snapshot, chosen=[student]))


@pytest.fixture
def changed(before, college):
    """One gone, one new, one of another grade with another phone."""
    Student.objects.get(number="S2").delete()
    Student.objects.create(number="S9", person=PersonFactory(name="乙"), department=college, grade=2026)
    moved = Student.objects.get(number="S1")
    Student.objects.filter(pk=moved.pk).update(grade=2024)
    Person.objects.filter(pk=moved.person_id).update(phone="13811112222")
    return before


class TestCounts:
    def test_add_up_by_kind_unit_and_field(self, changed, student, college, other_college):
        found = comparing.compare(changed, Side(None), student)
        assert (found.before, found.after) == (3, 3)
        assert (found.added, found.gone, found.changed, found.unchanged) == (1, 1, 1, 1)
        assert {one[1]: one[2:] for one in found.units} == {
            college.name: (1, 0, 1),
            other_college.name: (0, 1, 0),
        }
        assert {field.name: count for field, count in found.fields} == {"grade": 1, "phone": 1}

    def test_nothing_differs_from_itself(self, before, student):
        found = comparing.compare(before, before, student)
        assert (found.added, found.gone, found.changed, found.unchanged) == (0, 0, 0, 3)


class TestRows:
    def test_what_was_and_what_is_without_what_is_sealed(self, changed, student):
        found, total = comparing.rows(changed, Side(None), student, "changed", actor=Actor.system("test"))
        assert total == 1
        assert found[0].key == "S1"
        assert found[0].changes == (("年级", "2023", "2024"), ("手机号", "（加密）", "（加密）"))

    def test_only_ones_own_units_rows(self, changed, student, clerk, other_college, clerk_of):
        own, _ = comparing.rows(changed, Side(None), student, "added", actor=clerk)
        assert [one.key for one in own] == ["S9"]
        assert comparing.rows(changed, Side(None), student, "gone", actor=clerk) == ([], 0)
        theirs, _ = comparing.rows(changed, Side(None), student, "gone", actor=clerk_of(other_college))
        assert [one.key for one in theirs] == ["S2"]
        assert comparing.rows(changed, Side(None), student, "gone", actor=Actor.nobody()) == ([], 0)

    def test_an_unknown_kind_or_field_is_refused(self, before, student):
        for kind, field in (("lost", ""), ("changed", "nothing")):
            with pytest.raises(Refused, match="没有这种差异"):
                comparing.rows(before, before, student, kind, actor=Actor.system("test"), field=field)


class TestPages:
    @pytest.fixture
    def client(self, college):
        account = AccountFactory(person=PersonFactory(home_unit=college))
        RoleGrantFactory(account=account, role="engineer", org_unit=None)
        client = Client(headers={"Accept-Language": "zh-hans"})
        client.force_login(account)
        return client

    def test_the_receipt_the_proof_and_the_comparison(self, client, changed):
        pk = changed.snapshot.pk
        assert "验证通过" in client.get(f"/snapshots/{pk}/?verify=1").content.decode()
        assert client.get(f"/snapshots/{pk}/receipt.json").json()["sm3"] == changed.snapshot.digest
        page = client.get(
            f"/snapshots/compare/?before={pk}&after=now&subject=student&kind=changed"
        ).content.decode()
        assert "新增 1，减少 1，变更 1" in page
        told = client.get(f"/api/v1/snapshots/comparison/?before={pk}&subject=student").json()
        assert (told["added"], told["gone"], told["changed"]) == (1, 1, 1)

    def test_the_file_holds_the_same_rows(self, client, changed):
        answer = client.get(
            f"/snapshots/compare/?before={changed.snapshot.pk}&subject=student&kind=changed&format=csv"
        )
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert "S1,甲1" in text
        assert "13811112222" not in text
