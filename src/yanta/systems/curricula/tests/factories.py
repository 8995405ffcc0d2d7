"""Plans that keep the rules, and the plan that neighbours' tests teach by."""

from yanta.masterdata.models import Course, Programme
from yanta.systems.curricula.models import CreditRecord, Group, Outcome, Plan, PlanCourse, Support

EXAMPLES = {
    Plan: lambda n: {"grade": 2026, "credits": 150, "version": n % 30000},
    Group: lambda n: {"code": f"G{n}", "name": f"课程组{n}"},
    PlanCourse: lambda n: {"credits": 1, "term_number": 1},
    Outcome: lambda n: {"code": str(n)[-8:]},
    Support: lambda n: {"weight": "0.500"},
    CreditRecord: lambda n: {"credits": 2},
}


def plan_in_force(programme: Programme, courses: dict[int, list[Course]]) -> Plan:
    """Required courses by the number of their term."""
    plan = Plan.objects.create(programme=programme, grade=2026, credits=6)
    required = Group.objects.create(plan=plan, code="R", name="必修")
    for number, taught in courses.items():
        for course in taught:
            PlanCourse.objects.create(group=required, course=course, credits=2, term_number=number)
    Plan.objects.filter(pk=plan.pk).update(status=Plan.Status.PUBLISHED)
    return plan


def retire_plans() -> None:
    Plan.objects.update(status=Plan.Status.RETIRED)
