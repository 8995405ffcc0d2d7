"""A file by periods: what is there, what is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from yanta.kernel.base.archives import ranges
from yanta.systems.dossiers.models import Dossier, Entry
from yanta.systems.dossiers.rules import completeness
from yanta.systems.dossiers.services.collecting import period_names

SECRECY = {"open": "公开", "internal": "内部", "private": "敏感"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One period: the entries that count, the newest first, and what ought to be here and is not."""

    key: str
    title: str
    entries: list[Entry] = field(default_factory=list)
    lacks: list[completeness.Lack] = field(default_factory=list)


def stages_of(dossier: Dossier, periods: Collection[str]) -> list[Stage]:
    """Only the periods that may be read; what was corrected stands behind its correction."""
    entries = list(
        dossier.entries.filter(period__in=periods).select_related("file").order_by("-happened_on", "-serial")
    )
    replaced = {one.replaces_id for one in entries if one.replaces_id}
    present = set(dossier.entries.values_list("range_key", flat=True).distinct())
    lacks = completeness.lacking(ranges().values(), present, kind=dossier.kind, has_left=dossier.has_left)
    return [
        Stage(
            key, title, [one for one in entries if one.period == key and one.pk not in replaced],
            [one for one in lacks if one.period == key],
        )
        for key, title in period_names(dossier.kind).items()
        if key in periods
    ]  # fmt: skip


def versions_before(dossier: Dossier) -> dict[int, int]:
    """How many earlier versions stand behind an entry."""
    links = dict(dossier.entries.exclude(replaces=None).values_list("pk", "replaces_id"))

    def depth(key: int) -> int:
        return 1 + depth(links[key]) if key in links else 0

    return {key: depth(key) for key in links}
