"""Snapshots on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.snapshots import services
from yanta.hub.snapshots.models import Part, Snapshot
from yanta.kernel.resource import Related, Resource, Section, register

READERS = {"clerk": "view", "head": "view", "auditor": "view export verify", "leader": "view"}


@register
class SnapshotResource(Resource):
    model = Snapshot
    icon = "camera"
    hint = "到 9 月 30 日、8 月 31 日、12 月 31 日自动冻结；也可以随时手动冻结，或据变更历史补冻。"
    columns = ["title", "clock", "on", "basis", "rows", "state", "taken_by", "frozen_at", "keep_until"]
    filters = ["clock", "state", "basis", "on"]
    search = ["title"]
    facts = [
        Section("快照", ["title", "clock", "on", "basis", "state", "rows"]),
        Section("保存", ["taken_by", "frozen_at", "keep_until", "digest"]),
    ]
    related = [Related("主题", Part, "snapshot")]
    actions = [services.freeze, services.verify, services.remove]
    order = ["-on", "-pk"]
    access = {"engineer": "*", **READERS}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("凭证与比对", f"/snapshots/{row.pk}/")]


@register
class PartResource(Resource):
    model = Part
    title = "快照内容"
    columns = ["title", "snapshot", "rows", "size", "digest", "gaps"]
    filters = ["snapshot", "subject"]
    in_menu = False
    in_search = False
    access = {"engineer": "view export", **READERS}
