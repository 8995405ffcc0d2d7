"""Two colleges, a probe with every right in one of them, and somebody with none."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.test import Client

from yanta.kernel.access import roles
from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor
from yanta.kernel.base.scope import path_of_row
from yanta.kernel.identity.models import Account
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.resource import Resource
from yanta.kernel.testing.factories import AccountFactory, OrgUnitFactory, PersonFactory, RoleGrantFactory
from yanta.kernel.testing.rows import RowMaker


@dataclasses.dataclass
class World:
    """What every check needs; what `furnish` has not made is made when asked for."""

    resource: Resource
    _rows: dict[int, Any] = dataclasses.field(default_factory=dict)
    _accounts: dict[tuple[str, int], Account] = dataclasses.field(default_factory=dict)
    _sessions: dict[int, str] = dataclasses.field(default_factory=dict)

    def furnish(self) -> None:
        """A row of each college, and both people signed in: all checks of a noun start from these."""
        for unit in (self.here, self.there) if self.is_scoped else (self.here,):
            self._rows[unit.pk] = self.row(unit).pk
        for role in ("probe", "bare"):
            account = self._accounts[role, self.here.pk] = self.account(role, self.here)
            self._sessions[account.pk] = self.client(account).cookies[settings.SESSION_COOKIE_NAME].value

    @cached_property
    def school(self) -> OrgUnit:
        return OrgUnitFactory(name="探针学校", kind="school")

    @cached_property
    def here(self) -> OrgUnit:
        return OrgUnitFactory(parent=self.school, name="甲学院")

    @cached_property
    def there(self) -> OrgUnit:
        return OrgUnitFactory(parent=self.school, name="乙学院")

    @cached_property
    def maker(self) -> RowMaker:
        return RowMaker(person=lambda unit: PersonFactory(home_unit=unit))

    def row(self, unit: OrgUnit) -> Any:
        """A stored row in this unit (any row, for a noun of the whole school)."""
        if unit.pk in self._rows:
            return self.resource.model._base_manager.get(pk=self._rows[unit.pk])
        return self.maker.make(self.resource.model, unit)

    @property
    def is_scoped(self) -> bool:
        return self.resource.model.org_path is not None

    def account(self, role: str, unit: OrgUnit) -> Account:
        if (role, unit.pk) in self._accounts:
            return self._accounts[role, unit.pk]
        account = AccountFactory(person=PersonFactory(home_unit=unit))
        RoleGrantFactory(account=account, role=role, org_unit=unit)
        account.refresh_from_db()
        return account

    def probe(self, unit: OrgUnit) -> Account:
        """Every permission there is, within one unit."""
        return self.account("probe", unit)

    def client(self, account: Account) -> Client:
        client = Client(headers={"Accept-Language": "zh-hans"})
        if account.pk in self._sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[account.pk]
        else:
            client.force_login(account)
        return client

    def actor(self, account: Account) -> Actor:
        return actor_of(account)

    def url(self, rest: str = "") -> str:
        return f"{self.resource.base_url}{rest}"

    def api(self, rest: str = "") -> str:
        return f"/api/v1{self.resource.base_url}{rest}"

    def form_values(self, row: Any) -> dict[str, Any]:
        """What a person would have typed to make this row, as form data."""
        return {
            name: _typed(row, name) for name in self.resource.form_fields if _typed(row, name) is not None
        }


def _typed(row: models.Model, name: str) -> Any:
    field: Any = row._meta.get_field(name)
    value = getattr(row, field.attname)
    if isinstance(field, models.BooleanField):
        return "true" if value else None
    if isinstance(field, models.DateTimeField) and value is not None:
        return value.strftime("%Y-%m-%d %H:%M")
    return None if value in (None, "") else str(value)


def moved(row: Any, unit: OrgUnit, maker: RowMaker) -> dict[str, Any]:
    """A change of the field that decides the row's unit, to one in another unit; empty when there is none."""
    if row.org_path in (None, "self"):
        return {}
    first = row.org_path.split("__")[0]
    field = row._meta.get_field(first)
    target = unit if field.related_model is OrgUnit else maker.make(field.related_model, unit)
    return {first: target.pk}


def is_in(row: Any, unit: OrgUnit) -> bool:
    path = path_of_row(row)
    return path is not None and path.startswith(unit.path)


def every_right() -> frozenset[str]:
    return roles.every_permission()
