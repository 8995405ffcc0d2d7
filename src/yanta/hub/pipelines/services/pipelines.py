"""Drawing a pipeline: drafts, pairs, rules, publishing, authority."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from django.utils import timezone

from yanta.hub.exchange import public as exchange
from yanta.hub.pipelines import documents, lookups, queries, rules, steps
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.models import Claim, Pipeline, Version
from yanta.hub.pipelines.targets import Target, target
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation

Status = Version.Status


@operation("编辑映射", icon="pencil", bulk=False, when=lambda one: not one.is_declared)
def begin_draft(pipeline: Pipeline, *, actor: Actor) -> Version:
    """The draft that is being edited; a new version that starts as the published one."""
    if pipeline.is_declared:
        raise Refused("这条管道由代码声明，请在代码中修改")
    found = queries.draft(pipeline)
    if found is not None:
        return found
    now = queries.published(pipeline)
    last = pipeline.versions.order_by("-number").first()
    document = now.document if now else _first(pipeline).as_json()
    return Version.objects.create(
        pipeline=pipeline, number=(last.number if last else 0) + 1, document=document, author=actor.name
    )


def _first(pipeline: Pipeline) -> Document:
    from yanta.hub.pipelines import suggesting

    return suggesting.first_document(pipeline)


def document_of(version: Version) -> Document:
    return Document.of(version.document)


def _editable(version: Version) -> None:
    if version.status != Status.DRAFT:
        raise Refused("已发布的版本不能再改，请新建草稿")


def keep(version: Version, document: Document) -> None:
    """The draft as it stands now."""
    _editable(version)
    version.document = document.as_json()
    version.save(update_fields=["document", "updated_at"])


@operation("设定一列", icon="arrow-right", bulk=False, when=lambda one: one.status == Status.DRAFT)
def change_pair(
    version: Version, *, actor: Actor, field: Annotated[str, Label("目标字段")], source: Annotated[str, Label("来源列")] = "",
    constant: Annotated[str, Label("固定值")] = "", cleaning: Annotated[str, Label("清洗步骤", "以空格分隔")] = "tidy",
    crosswalk: Annotated[str, Label("代码对照表")] = "", mode: Annotated[str, Label("写入方式", "write、fill 或 check")] = "write",
    erases: Annotated[bool, Label("来源为空时清除原值")] = False,
) -> None:  # fmt: skip
    """This column feeds that field, so cleaned, so translated, so written; an empty cleaning leaves the text as it is."""
    _editable(version)
    goal = target(version.pipeline.subject)
    chosen = tuple(step for step in cleaning.split() if step)
    for step in chosen:
        steps.check(step)
    if mode not in documents.MODES:
        raise Refused("不认识的写入方式", field="mode")
    if not source and not constant:
        raise Refused("请选择来源列，或填写固定值", field="source")
    if crosswalk and crosswalk not in crosswalks():
        raise Refused(f"没有名为“{crosswalk}”的代码对照表", field="crosswalk")
    pair = Pair(goal.field(field).name, source, "" if source else constant, chosen, crosswalk, mode, erases)  # type: ignore[arg-type]  # the form offers no other mode
    keep(version, document_of(version).with_pair(pair))


@operation("取消对应", icon="x", bulk=False, when=lambda one: one.status == Status.DRAFT)
def drop_pair(version: Version, *, actor: Actor, field: Annotated[str, Label("目标字段")]) -> None:
    _editable(version)
    keep(version, document_of(version).without(field_name=field))


@operation("设定规则", icon="adjustments", bulk=False, when=lambda one: one.status == Status.DRAFT)
def rule(
    version: Version, *, actor: Actor, creates: Annotated[bool, Label("允许新增")] = True,
    absent: Annotated[str, Label("来源删除的行")] = "keep", mark_field: Annotated[str, Label("标记离开的字段")] = "",
    mark_value: Annotated[str, Label("标记离开的值")] = "", is_whole: Annotated[bool, Label("来源是完整名单")] = False,
    partition: Annotated[str, Label("分区列")] = "",
    threshold_percent: Annotated[int, Label("隔离比例上限（%）")] = 20, threshold_rows: Annotated[int, Label("隔离行数上限")] = 0,
    removal_percent: Annotated[int, Label("一次标记离开的上限（%）", "超过它须有人同意")] = 5,
) -> None:  # fmt: skip
    """What becomes of new and deleted rows, how the account is parted, when a run stops."""
    _editable(version)
    if absent not in documents.ABSENT:
        raise Refused("不认识的处理方式", field="absent")
    if absent == "mark" or mark_field:
        _check_mark(target(version.pipeline.subject), mark_field, mark_value)
    if not 0 <= threshold_percent <= 100:
        raise Refused("隔离比例的上限应在 0 到 100 之间", field="threshold_percent")
    if not 0 <= removal_percent <= 100:
        raise Refused("标记离开的上限应在 0 到 100 之间", field="removal_percent")
    keep(version, replace(
        document_of(version), creates=creates, absent=absent, mark_field=mark_field, mark_value=mark_value, is_whole=is_whole,
        partition=partition, threshold_percent=threshold_percent, threshold_rows=threshold_rows,
        removal_percent=removal_percent,
    ))  # fmt: skip


def _check_mark(goal: Target, mark_field: str, mark_value: str) -> None:
    if not mark_field:
        raise Refused("请指定用哪个字段标记离开", field="mark_field")
    one = goal.field(mark_field)
    if mark_value == "today" and one.kind == "date":
        return
    verdicts = lookups.judged(one, [mark_value])
    if not mark_value or verdicts[mark_value].reason:
        raise Refused(f"“{mark_value}”不是“{one.title}”的值", field="mark_value")


@operation("发布", icon="rocket", bulk=False, when=lambda one: one.status == Status.DRAFT)
def publish_draft(
    version: Version, *, actor: Actor, note: Annotated[str, Label("改了什么"), Long(2)] = ""
) -> None:
    """From now on runs use this version; the fields it writes have it as their one authority."""
    _editable(version)
    pipeline, document = version.pipeline, document_of(version)
    check_whole(pipeline, document)
    claim(pipeline, document)
    now = timezone.now()
    pipeline.versions.filter(status=Status.PUBLISHED).update(status=Status.RETIRED, updated_at=now)
    version.status, version.digest, version.note = Status.PUBLISHED, document.digest, note
    version.published_by, version.published_at = actor.signature, now
    version.save()


def check_whole(pipeline: Pipeline, document: Document) -> None:
    """Refused when a run of this version could not end well."""
    goal = target(pipeline.subject)
    shape = _columns(pipeline)
    documents.check(document, columns=shape)
    fed = {pair.field for pair in document.confirmed} | {match.field for match in document.matches}
    missing = [one.title for one in goal.needed if one.name not in fed]
    if missing and document.creates:
        raise Refused(
            f"新增一条“{goal.title}”还缺少：{'、'.join(missing)}。请补上来源列或固定值，或不允许新增"
        )
    if pipeline.watermark_column and shape is not None and pipeline.watermark_column not in shape:
        raise Refused(f"来源表里没有水位列“{pipeline.watermark_column}”")


def _columns(pipeline: Pipeline) -> set[str] | None:
    view = exchange.connection(pipeline.connection)
    for table in view.tables:
        if table.name == pipeline.table:
            return set(table.shape.names)
    return None


def claim(pipeline: Pipeline, document: Document) -> None:
    """One field, one authority: a second one is an error now, not a meeting later."""
    wanted = {pair.field for pair in document.confirmed if pair.mode == "write"}
    wanted |= {match.field for match in document.matches if document.pair(match.field) is None}
    goal = target(pipeline.subject)
    wanted.discard(goal.key)
    others = Claim.objects.filter(subject=goal.name, field__in=wanted).exclude(pipeline=pipeline)
    told = [
        f"“{goal.field(one.field).title}”由“{one.pipeline.title}”写入"
        for one in others.select_related("pipeline")
    ]
    if told:
        raise Refused(f"一数一源：{'；'.join(told)}。请改为“只补空白”或“只核对”，或先停用那条管道的这一字段")
    pipeline.claims.exclude(field__in=wanted).delete()
    known = set(pipeline.claims.values_list("field", flat=True))
    Claim.objects.bulk_create(
        Claim(subject=goal.name, field=name, pipeline=pipeline) for name in sorted(wanted - known)
    )


@operation("放弃草稿", icon="trash", danger=True, bulk=False, when=lambda one: one.status == Status.DRAFT)
def discard_draft(version: Version, *, actor: Actor) -> None:
    """The published version stays as it is."""
    _editable(version)
    if version.runs.exists():
        version.status = Status.RETIRED
        version.note = "试运行过的草稿，未发布"
        version.save(update_fields=["status", "note", "updated_at"])
        return
    version.delete()


@operation("停用", icon="player-pause", when=lambda one: one.is_active)
def pause(pipeline: Pipeline, *, actor: Actor, reason: str) -> None:
    """No scheduled runs and no alarms until it is taken up again; its fields are free for another authority."""
    if not pipeline.is_active:
        raise Refused("管道已停用")
    pipeline.is_active, pipeline.silent_since = False, None
    pipeline.save()
    pipeline.claims.all().delete()


@operation("启用", icon="player-play", when=lambda one: not one.is_active)
def resume(pipeline: Pipeline, *, actor: Actor) -> None:
    if pipeline.is_active:
        raise Refused("管道本来就是启用的")
    version = queries.published(pipeline)
    if version is not None:
        claim(pipeline, document_of(version))
    pipeline.is_active, pipeline.heard_at = True, timezone.now()
    pipeline.save()


@operation("设定上游", icon="sitemap", bulk=False)
def depend(
    pipeline: Pipeline, *, actor: Actor, upstream: Annotated[list[Pipeline], Label("上游管道")]
) -> None:
    """Runs only after these; a circle is refused."""
    wanted = queries.upstream_codes() | {pipeline.code: {one.code for one in upstream}}
    circle = rules.cycle_through(pipeline.code, wanted)
    if circle:
        raise Refused(f"依赖成了一个圈：{' → '.join(circle)}", field="upstream")
    pipeline.depends_on.set(upstream)


def crosswalks() -> list[str]:
    """The crosswalks that the code centre keeps."""
    from yanta.kernel.codes.models import Crosswalk

    return list(Crosswalk.objects.order_by("key").values_list("key", flat=True))
