"""Reading the tree: today's, and that of any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from yanta.kernel.organisation.models import OrgSuccession, OrgUnit, OrgUnitSpell


@dataclass(frozen=True, slots=True)
class UnitThen:
    """A unit as it was on a day, with what stood under it."""

    unit_id: int
    name: str
    short_name: str
    children: tuple[UnitThen, ...]


def spells_on(on: date) -> Iterable[OrgUnitSpell]:
    """Every unit's spell in force on a day."""
    return OrgUnitSpell.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gt=on))


def tree_on(on: date) -> list[UnitThen]:
    """The roots of the tree as of a day."""
    below: dict[int | None, list[OrgUnitSpell]] = defaultdict(list)
    for spell in spells_on(on).select_related("unit").order_by("unit__path"):  # type: ignore[attr-defined]
        below[spell.parent_id].append(spell)

    def grown(parent_id: int | None) -> tuple[UnitThen, ...]:
        return tuple(
            UnitThen(spell.unit_id, spell.name, spell.short_name, grown(spell.unit_id))
            for spell in below[parent_id]
        )

    return list(grown(None))


def name_on(unit: OrgUnit, on: date) -> str:
    """What a unit was called on a day; its name of today where no spell reaches back."""
    spell = spells_on(on).filter(unit=unit).first()  # type: ignore[attr-defined]
    return spell.name if spell else unit.name


def successors_of(unit: OrgUnit) -> list[OrgUnit]:
    """The units of today that carry on a unit of the past, through any number of changes."""
    if unit.valid_to is None:
        return [unit]
    nexts = OrgSuccession.objects.filter(predecessor=unit).select_related("successor")
    found = {one.pk: one for link in nexts for one in successors_of(link.successor)}
    return list(found.values())
