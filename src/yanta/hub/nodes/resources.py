"""The nouns of nodes on screen; what an upper node alone has is in the menu of upper nodes alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.nodes import api as api
from yanta.hub.nodes import levels, services
from yanta.hub.nodes.models import (
    Arrival,
    FeedbackItem,
    HeldRow,
    Node,
    NodeKey,
    Package,
    Receipt,
    Refusal,
    SharedPerson,
    Stream,
)
from yanta.kernel.resource import Related, Resource, Section, register

WATCHED = {"engineer": "view export", "auditor": "view export", "leader": "view"}
COLLECTS, REPORTS = levels.own().collects, levels.own().reports


@register
class NodeResource(Resource):
    model = Node
    title = "节点登记"
    icon = "affiliate"
    hint = "上级、下级与同级节点：入网码一次有效，公钥核对后启用。"
    columns = ["name", "code", "level", "relation", "state", "seen_at", "contact"]
    filters = ["relation", "level", "state"]
    search = ["name", "code", "contact"]
    form = [Section("联系", ["address", "contact", "phone", "note"])]
    facts = [
        Section("节点", ["name", "code", "level", "relation", "state", "via"]),
        Section("联系", ["address", "contact", "phone", "seen_at", "note"]),
    ]
    related = [Related("公钥", NodeKey, "node", ["algorithm", "key_id", "how", "pinned_at", "retired_at"])]
    actions = [
        services.invite, services.join, services.introduce, services.activate, services.suspend, services.ask_for_all, services.tell,
    ]  # fmt: skip
    access = {
        "engineer": "view export edit invite join introduce activate suspend ask_for_all tell", "auditor": "view", "leader": "view",
    }  # fmt: skip
    order = ["relation", "code"]

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("节点概况", f"/nodes/schools/{row.pk}/")]


@register
class NodeKeyResource(Resource):
    model = NodeKey
    title = "节点公钥"
    icon = "key"
    in_menu = False
    columns = ["node", "algorithm", "key_id", "how", "pinned_at", "retired_at"]
    filters = ["algorithm", "how"]
    search = ["key_id", "node__name"]
    facts = [
        Section("公钥", ["node", "algorithm", "key_id", "how", "pinned_at", "retired_at"]),
        Section("PEM", ["pem"]),
    ]
    access = WATCHED


@register
class StreamResource(Resource):
    model = Stream
    title = "上报流"
    icon = "arrow-up-circle"
    in_menu = False
    hint = "上级要求的每个主题一条：归口部门同意后开始，断网时排队，恢复后续传。"
    columns = ["title", "upper", "origin", "state", "owner", "acknowledged_at", "waiting_since", "error"]
    filters = ["state", "upper"]
    search = ["title", "subject"]
    facts = [
        Section("上报", ["title", "upper", "origin", "owner", "state", "every_minutes"]),
        Section("同意", ["agreed_by", "agreed_at"]),
        Section(
            "进展",
            ["acknowledged_at", "next_number", "wants_full", "waiting_since", "next_attempt_at", "error"],
        ),
    ]
    related = [
        Related("上报包", Package, "stream", ["number", "kind", "rows", "state", "built_at", "ended_at"])
    ]
    actions = [services.agree, services.pause, services.resume, services.send_all]
    access = {"engineer": "view export agree pause resume send_all", "auditor": "view", "leader": "view",
              "owner": "view agree"}  # fmt: skip
    order = ["upper", "pk"]


@register
class PackageResource(Resource):
    model = Package
    title = "上报包"
    icon = "package"
    in_menu = False
    columns = ["stream", "number", "kind", "rows", "size", "state", "built_at", "ended_at", "error"]
    filters = ["state", "kind", "stream"]
    search = ["digest"]
    facts = [
        Section("包", ["stream", "number", "kind", "rows", "size", "state", "error"]),
        Section("时间", ["built_at", "ended_at"]),
        Section("凭据", ["digest", "signature", "manifest"]),
    ]
    access = WATCHED


@register
class ReceiptResource(Resource):
    model = Receipt
    title = "上报回执"
    icon = "receipt"
    hint = "读入 = 新增 + 变更 + 未变 + 删除 + 隔离；上级签名，两端各存一份。"
    columns = [
        "issued_at", "side", "node", "origin", "subject", "number", "received", "new", "changed", "unchanged",
        "removed", "quarantined",
    ]  # fmt: skip
    filters = ["side", "node", "subject", "issued_at"]
    search = ["package", "origin", "subject"]
    facts = [
        Section("回执", ["node", "origin", "subject", "number", "side", "issued_at"]),
        Section("数目", ["received", "new", "changed", "unchanged", "removed", "quarantined"]),
        Section("凭据", ["package", "document", "signature"]),
    ]
    access = WATCHED


@register
class FeedbackItemResource(Resource):
    model = FeedbackItem
    title = "回流问题"
    icon = "message-report"
    in_menu = REPORTS
    hint = "上级校验发现的问题，回到产生数据的单位：改源头数据后自动重报，无误的说明情况；报表核查的问题在报表上处理。"
    columns = ["key", "name", "words", "kind", "unit", "due_on", "state"]
    filters = ["state", "kind", "subject", "unit", "due_on"]
    search = ["key", "name", "words"]
    facts = [
        Section("问题", ["key", "name", "words", "kind", "subject", "number", "upper"]),
        Section("处理", ["unit", "due_on", "state", "explanation", "handled_by", "noted_at", "ended_at"]),
    ]
    actions = [services.resend, services.explain, services.assign]
    access = {
        "engineer": "view export resend explain assign", "clerk": "view export resend explain", "head": "view",
        "auditor": "view", "leader": "view",
    }  # fmt: skip
    order = ["state", "due_on"]

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("打开报表", row.faults[0]["link"])] if row.kind == FeedbackItem.Kind.REPORT else []


@register
class ArrivalResource(Resource):
    model = Arrival
    title = "收到的包"
    icon = "package-import"
    in_menu = COLLECTS
    columns = [
        "announced_at",
        "node",
        "via",
        "subject",
        "number",
        "kind",
        "rows",
        "state",
        "seconds",
        "error",
    ]
    filters = ["state", "kind", "subject", "node"]
    search = ["digest", "node__name"]
    facts = [
        Section("包", ["node", "via", "subject", "number", "kind", "rows", "size", "state", "error"]),
        Section("时间", ["announced_at", "applied_at", "seconds"]),
        Section("凭据", ["digest", "signature", "manifest"]),
    ]
    access = WATCHED


@register
class HeldRowResource(Resource):
    model = HeldRow
    title = "区域隔离清单"
    icon = "alert-triangle"
    in_menu = COLLECTS
    hint = "不合格的行不入库：原样加密保存，原因逐项退回学校，改好重报后自动了结。"
    columns = ["node", "subject", "key", "words", "state", "held_at", "ended_at"]
    filters = ["state", "subject", "node", "is_waiting"]
    search = ["key", "words", "node__name"]
    facts = [
        Section("原因", ["words", "faults", "is_waiting", "state", "ended_at"]),
        Section("出处", ["node", "subject", "key", "arrival", "line", "held_at"]),
    ]
    access = WATCHED


@register
class SharedPersonResource(Resource):
    model = SharedPerson
    title = "跨校重复"
    icon = "users-group"
    in_menu = COLLECTS
    hint = "同一证件号同时见于两所学校：两校都已告知，核实后了结。"
    columns = ["name", "where", "subject", "state", "found_at", "ended_at"]
    filters = ["state", "subject"]
    search = ["name", "where"]
    facts = [
        Section("人员", ["name", "subject", "where", "places"]),
        Section("核实", ["state", "note", "found_at", "ended_at"]),
    ]
    actions = [services.accept_shared]
    access = {"engineer": "view export accept_shared", "auditor": "view", "leader": "view"}


@register
class RefusalResource(Resource):
    model = Refusal
    title = "拒收记录"
    icon = "shield-x"
    columns = ["at", "claimed", "kind", "words", "address", "about"]
    filters = ["kind", "at"]
    search = ["claimed", "words", "address"]
    facts = [Section("拒收", ["at", "claimed", "kind", "words", "address", "about"])]
    access = WATCHED
    in_search = False
