"""Who acts, with which rights, how far they reach, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

ReachKind = Literal["own", "circle", "unit", "school", "row"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held for a reason: `path` is the organisation subtree, empty for the whole school.

    `circle` names people instead of a unit, such as those of one class; `row` is one record, as a process that asks
    somebody to decide about it gives it: model label and key.
    """

    role: str
    title: str
    reach: ReachKind
    permissions: frozenset[str]
    path: str = ""
    unit_name: str = ""
    reason: str = ""
    until: date | None = None
    circle: str = ""
    row: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a permission goes: everything, some subtrees, some circles of people, one's own rows, single rows."""

    everything: bool = False
    paths: tuple[str, ...] = ()
    own: bool = False
    circles: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.everything or self.paths or self.own or self.circles or self.rows)

    @property
    def only_rows(self) -> bool:
        return bool(self.rows) and not (self.everything or self.paths or self.own or self.circles)


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, an API client or the system itself; never changes during a request."""

    account_id: int | None
    person_id: int | None
    name: str
    grants: tuple[Grant, ...] = ()
    is_system: bool = False
    address: str = field(default="", compare=False)
    request_id: str = field(default="", compare=False)

    @classmethod
    def system(cls, name: str) -> Actor:
        """The platform acting by itself: scheduled work, event handlers, data runs."""
        return cls(account_id=None, person_id=None, name=f"system:{name}", is_system=True)

    @property
    def signature(self) -> str:
        """How the name stands under what was done."""
        return "系统" if self.is_system else self.name

    @classmethod
    def nobody(cls) -> Actor:
        return cls(account_id=None, person_id=None, name="")

    def may(self, permission: str) -> bool:
        return self.is_system or any(permission in grant.permissions for grant in self.grants)

    def reach(self, permission: str) -> Reach:
        """The union of what the actor's roles reach with this permission."""
        if self.is_system:
            return Reach(everything=True)
        grants = [grant for grant in self.grants if permission in grant.permissions]
        everything = any(grant.reach == "school" for grant in grants)
        paths = tuple(sorted({grant.path for grant in grants if grant.reach == "unit" and grant.path}))
        circles = tuple(sorted({grant.circle for grant in grants if grant.reach == "circle"}))
        own = any(grant.reach == "own" for grant in grants)
        rows = tuple(sorted({grant.row for grant in grants if grant.reach == "row" and grant.row}))
        return Reach(everything=everything, paths=paths, own=own, circles=circles, rows=rows)

    def has_role(self, *roles: str) -> bool:
        return any(grant.role in roles for grant in self.grants)

    def why(self, permission: str) -> tuple[Grant, ...]:
        """The grants that give this permission, with their reasons."""
        return tuple(grant for grant in self.grants if permission in grant.permissions)
