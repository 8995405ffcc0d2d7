"""Who sees which timetable, and as what."""

import io
from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import AccountFactory, RoleGrantFactory
from yanta.masterdata.models import AdminClass, Campus, StaffMember, Student, Term
from yanta.systems.timetables import services
from yanta.systems.timetables.models import Period, Version
from yanta.systems.timetables.queries import dated
from yanta.systems.timetables.rules import dates


def signed_in(actor):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def client_of(person, role, unit):
    account = AccountFactory(person=person)
    RoleGrantFactory(account=account, role=role, org_unit=unit)
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(account)
    return client


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert len(answer.content) < 30_000
    return answer.content.decode()


@pytest.fixture
def published(arranged, registry):
    services.publish(arranged, actor=registry)
    return arranged


@pytest.fixture
def a_student(published, college):
    student = Student.objects.filter(admin_class__in=published.placements.first().classes).first()
    return client_of(student.person, "student", college)


@pytest.fixture(autouse=True)
def _in_term(term):
    """All of it happens in the term's third week, whatever day it is."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday() + 14)
    Term.objects.filter(pk=term.pk).update(starts_on=monday, ends_on=monday + timedelta(days=139))


class TestWeeks:
    def test_a_student_sees_the_class_in_its_week(self, a_student, published):
        page = text(a_student, "/timetables/mine/?week=3")

        assert published.placements.first().course.name in page
        assert "第 3 周" in page

    def test_a_draft_is_seen_by_nobody(self, arranged, college):
        student = Student.objects.filter(admin_class__in=arranged.placements.first().classes).first()

        assert "还没有发布" in text(client_of(student.person, "student", college), "/timetables/mine/")

    def test_a_student_is_refused_others(self, a_student, published):
        group = AdminClass.objects.first()

        assert a_student.get(f"/timetables/of/class/{group.pk}/").status_code == 403
        for page in ("board", "compare", "use", f"place/{published.placements.first().pk}"):
            assert a_student.get(f"/timetables/{page}/").status_code == 403, page

    def test_the_registry_sees_teacher_class_and_room(self, published, registry):
        row = published.placements.select_related("course").filter(room__isnull=False).first()
        client = signed_in(registry)

        for kind, key in (("teacher", row.teachers[0]), ("class", row.classes[0]), ("room", row.room_id)):
            assert row.course.name in text(client, f"/timetables/of/{kind}/{key}/?week=0")

    def test_the_records_lead_there(self, published, registry, a_student):
        room = published.placements.filter(room__isnull=False).first().room_id
        link = f"/timetables/of/room/{room}/"

        assert link in signed_in(registry).get(f"/masterdata/room/{room}/").content.decode()
        assert link not in a_student.get(f"/masterdata/room/{room}/").content.decode()

    def test_as_a_sheet(self, a_student, published):
        answer = a_student.get("/timetables/mine/?format=xlsx")

        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert rows[0][:4] == ["星期", "节次", "周次", "课程"]
        assert len(rows) > 1


class TestCalendar:
    def test_lessons_go_with_the_clock_into_the_calendar_of_the_person(self, a_student, published):
        campus = Campus.objects.first()
        for number in range(1, 13):
            Period.objects.create(
                campus=campus, number=number, starts_at=time(7 + number), ends_at=time(7 + number, 45)
            )
        term = published.term
        student = Student.objects.filter(admin_class__in=published.placements.first().classes).first()

        entries = list(dated.lessons_of(student.person_id, term.starts_on, term.ends_on))

        assert len(entries) > 10
        assert all(one.ends > one.starts for one in entries)
        assert 'href="/calendar/follow/"' in text(a_student, "/timetables/mine/")

    def test_holidays_are_left_out_and_made_up(self):
        monday, saturday = date(2026, 9, 7), date(2026, 9, 12)
        off = [dates.DayOff(monday, monday), dates.DayOff(saturday, saturday, monday)]

        assert dates.dates_of(monday, []) == [monday]
        assert dates.dates_of(monday, off) == [saturday]


class TestBoard:
    def test_the_registry_sees_the_receipt_and_moves_a_meeting(self, arranged, registry):
        client = signed_in(registry)
        row = arranged.placements.first()

        assert "账目相符" in text(client, f"/timetables/board/?version={arranged.pk}")
        assert "没有硬冲突" in text(client, f"/timetables/board/?version={arranged.pk}")
        page = text(client, f"/timetables/place/{row.pk}/")
        target = page.split('name="to" value="')[1].split('"')[0]
        assert client.post(f"/timetables/place/{row.pk}/", {"to": target}).status_code == 302

        row.refresh_from_db()
        assert f"{row.weekday}-{row.first_period}-{row.room_id or 0}" == target

    def test_the_board_shows_every_meeting_what_is_not_placed_first(self, arranged, registry):
        client, row = signed_in(registry), arranged.placements.last()
        arranged.placements.filter(pk=row.pk).update(
            weekday=None, first_period=None, room=None, problem="没有空教室"
        )

        page, missing = (
            text(client, f"/timetables/board/?version={arranged.pk}{more}") for more in ("", "&missing=1")
        )

        places = [f"/timetables/place/{one.pk}/" for one in arranged.placements.all()]
        assert all(place in page for place in places[:5])
        assert page.index(f"/timetables/place/{row.pk}/") == min(
            page.index(one) for one in places if one in page
        )
        assert [place for place in places if place in missing] == [f"/timetables/place/{row.pk}/"]

    def test_a_conflict_is_answered_in_words(self, arranged, registry):
        row = arranged.placements.first()
        other = (
            arranged.placements.filter(classes__overlap=row.classes)
            .exclude(section_id=row.section_id)
            .first()
        )

        answer = signed_in(registry).post(
            f"/timetables/place/{row.pk}/", {"to": f"{other.weekday}-{other.first_period}-{row.room_id or 0}"}
        )

        assert answer.status_code == 409
        assert "这时要上" in answer.content.decode()

    def test_versions_and_use(self, published, registry):
        client = signed_in(registry)
        made = services.copy(published, actor=registry, name="二版")

        assert "两个版本一样" in text(client, f"/timetables/compare/?after={made.pk}&before={published.pk}")
        assert "最忙" in text(client, "/timetables/use/")

    def test_without_versions_every_page_says_so(self, registry, db):
        client = signed_in(registry)

        for page in ("board", "compare", "use", "mine"):
            text(client, f"/timetables/{page}/")
        assert not Version.objects.exists()
        assert not StaffMember.objects.filter(person=registry.person_id).exists()
