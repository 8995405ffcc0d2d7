"""Pages that no declaration expresses: a plan to read, two to compare, the matrix, the progress of students."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata.models import AdminClass, Student
from yanta.systems.curricula import services
from yanta.systems.curricula.models import Plan
from yanta.systems.curricula.queries import progress, sheets

SEES_PROGRESS = "curricula.creditrecord.view"
# These pages show names; what is sealed stays closed.
SEALED = ("person__id_number", "person__phone", "person__bank_account")


class PlanPage(PortalPage):
    """A page about a plan that the person may see."""

    def plan(self, pk: int) -> Plan:
        found: Plan | None = (
            Plan.objects.visible_to(self.actor).select_related("programme__department").filter(pk=pk).first()
        )
        if found is None:
            raise Http404("没有这个培养方案，或它不在您的管理范围内")
        return found


class PlanView(PlanPage):
    """The whole plan: groups, courses term by term, what is to be put right."""

    template = "curricula/plan.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self.plan(pk)
        sheet = sheets.sheet_of(plan)
        problems = [] if plan.is_fixed else sheets.problems_of(sheet)
        return self.page(
            plan=plan, sheet=sheet, problems=problems, credits_of=sheets.credits_of,
            may_edit=services.editing.is_draft(plan) and self.actor.may("curricula.group.edit"),
            listed=sum(sheets.credits_of(one) for one in sheet.courses),
        )  # fmt: skip


class MatrixView(PlanPage):
    """Which course supports which graduate requirement, and whether the matrix is whole."""

    template = "curricula/matrix.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self.plan(pk)
        sheet, outcomes = sheets.sheet_of(plan), sheets.outcomes_of(plan)
        weights = {(s.course_id, one.pk): s.weight for one, supports in outcomes for s in supports}
        totals = {one.pk: sum((s.weight for s in supports), 0) for one, supports in outcomes}
        courses = list({one.course_id: one.course for one in sheet.courses}.values())
        return self.page(
            plan=plan, outcomes=[one for one, _ in outcomes], courses=courses, weights=weights, totals=totals,
            required=sheet.required, problems=sheets.outcome_problems(sheet),
            may_edit=services.editing.is_draft(plan) and self.actor.may("curricula.outcome.support"),
        )  # fmt: skip


class CompareView(PlanPage):
    """What changed between this version and another of the programme."""

    template = "curricula/compare.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        plan = self.plan(pk)
        others = list(
            Plan.objects.visible_to(self.actor).filter(programme=plan.programme_id, kind=plan.kind)
            .exclude(pk=pk).select_related("programme").order_by("-grade", "-version")
        )  # fmt: skip
        with_ = next((one for one in others if str(one.pk) == request.GET.get("with")), None)
        before = with_ or self._nearest(plan, others)
        parts = sheets.comparison(before, plan) if before else []
        return self.page(
            plan=plan, before=before, others=others, parts=parts, count=sum(len(found) for _, found in parts)
        )

    def _nearest(self, plan: Plan, others: list[Plan]) -> Plan | None:
        """The version that this one was made from, else the one before it."""
        earlier = [one for one in others if (one.grade, one.version) < (plan.grade, plan.version)]
        made_from = next((one for one in others if one.pk == plan.made_from_id), None)
        return made_from or (earlier[0] if earlier else next(iter(others), None))


class ProgressPage(PortalPage):
    """How a student stands against the plan; `?plan=` tries another one."""

    template = "curricula/progress.html"

    def shown(self, request: HttpRequest, student: Student | None, *, is_own: bool) -> HttpResponse:
        own = progress.plan_of(student) if student else None
        choices = progress.plans_to_try(student) if student else []
        tried = next((one for one in choices if str(one.pk) == request.GET.get("plan")), None)
        plan = tried or own
        found = progress.progress_of(student, plan) if student and plan else None
        return self.page(
            student=student, own=own, plan=plan, found=found, choices=choices, is_own=is_own,
            is_trial=bool(tried and tried != own), whole=found.audit.whole if found else None,
        )  # fmt: skip


class OwnProgressView(ProgressPage):
    """For the student, on a phone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        student = (
            Student.objects.filter(person_id=self.actor.person_id, left_on=None)
            .select_related("person", "programme")
            .defer(*SEALED)
            .order_by("-grade")
            .first()
        )
        return self.shown(request, student, is_own=True)


class ProgressView(ProgressPage):
    """For the clerk, the counsellor, and whoever else sees the student's credits."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        students: Any = Student.objects.visible_to(self.actor, SEES_PROGRESS)
        student = students.select_related("person", "programme").defer(*SEALED).filter(pk=pk).first()
        if student is None:
            raise Http404("没有这名学生，或不在您的管理范围内")
        return self.shown(request, student, is_own=student.person_id == self.actor.person_id)


class ClassProgressView(PortalPage):
    """A class at a glance, who lacks most first."""

    template = "curricula/class.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        group = (
            AdminClass.objects.visible_to(self.actor, SEES_PROGRESS)
            .select_related("programme")
            .filter(pk=pk)
            .first()
        )
        if group is None:
            raise Http404("没有这个班，或不在您的管理范围内")
        students = list(
            Student.objects.filter(admin_class=group, left_on=None)
            .select_related("person")
            .defer(*SEALED)
            .order_by("number")
        )
        plan = progress.plan_of(Student(programme=group.programme, grade=group.grade))
        found = progress.audits(plan, [one.pk for one in students]) if plan else {}
        lines = [(one, found[one.pk].whole) for one in students if one.pk in found]
        lines.sort(key=lambda line: (line[1].earned, line[0].number))
        return self.page(group=group, plan=plan, lines=lines)
