"""One row that somebody lets go: it is marked as having left, as a run would have marked it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pghistory

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.documents import Document
from yanta.hub.pipelines.flow import TODAY
from yanta.hub.pipelines.models import HeldRow
from yanta.hub.pipelines.targets import target
from yanta.kernel.base import Refused


def mark(item: HeldRow, *, at: datetime) -> str:
    """Sets the mark of the published version; answers what was done, in words."""
    version = queries.published(item.pipeline)
    document = Document.of(version.document) if version else None
    if document is None or not document.mark_field:
        raise Refused("请先在映射编辑器的规则里指定用哪个字段、什么值标记离开，并发布")
    goal = target(item.pipeline.subject)
    one = goal.field(document.mark_field)
    value = at.date().isoformat() if document.mark_value == TODAY else document.mark_value
    model: Any = goal.model
    row = model._default_manager.select_for_update().filter(**{goal.key: item.row_key}).first()
    if row is None:
        raise Refused(f"库中已没有“{item.row_key}”")
    setattr(row, one.name, model._meta.get_field(one.name).to_python(value))
    with pghistory.context(pipeline=item.pipeline.code, pipeline_run=item.run_id):
        row.save(update_fields=[one.name, "updated_at"])
    return f"已标记离开：{one.title} = {value}"
