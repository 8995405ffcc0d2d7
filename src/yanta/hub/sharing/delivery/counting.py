"""Statements of the read-only door into the read log."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone

from yanta.hub.sharing import entries
from yanta.hub.sharing.contents import Contents, contents_of
from yanta.hub.sharing.delivery import schemas
from yanta.hub.sharing.ids import written
from yanta.hub.sharing.models import Grant, ReadEntry, UsageDay, Way

How = ReadEntry.How


def count_statements() -> int:
    """One entry for the statements since the last look, with every row the view could show: an upper bound."""
    noted = 0
    grants = Grant.objects.filter(ways__contains=[Way.SCHEMA.value], consumer__schema_access__isnull=False)
    for grant in grants.select_related("dataset", "consumer__unit"):
        known = UsageDay.objects.filter(grant=grant, how=How.SCHEMA).aggregate(n=Sum("reads"))["n"] or 0
        new = schemas.statements_of(grant) - known
        if new > 0:
            _note(grant, contents_of(grant), new)
            noted += new
    return noted


def _note(grant: Grant, contents: Contents, statements: int) -> None:
    ids = list(contents.rows().order_by().values_list("pk", flat=True))
    ranges = (written(ids), written(contents.persons_of(ids)))
    at = timezone.localtime().strftime("%H:%M:%S")
    entries.note(
        grant,
        entries.Reading(
            How.SCHEMA, contents.names, ranges=ranges, count=len(ids), is_exact=False, reads=statements,
            detail=f"截至 {at} 的 {statements} 条查询；行与人员为视图可见的上限",
        ),
    )  # fmt: skip
