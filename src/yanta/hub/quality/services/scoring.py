"""The marks of a day, out of the latest whole result of each rule."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from django.db.models import F

from yanta.hub.quality import rules
from yanta.hub.quality.models import Score, UnitResult

Key = tuple[int | None, str]
Part = tuple[str, int, int]


def renew(*, on: date) -> None:
    """The marks of this day anew: school and departments, each subject and all together."""
    Score.objects.filter(on=on).delete()
    Score.objects.bulk_create(
        Score(
            on=on, unit_id=unit, subject=subject, value=value, rules=len(parts), checked=sum(part[1] for part in parts),
            failed=sum(part[2] for part in parts),
        )
        for (unit, subject), parts, value in _marks()
    )  # fmt: skip


def _marks() -> list[tuple[Key, list[Part], Decimal]]:
    marked = ((key, parts, rules.mark(parts)) for key, parts in _parts().items())
    return [(key, parts, value) for key, parts, value in marked if value is not None]


def _parts() -> dict[Key, list[Part]]:
    rows = UnitResult.objects.filter(
        result__rule__standing__result=F("result"), result__rule__is_enabled=True
    )
    whole: dict[tuple[int, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    found: dict[Key, list[Part]] = defaultdict(list)
    columns = ("result__rule", "result__rule__subject", "result__rule__severity", "unit", "checked", "failed")
    for rule, subject, severity, unit, checked, failed in rows.values_list(*columns):
        for key in ((unit, subject), (unit, "")):
            found[key].append((severity, checked, failed))
        before = whole[rule, subject, severity]
        whole[rule, subject, severity] = (before[0] + checked, before[1] + failed)
    for (_, subject, severity), (checked, failed) in whole.items():
        for key in ((None, subject), (None, "")):
            found[key].append((severity, checked, failed))
    return found
