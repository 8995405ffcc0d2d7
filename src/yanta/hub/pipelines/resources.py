"""The nouns of pipelines on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from croniter import croniter

from yanta.hub.exchange import public as exchange
from yanta.hub.pipelines import services, targets
from yanta.hub.pipelines.models import Claim, HeldRow, Pipeline, PipelineRun, ReceiptCopy, Version
from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Related, Resource, Section, register

READERS = {"clerk": "view", "head": "view", "auditor": "view", "leader": "view"}


@register
class PipelineResource(Resource):
    model = Pipeline
    title = "数据管道"
    icon = "git-merge"
    hint = "一条管道：一张来源表、一套映射与清洗、一个目标主题；每次运行一份签名对账单。"
    columns = ["title", "code", "subject", "mode", "owner", "receiver", "cron", "is_active"]
    filters = ["mode", "owner", "is_active"]
    search = ["title", "code"]
    form = [
        Section("从哪里来", ["title", "code", "connection", "table", "mode", "watermark_column"]),
        Section("到哪里去", ["subject", "owner", "receiver"]),
        Section("何时运行", ["cron", "expected_minutes", "retries"], note="cron 例：0 2 * * * 为每天 2 点"),
    ]
    related = [
        Related("版本", Version, "pipeline"),
        Related("运行", PipelineRun, "pipeline"),
        Related("隔离", HeldRow, "pipeline"),
    ]
    actions = [
        services.run, services.dry_run, services.backfill, services.replay, services.begin_draft, services.depend, services.pause,
        services.resume,
    ]  # fmt: skip
    access = {**READERS, "engineer": "*", "clerk": "view run dry_run replay"}
    order = ["code"]

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [
            ("运行台", f"/pipelines/of/{row.code}/"),
            ("映射编辑器", f"/pipelines/of/{row.code}/mapping/"),
        ]

    def refusal_to_edit(self, row: Any) -> str | None:
        return "这条管道由代码声明，请在代码中修改" if row.is_declared else None

    def refusal_to_delete(self, row: Any) -> str | None:
        return "有过运行的管道不能删除，请停用" if row.runs.exists() else self.refusal_to_edit(row)

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        """The source, the target and the clock must exist before there is a pipeline."""
        exchange.connection(row.connection)
        targets.target(row.subject)
        if row.cron and not croniter.is_valid(row.cron):
            raise Refused("这不是有效的 cron 表达式，例：0 2 * * *", field="cron")
        if row.mode == Pipeline.Mode.INCREMENT and not row.watermark_column:
            raise Refused("按水位增量需要指定水位列", field="watermark_column")
        row.samples = None
        row.save()


@register
class VersionResource(Resource):
    model = Version
    title = "管道版本"
    icon = "versions"
    columns = ["pipeline", "number", "status", "note", "published_by", "published_at"]
    filters = ["status", "pipeline"]
    search = ["pipeline__title", "note"]
    actions = [
        services.change_pair, services.drop_pair, services.rule, services.publish_draft, services.discard_draft,
    ]  # fmt: skip
    access = {**READERS, "engineer": "*"}
    in_menu = False
    in_search = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("映射编辑器", f"/pipelines/of/{row.pipeline.code}/mapping/?version={row.number}")]


@register
class PipelineRunResource(Resource):
    model = PipelineRun
    title = "管道运行"
    icon = "player-play"
    columns = ["pipeline", "kind", "state", "started_by", "started_at", "ended_at"]
    filters = ["state", "kind", "pipeline", "started_at"]
    search = ["pipeline__title", "pipeline__code"]
    actions = [services.consent]
    access = {**READERS, "engineer": "view export consent", "head": "view consent"}
    in_search = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("过程与对账单", f"/pipelines/runs/{row.pk}/")]


@register
class HeldRowResource(Resource):
    model = HeldRow
    title = "管道隔离清单"
    icon = "alert-triangle"
    hint = "没有入库的行都保留原样和原因：更正后重放，或注明理由不予采用。"
    columns = ["row_key", "kind", "reasons", "pipeline", "run", "state", "decided_by"]
    filters = ["state", "kind", "pipeline"]
    search = ["row_key", "reasons"]
    facts = [
        Section("原因", ["row_key", "kind", "reasons", "state"]),
        Section("出处", ["pipeline", "run", "place"]),
        Section("处理", ["person", "decided_by", "decided_at", "note"]),
    ]
    actions = [services.correct, services.identify, services.let_go, services.dismiss, services.reopen]
    access = {"engineer": "*", "clerk": "*", "head": "view", "auditor": "view"}
    in_search = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("查看原行并更正", f"/pipelines/held/{row.pk}/")]


@register
class ReceiptCopyResource(Resource):
    model = ReceiptCopy
    title = "部门对账"
    icon = "receipt"
    hint = "每次运行的对账单，送出方和接收方各有一份；核对后确认，不符可提出异议。"
    columns = ["receipt", "receipt__run__pipeline", "unit", "side", "state", "decided_by", "created_at"]
    filters = ["state", "side", "unit"]
    search = ["receipt__run__pipeline__title", "note"]
    facts = [
        Section("对账单", ["receipt", "unit", "side"]),
        Section("核对", ["state", "note", "decided_by", "decided_at"]),
    ]
    actions = [services.confirm, services.dispute]
    access = {
        "clerk": "view confirm dispute",
        "head": "view confirm dispute",
        "engineer": "view",
        "auditor": "view",
    }
    in_search = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("打开对账单", f"/pipelines/runs/{row.receipt.run_id}/")]


@register
class ClaimResource(Resource):
    model = Claim
    title = "字段权威"
    icon = "certificate"
    hint = "一数一源：每个主题的每个字段，只有一条管道可以写入。"
    columns = ["subject", "field", "pipeline", "pipeline__owner"]
    filters = ["pipeline"]
    search = ["subject", "field"]
    access = {**READERS, "engineer": "view export"}
    in_search = False
    order = ["subject", "field"]
