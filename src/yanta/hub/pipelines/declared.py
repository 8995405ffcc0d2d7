"""Pipelines declared in Python: a package's `pipelines.py` says them, the platform keeps them as versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from django.db import transaction
from django.utils import timezone

from yanta.hub.pipelines.documents import Document, Pair, check
from yanta.hub.pipelines.models import Pipeline, Version
from yanta.kernel.base import Refused, installed_systems
from yanta.kernel.organisation.models import OrgUnit

_declared: dict[str, Declaration] = {}


@dataclass(frozen=True)
class Declaration:
    """One pipeline as code says it; `columns` are pairs, or field → column with the usual cleaning."""

    code: str
    title: str
    connection: str
    table: str
    subject: str
    owner: str
    columns: Mapping[str, str | Pair]
    receiver: str = ""
    mode: str = "full"
    watermark_column: str = ""
    cron: str = ""
    expected_minutes: int = 0
    after: Sequence[str] = ()
    options: Mapping[str, object] = field(default_factory=dict)

    def document(self) -> Document:
        from yanta.hub.pipelines.suggesting import steps_for
        from yanta.hub.pipelines.targets import target

        goal = target(self.subject)
        pairs = tuple(
            said if isinstance(said, Pair) else Pair(name, said, steps=steps_for(goal.field(name)))
            for name, said in self.columns.items()
        )
        found = Document.of({"key": goal.key, **self.options})
        return Document.of({**found.as_json(), "pairs": [_plain(pair) for pair in pairs]})


def _plain(pair: Pair) -> dict[str, object]:
    return {slot: getattr(pair, slot) for slot in Pair.__slots__}


def pipeline(**said: object) -> Declaration:
    """Declare one; `code` says it once in the whole installation."""
    declaration = Declaration(**said)  # type: ignore[arg-type]  # the names are checked by the call
    if declaration.code in _declared:
        raise TypeError(f"two pipelines are called {declaration.code}")
    _declared[declaration.code] = declaration
    return declaration


def declarations() -> list[Declaration]:
    return list(_declared.values())


def discover() -> None:
    """Import every package's `pipelines.py`."""
    for config in installed_systems():
        name = f"{config.name}.pipelines"
        if name != "yanta.hub.pipelines" and find_spec(name) is not None:
            import_module(name)


def sync() -> dict[str, str]:
    """Bring what is kept in line with what is declared; answers code → created, versioned, unchanged."""
    return {one.code: _sync(one) for one in declarations()}


def _sync(one: Declaration) -> str:
    document = one.document()
    check(document)
    with transaction.atomic():
        kept, new = Pipeline.objects.update_or_create(code=one.code, defaults=_facts(one))
        kept.depends_on.set(Pipeline.objects.filter(code__in=one.after))
        now = kept.versions.filter(status=Version.Status.PUBLISHED).first()
        if now is not None and now.digest == document.digest:
            return "unchanged"
        from yanta.hub.pipelines.services.pipelines import claim

        claim(kept, document)
        kept.versions.filter(status=Version.Status.PUBLISHED).update(status=Version.Status.RETIRED)
        last = kept.versions.order_by("-number").first()
        Version.objects.create(
            pipeline=kept, number=(last.number if last else 0) + 1, document=document.as_json(), digest=document.digest,
            status=Version.Status.PUBLISHED, note="由代码声明", author="系统", published_by="系统", published_at=timezone.now(),
        )  # fmt: skip
    return "created" if new else "versioned"


def _facts(one: Declaration) -> dict[str, object]:
    return {
        "title": one.title, "connection": one.connection, "table": one.table, "subject": one.subject, "mode": one.mode,
        "watermark_column": one.watermark_column, "owner": _unit(one.owner), "cron": one.cron,
        "receiver": _unit(one.receiver) if one.receiver else None, "expected_minutes": one.expected_minutes, "is_declared": True,
    }  # fmt: skip


def _unit(name: str) -> OrgUnit:
    found = OrgUnit.objects.filter(name=name).first() or OrgUnit.objects.filter(code=name).first()
    if found is None:
        raise Refused(f"没有名为“{name}”的单位")
    return found
