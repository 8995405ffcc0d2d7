"""The record: what every noun of the platform is."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models.base import ModelBase

from yanta.kernel.base import triggers
from yanta.kernel.base.actor import Actor
from yanta.kernel.base.ciphers import blind_index
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.scope import permission_of, scope_of

triggers.index()


class RecordQuerySet(models.QuerySet[Any]):
    """A queryset that knows scope and keeps blind indexes true."""

    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """Only the rows that the actor reaches with this permission (viewing, by default)."""
        kept = scope_of(self.model, actor, permission or permission_of(self.model, "view"))
        return self if kept is None else self.filter(kept)

    def update(self, **values: Any) -> int:
        for name in list(values):
            field = self.model._meta.get_field(name)
            if isinstance(field, SealedField) and field.indexed:
                values[field.index_name] = self._index_of(values[name])
        return super().update(**values)

    @staticmethod
    def _index_of(value: Any) -> bytes | None:
        if hasattr(value, "resolve_expression"):
            raise TypeError("加密字段不能用表达式批量更新，请逐条保存")
        return blind_index(str(value)) if value else None


class RecordBase(ModelBase):
    """Adds the history table (who, when, why, by which operation) to every concrete record."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        cls: Any = super().__new__(mcs, name, bases, attrs, **kwargs)
        meta = cls._meta
        real = not meta.abstract and not meta.proxy and cls.__module__ != "__fake__"
        if real and cls.history:
            pghistory.track(
                pghistory.InsertEvent(),
                pghistory.UpdateEvent(),
                pghistory.DeleteEvent(),
                level=pgtrigger.Statement,
                obj_field=pghistory.ObjForeignKey(related_name="history_events"),
                exclude=list(cls.history_exclude) or None,
                meta={"app_label": meta.app_label, "default_permissions": ()},
            )(cls)
        return cls


class Record(models.Model, metaclass=RecordBase):
    """One row that somebody owns: `org_path` leads to the unit, `person_path` to the person.

    `title_needs` names the links that `__str__` follows, so that lists join them in.
    A record of the whole school sets `org_path = None` and says why in `org_path_reason`.
    `secret_fields` leave by no screen and no API: hashes, digests, keys.
    """

    org_path: ClassVar[str | None] = None
    org_path_reason: ClassVar[str] = ""
    person_path: ClassVar[str | None] = None
    title_needs: ClassVar[tuple[str, ...]] = ()
    history: ClassVar[bool] = True
    history_exclude: ClassVar[tuple[str, ...]] = ()
    secret_fields: ClassVar[tuple[str, ...]] = ()

    created_at = models.DateTimeField("创建时间", auto_now_add=True, editable=False)
    updated_at = models.DateTimeField("更新时间", auto_now=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
