"""Whose figures an actor may see: those of units within reach, of the whole school, and those one's department owns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from yanta.hub.warehouse.models import Indicator
from yanta.kernel.base import Actor
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.organisation.models import OrgUnit

VIEW = "warehouse.indicatorvalue.view"


@dataclass
class Sight:
    """Asked once for a page."""

    actor: Actor

    @cached_property
    def _reach(self) -> tuple[bool, tuple[str, ...]]:
        reach = self.actor.reach(VIEW)
        return reach.everything, reach.paths

    @property
    def is_whole(self) -> bool:
        return self._reach[0]

    @cached_property
    def own_units(self) -> list[OrgUnit]:
        """The units the actor's roles are held in, the nearest to the root first."""
        return list(OrgUnit.objects.filter(path__in=self._reach[1]).order_by("path"))

    @cached_property
    def own_names(self) -> frozenset[str]:
        return frozenset().union(*(unit.names for unit in self.own_units))

    def require(self) -> None:
        if not self.actor.may(VIEW):
            raise NotAllowed("您没有查看指标的权限", rule=VIEW)

    def owns(self, indicator: Indicator) -> bool:
        return indicator.owner in self.own_names

    def reaches(self, unit: OrgUnit, indicator: Indicator | None = None) -> bool:
        """Whether the unit's own figures may be shown."""
        if self.is_whole or (indicator is not None and self.owns(indicator)):
            return True
        return any(unit.path.startswith(path) for path in self._reach[1])

    def unit(self, code: str, indicator: Indicator | None = None) -> OrgUnit:
        """The unit asked for; without a code the whole school. The school's total is open to every reader."""
        found = OrgUnit.objects.filter(code=code).first() if code else OrgUnit.objects.filter(depth=1).first()
        if found is None:
            raise OutOfScope("没有这个单位")
        if found.depth > 1 and not self.reaches(found, indicator):
            raise OutOfScope(f"“{found.name}”的数字不在您的范围内；您可以看本单位和全校合计")
        return found
