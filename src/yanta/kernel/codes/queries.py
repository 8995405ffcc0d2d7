"""Where codes are used in the running systems, and how far these keep to the standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Count

from yanta.kernel.base import System
from yanta.kernel.codes import service
from yanta.kernel.codes.bindings import Binding, bindings
from yanta.kernel.codes.fields import CodeField
from yanta.kernel.codes.models import Code, CodeSet


@dataclass(frozen=True, slots=True)
class Usage:
    """How many rows of one field hold each code."""

    model: type[models.Model]
    field: CodeField
    counts: dict[str, int]

    @property
    def title(self) -> str:
        return f"{self.model._meta.verbose_name} · {self.field.verbose_name}"

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """One field: rows, rows with a value, rows whose value is in the set."""

    system: str
    title: str
    set_id: str
    rows: int
    filled: int
    on_standard: int

    @property
    def share(self) -> float:
        return self.on_standard / self.filled if self.filled else 1.0


@dataclass(frozen=True, slots=True)
class SystemCoverage:
    """One system: its fields that keep elements, its code fields, the share of coded rows on standard."""

    system: str
    bound: int
    fields: int
    coded: tuple[Coverage, ...]

    @property
    def filled(self) -> int:
        return sum(one.filled for one in self.coded)

    @property
    def on_standard(self) -> int:
        return sum(one.on_standard for one in self.coded)

    @property
    def share(self) -> float:
        return self.on_standard / self.filled if self.filled else 1.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What a retired code means for one field: rows that hold it, and what they can become."""

    code: str
    title: str
    rows: int
    successor: str
    obstacle: str = ""


def code_fields(set_id: str | None = None) -> Iterator[tuple[type[models.Model], CodeField]]:
    """Every field of every model that takes codes, of one set or of all; history tables are left out."""
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, CodeField) and set_id in (None, field.set_id):
                yield model, field


def usages_of(set_id: str, codes: Iterable[str] | None = None) -> list[Usage]:
    """Where the codes of a set are used, one count query per field."""
    return [Usage(model, field, _counts(model, field, codes)) for model, field in code_fields(set_id)]


def coverage() -> list[SystemCoverage]:
    """Per system: bound fields, and the share of coded values that are on standard."""
    coded: dict[str, list[Coverage]] = {}
    for model, field in code_fields():
        coded.setdefault(_system_of(model), []).append(_coverage_of(model, field))
    kept: dict[str, list[Binding]] = {}
    for binding in bindings():
        kept.setdefault(binding.system, []).append(binding)
    return [
        SystemCoverage(
            system, len(kept.get(system, ())), _fields_in(kept.get(system, ())), tuple(coded.get(system, ()))
        )
        for system in sorted({*coded, *kept})
    ]


def effects(code_set: CodeSet, retired: Iterable[tuple[str, str]]) -> list[Effect]:
    """What retiring (code, successor) pairs does to live rows."""
    pairs = dict(retired)
    found = []
    for usage in usages_of(code_set.set_id, pairs):
        for code, rows in usage.counts.items():
            found.append(Effect(code, usage.title, rows, pairs[code], obstacle(code_set, pairs[code])))
    order = list(pairs)
    return sorted(found, key=lambda effect: order.index(effect.code))


def obstacle(code_set: CodeSet, successor: str) -> str:
    """Why rows cannot be rewritten to this successor, or nothing."""
    if not successor:
        return "没有改用代码，需要人工处理"
    known = service.table_of(code_set.set_id).entries.get(successor)
    if (
        known is None
        and not code_set.proposals.filter(code=successor, kind="add", status="approved").exists()
    ):
        return f"改用代码 {successor} 不在本代码集中"
    return ""


def retired_codes(code_set: CodeSet) -> list[Code]:
    """Codes with an end date, with their successors."""
    return list(code_set.codes.filter(valid_to__isnull=False).select_related("successor__code_set"))


def _counts(model: type[models.Model], field: CodeField, codes: Iterable[str] | None) -> dict[str, int]:
    rows = model._base_manager.exclude(**{field.attname: ""}).exclude(**{f"{field.attname}__isnull": True})
    if codes is not None:
        rows = rows.filter(**{f"{field.attname}__in": list(codes)})
    return dict(rows.order_by().values_list(field.attname).annotate(n=Count("pk")))


def _coverage_of(model: type[models.Model], field: CodeField) -> Coverage:
    counts = _counts(model, field, None)
    verdicts = service.resolve_many(field.set_id, counts)
    good = sum(rows for code, rows in counts.items() if verdicts[code].code == code)
    title = f"{model._meta.verbose_name} · {field.verbose_name}"
    return Coverage(
        _system_of(model), title, field.set_id, model._base_manager.count(), sum(counts.values()), good
    )


def _fields_in(kept: Iterable[Binding]) -> int:
    """All own fields of the models that keep elements, without keys and time stamps."""
    models_of = {binding.model for binding in kept}
    return sum(
        1
        for model in models_of
        for field in model._meta.local_concrete_fields
        if not field.primary_key and field.name not in ("created_at", "updated_at")
    )


def _system_of(model: type[models.Model]) -> str:
    config = apps.get_app_config(model._meta.app_label)
    return config.title if isinstance(config, System) else str(config.verbose_name)
