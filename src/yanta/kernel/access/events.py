"""What doors and directories have to know about rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from yanta.kernel.events import Event, publish

AT_ONCE = 500


@dataclass(frozen=True)
class RightsChanged(Event):
    """Roles of these accounts began or ended; what they are now is asked of `grants_in_force`."""

    account_ids: tuple[int, ...]


def tell_of(account_ids: Iterable[int]) -> None:
    """Publish in parts, so that a whole school's enrolment is no single event.

    Whoever holds what one of them handed on is told of too: it begins and ends with the giver's right.
    """
    from yanta.kernel.access.models import RoleGrant

    found = reached = set(account_ids)
    while reached:
        below = RoleGrant.objects.filter(rests_on__account__in=reached).values_list("account_id", flat=True)
        reached = set(below) - found
        found = found | reached
    changed = sorted(found)
    for start in range(0, len(changed), AT_ONCE):
        publish(RightsChanged(account_ids=tuple(changed[start : start + AT_ONCE])))
