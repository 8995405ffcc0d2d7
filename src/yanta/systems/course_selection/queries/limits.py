"""Limits of course groups that limit nobody."""

from __future__ import annotations

from yanta.masterdata.models import Term
from yanta.systems.course_selection.models import GroupLimit
from yanta.systems.curricula import public as curricula


def stray_limits(term: Term) -> list[GroupLimit]:
    """Those of the term's rounds whose group the plans in force do not have any more."""
    limits = GroupLimit.objects.filter(round__term=term).exclude(name__in=curricula.group_names())
    return list(limits.select_related("round").order_by("name", "round"))
