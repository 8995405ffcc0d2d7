"""What the pages say, and to whom."""

import io
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yanta.kernel.identity.models import Account
from yanta.kernel.resource.models import SheetImport
from yanta.kernel.testing.factories import AccountFactory, RoleGrantFactory
from yanta.masterdata.models import Course
from yanta.systems.curricula import public, services
from yanta.systems.curricula.models import CreditRecord, Group, Plan, PlanCourse, Replacement
from yanta.systems.curricula.queries import progress, under_way


def signed_in(actor):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def own_client(student, college):
    account = AccountFactory(person=student.person)
    RoleGrantFactory(account=account, role="student", org_unit=college)
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(account)
    return client


@pytest.fixture
def in_force(plan):
    Plan.objects.filter(pk=plan.pk).update(status="published")
    return plan


def courses(plan, code):
    return [
        one.course for one in PlanCourse.objects.filter(group__plan=plan, group__code=code).order_by("pk")
    ]


class TestProgress:
    def test_a_student_reads_what_is_earned_and_what_is_missing(self, in_force, student, own_client):
        maths, physics = courses(in_force, "R")
        CreditRecord.objects.create(student=student, course=maths, credits=3)

        page = own_client.get("/curricula/progress/").content.decode()

        assert "还差 5 学分" in page
        assert maths.code in page
        assert physics.code in page
        assert len(page) < 30_000

    def test_without_a_plan_the_page_says_so(self, student, own_client):
        assert "还没有可对照的培养方案" in own_client.get("/curricula/progress/").content.decode()

    def test_another_programmes_plan_can_be_tried(
        self, in_force, student, own_client, maker, college, course
    ):
        other = Plan.objects.create(
            programme=maker.make(type(in_force.programme), college), grade=2026, credits=3
        )
        group = Group.objects.create(plan=other, code="X", name="别的专业")
        PlanCourse.objects.create(group=group, course=courses(in_force, "R")[0], credits=3)
        Plan.objects.filter(pk=other.pk).update(status="published")
        for one in courses(in_force, "R"):
            CreditRecord.objects.create(student=student, course=one, credits=3)

        page = own_client.get("/curricula/progress/", {"plan": other.pk}).content.decode()

        assert "试算" in page
        assert "学分已修满" in page
        assert "不计入本方案的课程" in page

    def test_nobody_reads_another_students(self, in_force, student, student_actor, acting, other_college):
        address = f"/curricula/progress/{student.pk}/"

        assert signed_in(student_actor).get(address).status_code == 404
        assert signed_in(acting("clerk", other_college)).get(address).status_code == 404

    def test_the_clerk_and_the_counsellor_of_the_college_read_it(
        self, in_force, student, clerk, acting, college
    ):
        for actor in (clerk, acting("counsellor", college)):
            assert signed_in(actor).get(f"/curricula/progress/{student.pk}/").status_code == 200

    def test_a_whole_class_asks_no_more_than_one_student(self, in_force, maker, college, clerk, programme):
        group = maker.make(progress.Student._meta.get_field("admin_class").related_model, college)
        type(group).objects.filter(pk=group.pk).update(programme=programme, grade=2026)
        client = signed_in(clerk)

        def asked(count):
            for _ in range(count):
                values = maker.values(progress.Student, college)
                progress.Student.objects.create(
                    **values | {"admin_class": group, "programme": programme, "grade": 2026}
                )
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/curricula/progress/class/{group.pk}/").status_code == 200
            return len(queries)

        asked(1)
        assert asked(1) == asked(10)


