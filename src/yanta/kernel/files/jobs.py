"""Files that nobody needs go."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from yanta.kernel.files import storing
from yanta.kernel.files.models import StoredFile
from yanta.kernel.jobs import tick

UNCLAIMED = timedelta(days=1)


def removable(*, at: datetime) -> QuerySet[StoredFile]:
    """Files past their time, and files of yesterday that nothing refers to."""
    claimed = Q()
    for relation in StoredFile._meta.related_objects:
        model = relation.related_model
        if not hasattr(model, "pgh_tracked_model"):
            claimed |= Q(Exists(model._base_manager.filter(**{relation.field.name: OuterRef("pk")})))
    unclaimed = Q(held=False, expires_at=None, created_at__lt=at - UNCLAIMED)
    if claimed:
        unclaimed &= ~claimed
    rows: QuerySet[StoredFile] = StoredFile.objects.filter(Q(expires_at__lte=at) | unclaimed)
    return rows


@tick(seconds=3600)
def remove_old_files() -> None:
    """Every hour."""
    for file in removable(at=timezone.now()):
        storing.remove(file)
