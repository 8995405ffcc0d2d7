"""The pages of a term, and who sees them."""

import io
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from yanta.kernel.identity.models import Account
from yanta.kernel.testing.factories import AccountFactory, RoleGrantFactory
from yanta.masterdata.models import AdminClass, Student
from yanta.systems.offerings.models import Teaching

PAGES = ("board", "checks", "workload")


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


class TestTermPages:
    def test_the_registry_sees_progress_clashes_and_work(self, season, registry, teacher):
        section = Teaching._meta.get_field("section").related_model.objects.order_by("number").first()
        Teaching.objects.create(section=section, teacher=teacher(), share=1)
        client = signed_in(registry)

        assert "待确认" in text(client, "/offerings/board/")
        assert "账目相符" in text(client, "/offerings/board/")
        assert "还没有教师" in text(client, "/offerings/checks/")
        assert "没有可用的" in text(client, "/offerings/checks/?kind=room")
        assert "标准学时" in text(client, "/offerings/workload/")

    def test_another_college_sees_nothing_of_it(self, ready, acting, other_college):
        client = signed_in(acting("clerk", other_college))

        assert "数学" not in text(client, "/offerings/checks/")
        assert "还没有安排教师" in text(client, "/offerings/workload/")
        assert "还没有开课" in text(client, "/offerings/board/")

    def test_a_student_is_refused(self, season, student_actor):
        for page in PAGES:
            assert signed_in(student_actor).get(f"/offerings/{page}/").status_code == 403

    def test_before_anything_is_prepared_the_pages_say_so(self, registry):
        for page in PAGES:
            assert "还没有开课工作" in text(signed_in(registry), f"/offerings/{page}/")

    def test_the_work_comes_as_a_sheet(self, ready, registry):
        content = signed_in(registry).get("/offerings/workload/?format=xlsx").content

        cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert len(cells) == 1 + Teaching.objects.count()
        assert cells[0][0] == "工号"

    def test_more_sections_ask_no_more(self, ready, registry, clerk):
        from yanta.systems.offerings import services
        from yanta.systems.offerings.models import Section

        client = signed_in(registry)

        def asked(page):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/offerings/{page}/").status_code == 200
            return len(queries)

        few = {page: asked(page) and asked(page) for page in PAGES}
        for section in list(Section.objects.filter(status="open")):
            services.split(section, actor=clerk, into=2)

        assert {page: asked(page) for page in PAGES} == few

    def test_the_calendar_is_open_to_everybody(self, term, student_actor):
        assert "18 个教学周" in text(signed_in(student_actor), "/offerings/calendar/")


class TestOwn:
    def test_a_teacher_reads_what_to_teach(self, ready, college):
        teaching = Teaching.objects.filter(section__offering__course__name="数学").get()

        page = text(client_of(teaching.teacher.person, "teacher", college), "/offerings/mine/")

        assert "数学" in page
        assert "物理实验" not in page

    def test_a_student_reads_the_courses_of_the_class(self, ready, college):
        student = Student.objects.filter(admin_class__code="C1").first()

        page = text(client_of(student.person, "student", college), "/offerings/mine/")

        assert "数学" in page
        assert "1-16" in page

    def test_the_classes_courses_are_under_way_in_the_audit(self, ready, cohort, clock):
        clock.set(2026, 11, 20)
        student = Student.objects.filter(admin_class__code="C1").first()
        # No system imports another's queries, so the two meet here by name.
        progress = import_module("yanta.systems.curricula.queries.progress")
        plan = progress.plan_of(student)

        whole = progress.audits(plan, [student.pk])[student.pk].whole

        assert (whole.earned, whole.under_way, whole.lack_after.credits) == (0, 4, 2)

    @pytest.mark.usefixtures("ready")
    def test_without_a_class_there_is_nothing(self, student_actor):
        assert AdminClass.objects.exists()
        assert "这个学期没有您的课" in text(signed_in(student_actor), "/offerings/mine/")
