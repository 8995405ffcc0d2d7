"""Plans on screen, in Excel and by the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.resource import Related, Resource, Section, Sheet, register
from yanta.kernel.resource.declare import further_pages
from yanta.masterdata.models import AdminClass, Student
from yanta.systems.curricula import services
from yanta.systems.curricula.models import (
    CreditRecord,
    Group,
    Outcome,
    Plan,
    PlanCourse,
    Prerequisite,
    Replacement,
    Support,
)
from yanta.systems.curricula.services.editing import IS_DRAFT, is_draft

# Colleges make their plans; the registry reads and changes everything and decides.
COLLEGE_MAKES = {
    "owner": "*", "clerk": "view add edit delete import export", "head": "view export", "counsellor": "view",
    "engineer": "view", "auditor": "view", "leader": "view",
}  # fmt: skip
REGISTRY_MAKES = {
    "owner": "*", "clerk": "view export", "head": "view export", "counsellor": "view", "engineer": "view",
    "auditor": "view", "leader": "view",
}  # fmt: skip


@register
class PlanResource(Resource):
    model = Plan
    icon = "certificate"
    hint = "还没有培养方案。从这里新建，或把上一年级的方案另存为新版本。"
    columns = ["programme", "grade", "kind", "version", "credits", "status", "published_on"]
    filters = ["status", "grade", "kind", "programme", "programme__department"]
    search = ["programme__name", "programme__code"]
    form = [
        Section("方案", ["programme", "grade", "kind", "credits"]),
        Section("培养", ["degree", "aims"]),
    ]
    facts = [
        Section("方案", ["programme", "grade", "kind", "version", "credits", "degree"]),
        Section("审批", ["status", "opinion", "published_on", "made_from"]),
        Section("培养", ["aims"]),
    ]
    related = [Related("课程组", Group, "plan"), Related("毕业要求", Outcome, "plan")]
    actions = [
        services.submit, services.endorse, services.publish, services.send_back, services.add_group,
        services.add_outcome, services.copy, services.retire,
    ]  # fmt: skip
    order = ["-grade", "programme__code", "-version"]
    access = COLLEGE_MAKES

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("课程安排", f"/curricula/plans/{row.pk}/"), ("达成矩阵", f"/curricula/plans/{row.pk}/matrix/"),
            ("版本比较", f"/curricula/plans/{row.pk}/compare/"),
        ]  # fmt: skip

    def refusal_to_edit(self, row: Any) -> str | None:
        return None if is_draft(row) else IS_DRAFT

    def refusal_to_delete(self, row: Any) -> str | None:
        return None if is_draft(row) else "提交过的方案不能删除"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_plan(row, adding=adding)


class PartOfPlan(Resource):
    """What belongs to a plan changes only while the plan is a draft."""

    access = COLLEGE_MAKES
    in_menu = False

    def plan_of(self, row: Any) -> Plan:
        return row.plan

    def refusal_to_edit(self, row: Any) -> str | None:
        return None if is_draft(self.plan_of(row)) else IS_DRAFT

    def refusal_to_delete(self, row: Any) -> str | None:
        return self.refusal_to_edit(row)


@register
class GroupResource(PartOfPlan):
    model = Group
    icon = "folders"
    columns = ["name", "code", "need", "minimum_credits", "minimum_courses", "plan", "parent"]
    filters = ["plan", "need"]
    search = ["name", "code"]
    form = [
        Section("课程组", ["plan", "name", "parent", "position"]),
        Section("要求", ["need", "minimum_credits", "minimum_courses", "minimum_groups"]),
        Section("认可", ["accepts", "nature", "note"]),
    ]
    related = [Related("课程", PlanCourse, "group")]
    actions = [services.add_course]
    order = ["plan", "position"]

    def rows(self) -> Any:
        return super().rows().select_related("plan__programme")

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_group(row)


@register
class PlanCourseResource(PartOfPlan):
    model = PlanCourse
    icon = "book-2"
    columns = ["course", "group", "credits", "term_number", "is_core", "assessment"]
    filters = ["group__plan", "group", "term_number", "is_core"]
    search = ["course__name", "course__code"]
    form = [
        Section("课程", ["group", "course"]),
        Section("安排", ["term_number", "credits", "assessment", "is_core"]),
    ]
    sheet = Sheet(key=["group", "course"])
    order = ["group", "term_number"]

    def rows(self) -> Any:
        return super().rows().select_related("group__plan__programme")

    def plan_of(self, row: Any) -> Plan:
        return row.group.plan

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_plan_course(row)


@register
class OutcomeResource(PartOfPlan):
    model = Outcome
    icon = "target"
    columns = ["title", "code", "plan"]
    filters = ["plan"]
    search = ["title"]
    form = [Section("毕业要求", ["plan", "code", "title", "text"])]
    related = [Related("支撑课程", Support, "outcome")]
    actions = [services.support]
    order = ["plan", "code"]

    def rows(self) -> Any:
        return super().rows().select_related("plan__programme")

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.require_draft(row.plan)
        row.save()


@register
class SupportResource(PartOfPlan):
    model = Support
    icon = "arrows-join"
    columns = ["course", "outcome", "weight"]
    filters = ["outcome__plan", "outcome"]
    search = ["course__name"]
    form = [Section("支撑", ["outcome", "course", "weight"])]
    order = ["outcome", "-weight"]

    def rows(self) -> Any:
        return super().rows().select_related("outcome__plan__programme")

    def plan_of(self, row: Any) -> Plan:
        return row.outcome.plan

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.require_draft(row.outcome.plan)
        row.save()


@register
class PrerequisiteResource(Resource):
    model = Prerequisite
    icon = "arrow-narrow-right"
    columns = ["course", "needs", "kind", "alternative"]
    filters = ["kind", "course", "course__department"]
    search = ["course__name", "needs__name"]
    form = [Section("先修", ["course", "needs", "kind", "alternative"])]
    sheet = Sheet(key=["course", "needs"])
    order = ["course__code", "alternative"]
    access = REGISTRY_MAKES

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.store_prerequisite(row)


@register
class ReplacementResource(Resource):
    model = Replacement
    icon = "replace"
    columns = ["course", "by", "programme", "student", "basis"]
    filters = ["course", "by", "programme"]
    search = ["course__name", "by__name", "student__number"]
    form = [
        Section("替代", ["course", "by"]),
        Section("范围", ["programme", "student", "basis"], "都不填则对所有学生有效。"),
    ]
    order = ["course__code"]
    access = REGISTRY_MAKES


@register
class CreditRecordResource(Resource):
    model = CreditRecord
    icon = "award"
    columns = ["student", "course", "credits", "kind", "term"]
    filters = ["kind", "term", "student__department", "student__grade"]
    search = ["student__number", "student__person__name", "course__name", "course__code"]
    form = [
        Section("学分", ["student", "course", "credits", "term"]),
        Section("依据", ["kind", "basis"]),
    ]
    sheet = Sheet(key=["student", "course"])
    order = ["-pk"]
    access = {**REGISTRY_MAKES, "student": "view"}


@further_pages
def progress_pages(row: Any, actor: Actor) -> Sequence[tuple[str, str]]:
    """A student's record leads to the student's progress, a class's record to the whole class's."""
    if not actor.may("curricula.creditrecord.view"):
        return []
    if isinstance(row, Student):
        return [("学业进度", f"/curricula/progress/{row.pk}/")]
    return [("学业进度", f"/curricula/progress/class/{row.pk}/")] if isinstance(row, AdminClass) else []
