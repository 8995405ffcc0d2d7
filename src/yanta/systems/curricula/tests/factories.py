"""Plans that keep the rules."""

from yanta.systems.curricula.models import CreditRecord, Group, Outcome, Plan, PlanCourse, Support

EXAMPLES = {
    Plan: lambda n: {"grade": 2026, "credits": 150, "version": n % 30000},
    Group: lambda n: {"code": f"G{n}", "name": f"课程组{n}"},
    PlanCourse: lambda n: {"credits": 1, "term_number": 1},
    Outcome: lambda n: {"code": str(n)[-8:]},
    Support: lambda n: {"weight": "0.500"},
    CreditRecord: lambda n: {"credits": 2},
}
