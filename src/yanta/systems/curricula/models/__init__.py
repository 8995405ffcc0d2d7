"""Plans and what belongs to them."""

from yanta.systems.curricula.models.outcomes import Outcome, Support
from yanta.systems.curricula.models.plans import Group, Plan, PlanCourse
from yanta.systems.curricula.models.relations import CreditRecord, Prerequisite, Replacement

__all__ = ["CreditRecord", "Group", "Outcome", "Plan", "PlanCourse", "Prerequisite", "Replacement", "Support"]