class TestAudits:
    def test_courses_under_way_come_from_whoever_knows(self, in_force, student, monkeypatch):
        maths, physics = courses(in_force, "R")
        monkeypatch.setattr(under_way, "_sources", [])
        public.studying(lambda ids: [(one, physics.pk) for one in ids])
        CreditRecord.objects.create(student=student, course=maths, credits=3)

        whole = progress.audits(in_force, [student.pk])[student.pk].whole

        assert (whole.earned, whole.under_way, whole.lack_after.credits) == (
            Decimal(3),
            Decimal(3),
            Decimal(2),
        )

    def test_a_replacement_for_another_programme_does_not_count(
        self, in_force, student, course, maker, college
    ):
        maths, _ = courses(in_force, "R")
        other = course("工科数学", 3)
        elsewhere = maker.make(type(in_force.programme), college)
        Replacement.objects.create(course=maths, by=other, programme=elsewhere)
        CreditRecord.objects.create(student=student, course=other, credits=3)
        assert progress.audits(in_force, [student.pk])[student.pk].whole.earned == 0

        Replacement.objects.create(course=maths, by=other, student=student)

        assert progress.audits(in_force, [student.pk])[student.pk].whole.earned == 3


class TestPlanPages:
    def test_the_plan_its_matrix_and_the_comparison_open(self, plan, clerk):
        client = signed_in(clerk)
        second = services.copy(plan, actor=clerk, grade=2026)
        PlanCourse.objects.filter(group__plan=second, course__name="茶文化").delete()

        assert "少于" not in client.get(f"/curricula/plans/{plan.pk}/").content.decode()
        assert client.get(f"/curricula/plans/{plan.pk}/matrix/").status_code == 200
        page = client.get(f"/curricula/plans/{second.pk}/compare/").content.decode()
        assert "1 处不同" in page
        assert "茶文化" in page

    def test_another_college_does_not_see_it(self, plan, acting, other_college):
        client = signed_in(acting("clerk", other_college))

        for part in ("", "matrix/", "compare/"):
            assert client.get(f"/curricula/plans/{plan.pk}/{part}").status_code == 404


class TestExcel:
    def test_bad_rows_say_why_and_the_receipt_adds_up(self, plan, clerk, course):
        good, closed = course("新课"), course("停开的课", is_open=False)
        rows = [
            ("课程组", "课程", "建议学期"), ("E", good.code, "4"), ("E", "NOSUCH", "4"), ("无此组", good.code, "4"),
            ("E", closed.code, "4"), ("R", good.code, "99"),
        ]  # fmt: skip
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer)
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.close()
        client = signed_in(clerk)

        client.post(
            "/curricula/plancourse/import/", {"file": SimpleUploadedFile("方案.xlsx", buffer.getvalue())}
        )
        kept = SheetImport.objects.latest("pk")
        client.post(f"/curricula/plancourse/import/{kept.pk}/")

        kept.refresh_from_db()
        assert kept.counts == {"read": 5, "new": 1, "changed": 0, "unchanged": 0, "rejected": 4}
        said = {problem["row"]: "；".join(problem["errors"]) for problem in kept.problems}
        assert "没有“NOSUCH”" in said[3]
        assert "没有“无此组”" in said[4]
        assert "已停用" in said[5]
        assert "建议学期" in said[6]


def test_planned_courses_carry_the_share_that_is_expected(in_force):
    found = {one.course_id: one for one in public.planned_courses([2026])}

    maths, tea = courses(in_force, "R")[0], courses(in_force, "E")[0]
    assert (found[maths.pk].is_required, found[maths.pk].share) == (True, 1)
    assert (found[tea.pk].is_required, found[tea.pk].share) == (False, Decimal("0.5"))
    assert public.plans_in_force([2026]) == {(in_force.programme_id, 2026)}


def test_a_course_counts_to_the_group_that_lists_it_else_to_one_that_takes_its_nature(plan, course):
    tea, other, none = courses(plan, "E")[0], course("天文", nature="8"), course("钢琴", nature="1")
    Group.objects.create(plan=plan, code="N", name="通识", position=3, accepts="nature", nature="8")
    Course.objects.filter(pk=tea.pk).update(nature="8")
    Plan.objects.filter(pk=plan.pk).update(status="published")

    found = {one.course_id: one.group for one in public.groups_of([2026], [tea.pk, other.pk, none.pk])}

    assert found == {tea.pk: "选修", other.pk: "通识"}
    assert public.groups_of([2025], [tea.pk]) == []
    assert public.group_names() == ["必修", "选修", "通识"]
