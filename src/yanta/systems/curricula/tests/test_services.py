from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.testing import published
from yanta.systems.curricula import events, services
from yanta.systems.curricula.models import Group, Outcome, Plan, PlanCourse, Prerequisite, Support

Status = Plan.Status


def in_force(plan):
    Plan.objects.filter(pk=plan.pk).update(status=Status.PUBLISHED)
    plan.refresh_from_db()
    return plan


class TestApproval:
    def test_draft_college_registry_published(self, plan, clerk, acting, college, registry):
        services.submit(plan, actor=clerk)
        services.endorse(plan, actor=acting("head", college), opinion="同意")
        services.publish(plan, actor=registry, opinion="同意")

        plan.refresh_from_db()
        assert plan.status == Status.PUBLISHED
        assert plan.published_on is not None
        assert published(events.PlanPublished) == [events.PlanPublished(plan_id=plan.pk)]

    def test_a_plan_that_does_not_add_up_stays_a_draft(self, plan, clerk):
        Plan.objects.filter(pk=plan.pk).update(credits=100)

        with pytest.raises(Refused, match="少于最低总学分 100，差 92"):
            services.submit(plan, actor=clerk)

        plan.refresh_from_db()
        assert plan.status == Status.DRAFT

    def test_a_course_before_its_prerequisite_is_named(self, plan, clerk):
        maths, physics = (
            one.course for one in PlanCourse.objects.filter(group__code="R").order_by("term_number")
        )
        Prerequisite.objects.create(course=maths, needs=physics)

        with pytest.raises(Refused, match="“数学”排在第 1 学期，早于它的先修课程 “物理”（第 2 学期）"):
            services.submit(plan, actor=clerk)

    def test_the_college_cannot_publish(self, plan, clerk):
        Plan.objects.filter(pk=plan.pk).update(status=Status.REGISTRY)

        with pytest.raises((NotAllowed, OutOfScope)):
            services.publish(plan, actor=clerk, opinion="同意")

    def test_another_college_cannot_touch_it(self, plan, acting, other_college):
        with pytest.raises(OutOfScope):
            services.submit(plan, actor=acting("clerk", other_college))

    def test_publishing_retires_the_version_before(self, plan, clerk, registry):
        in_force(plan)
        second = services.copy(plan, actor=clerk, grade=2026)
        Plan.objects.filter(pk=second.pk).update(status=Status.REGISTRY)

        services.publish(second, actor=registry, opinion="同意")

        plan.refresh_from_db()
        assert (plan.status, second.status, second.version) == (Status.RETIRED, Status.PUBLISHED, 2)

    def test_sent_back_it_says_why(self, plan, clerk, acting, college, events_delivered):
        services.submit(plan, actor=clerk)

        services.send_back(plan, actor=acting("head", college), opinion="缺少实践环节")

        plan.refresh_from_db()
        assert (plan.status, plan.opinion) == (Status.DRAFT, "缺少实践环节")


class TestPublishedIsKept:
    def test_the_database_refuses_to_change_the_plan(self, plan):
        in_force(plan)

        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Plan.objects.filter(pk=plan.pk).update(credits=9)
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Plan.objects.filter(pk=plan.pk).update(status=Status.DRAFT)

    def test_the_database_refuses_to_change_what_belongs_to_it(self, plan, course):
        in_force(plan)
        group = plan.groups.first()

        for change in (
            lambda: Group.objects.filter(pk=group.pk).update(minimum_credits=1),
            lambda: PlanCourse.objects.create(group=group, course=course("新课")),
            lambda: group.courses.all().delete(),
            lambda: Outcome.objects.create(plan=plan, code="1", title="工程知识"),
        ):
            with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
                change()

    def test_the_clerk_reads_it_in_words(self, plan, clerk, course):
        in_force(plan)

        with pytest.raises(Refused, match="另存为新版本"):
            services.add_course(plan.groups.first(), actor=clerk, course=course("新课"), term_number=1)


class TestEditing:
    def test_a_copy_holds_everything_and_is_a_draft(self, plan, clerk):
        child = Group.objects.create(
            plan=plan, code="C", name="方向", parent=plan.groups.get(code="E"), need="some"
        )
        outcome = Outcome.objects.create(plan=plan, code="1", title="工程知识")
        maths = PlanCourse.objects.filter(group__code="R").first().course
        Support.objects.create(outcome=outcome, course=maths, weight=1)

        made = services.copy(in_force(plan), actor=clerk, grade=2027)

        assert (made.grade, made.version, made.status, made.made_from) == (2027, 1, Status.DRAFT, plan)
        assert PlanCourse.objects.filter(group__plan=made).count() == 4
        assert made.groups.get(name=child.name).parent.name == "选修"
        assert Support.objects.get(outcome__plan=made).course == maths

    def test_groups_are_numbered_and_courses_take_the_catalogues_credits(self, plan, clerk, course):
        services.add_group(plan, actor=clerk, name="通识", need=Group.Need.SOME, least=Decimal(4), above="")
        group = plan.groups.get(name="通识")

        services.add_course(group, actor=clerk, course=course("写作", 3), term_number=2)

        assert group.code == f"{plan.programme.code}-2026-1-01"
        assert group.courses.get().credits == 3

    def test_a_circle_of_prerequisites_is_named(self, course):
        one, two, three = course("甲"), course("乙"), course("丙")
        services.store_prerequisite(Prerequisite(course=two, needs=one))
        services.store_prerequisite(Prerequisite(course=three, needs=two))

        with pytest.raises(Refused, match="先修关系成了环"):
            services.store_prerequisite(Prerequisite(course=one, needs=three))

    def test_a_group_cannot_stand_below_itself(self, plan):
        outer, inner = plan.groups.get(code="R"), plan.groups.get(code="E")
        inner.parent = outer
        services.store_group(inner)
        outer.parent = inner

        with pytest.raises(Refused, match="自己下面"):
            services.store_group(outer)

    def test_a_term_beyond_the_programme_is_refused(self, plan, course):
        group = plan.groups.get(code="R")

        with pytest.raises(Refused, match="建议学期不能超过"):
            services.store_plan_course(PlanCourse(group=group, course=course("远"), term_number=16))

    def test_only_courses_of_the_plan_support_its_outcomes(self, plan, clerk, course):
        outcome = Outcome.objects.create(plan=plan, code="1", title="工程知识")

        with pytest.raises(Refused, match="不在这个方案里"):
            services.support(outcome, actor=clerk, course=course("外"), weight=Decimal(1))
