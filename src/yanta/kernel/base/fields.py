"""Model fields of the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup

from yanta.kernel.base import ciphers


class BlindIndexField(models.BinaryField[Any, Any]):
    """The keyed digest of a sealed field beside it; filled by itself."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = getattr(model_instance, self.of)
        digest = ciphers.blind_index(value) if value else None
        setattr(model_instance, self.attname, digest)
        return digest


class SealedField(models.BinaryField[Any, Any]):
    """Text that is encrypted at rest; `indexed=True` lets equal values be found, and only those."""

    empty_strings_allowed = True

    def __init__(
        self, verbose_name: str = "", *, indexed: bool = False, max_length: int = 200, **kwargs: Any
    ) -> None:
        self.indexed = indexed
        kwargs.setdefault("editable", True)
        super().__init__(verbose_name, max_length=max_length, **kwargs)
        self.validators = [v for v in self.validators if getattr(v, "limit_value", None) != max_length]

    @property
    def index_name(self) -> str:
        return f"{self.name}_index"

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "indexed": self.indexed, "editable": self.editable}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        # Migration state and history tables bring the companion column themselves.
        own = cls.__module__ != "__fake__" and not hasattr(cls, "pgh_tracked_model")
        if self.indexed and own and not cls._meta.abstract:
            companion = BlindIndexField(
                of=name, null=True, blank=True, db_index=True, verbose_name=f"{self.verbose_name}索引"
            )
            cls.add_to_class(self.index_name, companion)

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: bytes | memoryview | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else ciphers.unseal(bytes(value)) if value else ""

    def to_python(self, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        return ciphers.unseal(bytes(value))

    def get_prep_value(self, value: Any) -> bytes | memoryview | None:
        if value is None or isinstance(value, bytes | memoryview):
            return value
        return ciphers.seal(str(value)) if value else b""

    def value_to_string(self, obj: models.Model) -> str:
        return self.value_from_object(obj) or ""

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        options = {"max_length": self.max_length, "required": not self.blank, "label": self.verbose_name}
        return forms.CharField(**{**options, "empty_value": None if self.null else "", **kwargs})


def _index_column(lookup: Lookup[Any]) -> Col:
    field = lookup.lhs.target
    if not field.indexed:
        raise TypeError(f"{field} 没有检索索引，不能按值查询")
    return Col(lookup.lhs.alias, field.model._meta.get_field(field.index_name))


@SealedField.register_lookup
class SealedExact(Lookup[Any]):
    """Compares blind indexes, for the value itself cannot be compared."""

    lookup_name = "exact"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(_index_column(self))
        return f"{sql} = %s", [*params, ciphers.blind_index(str(self.rhs))]


@SealedField.register_lookup
class SealedIn(Lookup[Any]):
    """`phone__in=[…]` by blind index."""

    lookup_name = "in"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(_index_column(self))
        values: Iterable[Any] = self.rhs
        return f"{sql} = ANY(%s)", [*params, [ciphers.blind_index(str(value)) for value in values]]
