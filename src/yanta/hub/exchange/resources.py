"""The nouns of the exchange on screen and in the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.exchange import opening, services
from yanta.hub.exchange.models import Connection, Delivery, DriftProposal, MiddleRow, Table, TableRead
from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Column, Related, Resource, Section, register

KEEPERS = {"engineer": "*", "clerk": "view", "head": "view", "auditor": "view export"}
READERS = {"engineer": "view export", "clerk": "view", "head": "view", "auditor": "view export"}


@register
class ConnectionResource(Resource):
    model = Connection
    title = "数据连接"
    icon = "plug-connected"
    hint = "先登记连接并测试，再登记其中的数据表；口令加密保存，谁也看不到原文。"
    columns = ["title", "code", "kind", "address", "owner", "state", "tested_at"]
    filters = ["kind", "state", "owner"]
    search = ["title", "code", "address", "note"]
    form = [
        Section("连接", ["title", "code", "kind", "owner", "note"]),
        Section(
            "地址", ["address", "port", "database"],
            "文件与目录只能在本系统的 exchange 目录或管理员许可的目录之内；不能指向链路本地和云平台元数据地址。",
        ),
        Section("凭据", ["account", "secret"], "SFTP 可填私钥全文；REST 的令牌、密钥也填在口令里。"),
        Section("其他参数", ["settings"], "每行一个“名 = 值”。例：stream.学生 = /api/students；paging = page"),
    ]  # fmt: skip
    facts = [
        Section("连接", ["code", "kind", "owner", "note"]),
        Section("地址", ["address", "port", "database", "account", "settings"]),
        Section("状态", ["state", "tested_at", "finding"]),
    ]
    related = [Related("数据表", Table, "connection", ["name", "title", "watermark_column", "watermark"])]
    actions = [services.test, services.register_table, services.pause, services.resume]
    access = {**KEEPERS, "clerk": "view", "leader": "view"}
    order = ["title"]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        """Elsewhere is another connection: what was found out about the old one no longer counts."""
        opening.check(row)
        if not adding:
            before = Connection.objects.get(pk=row.pk)
            places = ("kind", "address", "port", "database", "account", "secret", "settings")
            if any(getattr(before, name) != getattr(row, name) for name in places):
                row.state = before.state if before.state == Connection.State.PAUSED else Connection.State.NEW
                row.finding, row.tested_at = "", None
        row.save()

    def refusal_to_delete(self, row: Any) -> str | None:
        if (
            row.tables.exclude(watermark="", position="").exists()
            or row.tables.filter(reads__isnull=False).exists()
        ):
            return "这个连接已经有读写记录，请停用而不是删除"
        return None

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("连接总览", f"/exchange/connections/{row.pk}/")]


@register
class TableResource(Resource):
    model = Table
    title = "已登记的数据表"
    icon = "table"
    hint = "登记时的结构就是认可的结构；源头变了先提请，采纳之前不丢数据、不写坏数据。"
    columns = ["name", "title", "connection", "watermark_column", "watermark", "updated_at"]
    filters = ["connection", "connection__kind"]
    search = ["name", "title", "connection__title"]
    form = [
        Section("数据表", ["connection", "title"], "登记后不能改挂到别的连接。"),
        Section(
            "增量", ["watermark_column", "overlap"], "换水位列会从头读一遍；目标里的数据不动，按主键核对。"
        ),
        Section("中间库", ["middle"], "厂商在这张表里写行、我们领取并回写状态时填写。"),
    ]
    facts = [
        Section("数据表", ["connection", "name", "title", "fingerprint"]),
        Section("增量与捕获", ["watermark_column", "overlap", "watermark", "position"]),
        Section("中间库", ["middle"]),
    ]
    related = [
        Related("读写记录", TableRead, "table", ["way", "rows", "seconds", "outcome", "started_at"]),
        Related("结构变化", DriftProposal, "table", ["change", "column", "before", "after", "state"]),
        Related("投放文件", Delivery, "table", ["name", "taken_at"]),
        Related("中间库记录", MiddleRow, "table", ["way", "key", "state", "is_ok", "message"]),
    ]
    actions = [services.compare, services.start_over, services.stop_capture]
    access = {**KEEPERS, "engineer": "view edit export compare start_over stop_capture"}
    order = ["connection", "name"]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        services.check_table(row)
        before = Table.objects.get(pk=row.pk)
        if before.connection_id != row.connection_id:
            raise Refused("登记的数据表不能改挂到别的连接；请在那个连接里另行登记", field="connection")
        if before.watermark_column != row.watermark_column:
            row.watermark = ""
        row.save()

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("结构与样例", f"/exchange/tables/{row.pk}/preview/"),
            ("连接总览", f"/exchange/connections/{row.connection_id}/"),
        ]


@register
class DriftProposalResource(Resource):
    model = DriftProposal
    title = "结构变化"
    icon = "arrows-diff"
    hint = "源头的表和认可的不一样了。每一项都写明采纳与不采纳各有什么结果；目标里的数据都不动。"
    columns = ["table", "change", "column", "before", "after", "stops", "state", "created_at"]
    filters = ["state", "change", "stops", "table__connection"]
    search = ["column", "table__name", "table__title"]
    facts = [
        Section("变化", ["table", "change", "column", "before", "after", "stops"]),
        Section("结果", ["effect", "otherwise"]),
        Section("处理", ["state", "decided_by", "decided_at", "opinion"]),
    ]
    actions = [services.accept, services.refuse]
    access = {
        "engineer": "*",
        "clerk": "view accept refuse",
        "head": "view accept refuse",
        "auditor": "view export",
    }
    order = ["state", "-pk"]


@register
class TableReadResource(Resource):
    model = TableRead
    title = "读写记录"
    icon = "activity"
    columns = [
        "table", "way", "rows", "rejected", "seconds",
        Column("rate", "行/秒", lambda row: row.rate, kind="int"), "outcome", "started_at",
    ]  # fmt: skip
    filters = ["way", "outcome", "table__connection", "started_at"]
    search = ["table__name", "table__title", "message"]
    facts = [
        Section("经过", ["table", "way", "started_at", "seconds"]),
        Section("结果", ["rows", "rejected", "outcome", "message"]),
    ]
    access = READERS
    in_search = False


@register
class DeliveryResource(Resource):
    model = Delivery
    title = "投放文件"
    icon = "file-check"
    hint = "从投放目录取走的文件：同名同内容的只取一次；没有取走时间的，读过但还没有存妥，下次会再读。"
    columns = ["name", "table", "digest", "taken_at"]
    filters = ["table__connection", "taken_at"]
    search = ["name", "digest"]
    access = READERS


@register
class MiddleRowResource(Resource):
    model = MiddleRow
    title = "中间库记录"
    icon = "arrows-exchange"
    hint = "领取的行何时、以什么结果回写给了对方；投放的行对方处理得怎样。"
    columns = ["table", "way", "key", "state", "is_ok", "message", "settled_at"]
    filters = ["way", "state", "is_ok", "table__connection"]
    search = ["key", "message"]
    access = READERS
    in_search = False
