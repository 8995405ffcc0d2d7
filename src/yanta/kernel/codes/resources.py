"""Codes, crosswalks, numbers and the dictionary on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.kernel.base import Actor
from yanta.kernel.codes import service, services
from yanta.kernel.codes.models import (
    Alias,
    Code,
    CodeSet,
    Crosswalk,
    CrosswalkEntry,
    DataElement,
    NumberReservation,
    NumberRule,
    Proposal,
    Revision,
)
from yanta.kernel.resource import Related, Resource, Section, Sheet, register

OWNER = "信息中心"
EVERYBODY_READS = {
    "engineer": "*", "clerk": "view export propose", "head": "view export", "auditor": "view",
    "leader": "view", "teacher": "view", "counsellor": "view",
}  # fmt: skip


def _changed(code_set_id: int) -> None:
    """A set that was edited by hand is read anew, here and in every other process."""
    code_set = CodeSet.objects.get(pk=code_set_id)
    code_set.revision += 1
    code_set.size = code_set.codes.count()
    code_set.save(update_fields=["revision", "size", "updated_at"])
    service.forget(code_set.set_id)


@register
class CodeSetResource(Resource):
    model = CodeSet
    title = "代码集"
    owner = OWNER
    icon = "list-numbers"
    hint = "还没有装入代码集，请运行 load_codes"
    columns = ["title", "set_id", "standard", "edition", "domain", "size", "verdict", "revision"]
    filters = ["domain", "verdict", "standard", "hierarchical"]
    search = ["title", "set_id", "standard"]
    is_reference = True
    form = [
        Section("代码集", ["set_id", "title", "standard", "family", "edition", "domain"]),
        Section("效力", ["valid_from", "valid_to", "owner"]),
        Section("来源", ["source", "licence", "check_note"]),
    ]
    facts = [
        Section("代码集", ["set_id", "title", "standard", "family", "edition", "domain", "size"]),
        Section("可信程度", ["verdict", "check_note", "source", "licence"]),
        Section("效力", ["revision", "valid_from", "valid_to", "hierarchical", "width", "owner"]),
    ]
    related = [
        Related("代码", Code, "code_set", ["code", "name", "parent", "note", "valid_to", "successor"]),
        Related("变更", Proposal, "code_set", ["kind", "code", "name", "effective_on", "status"]),
        Related("发布记录", Revision, "code_set", ["number", "created_at", "published_by", "reason"]),
        Related("对照", Crosswalk, "code_set", ["title", "local_system", "direction"]),
        Related("同义写法", Alias, "code_set", ["written", "code"]),
    ]
    actions = [services.propose, services.publish, services.remap]
    order = ["set_id"]
    access = EVERYBODY_READS

    def refusal_to_edit(self, row: Any) -> str | None:
        return None if row.verdict == CodeSet.Verdict.SCHOOL else "随产品提供的代码集不能直接修改，请提出变更"

    def refusal_to_delete(self, row: Any) -> str | None:
        return self.refusal_to_edit(row)

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("浏览与使用情况", f"/codes/browse/{row.set_id}/")]


@register
class CodeResource(Resource):
    model = Code
    title = "代码"
    owner = OWNER
    icon = "hash"
    columns = ["code", "name", "code_set", "parent", "valid_from", "valid_to", "successor", "origin"]
    filters = ["code_set", "origin", "valid_to"]
    search = ["code", "name", "note"]
    is_reference = True
    order = ["code_set", "position"]
    access = EVERYBODY_READS
    in_menu = False


@register
class AliasResource(Resource):
    model = Alias
    title = "同义写法"
    owner = OWNER
    icon = "equal"
    columns = ["written", "code", "code_set", "origin"]
    filters = ["code_set", "origin"]
    search = ["written", "code__code", "code__name"]
    is_reference = True
    form = [Section("同义写法", ["code_set", "written", "code"])]
    access = EVERYBODY_READS
    in_menu = False

    def refusal_to_delete(self, row: Any) -> str | None:
        return None if row.origin == Code.Origin.SCHOOL else "随产品提供的写法不能删除"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        row.code_set_id = row.code.code_set_id
        row.save()
        _changed(row.code_set_id)


@register
class ProposalResource(Resource):
    model = Proposal
    title = "代码变更"
    owner = OWNER
    icon = "git-pull-request"
    columns = ["code", "code_set", "kind", "name", "successor", "effective_on", "status", "proposed_by"]
    filters = ["status", "kind", "code_set"]
    search = ["code", "name", "reason", "code_set__title"]
    is_reference = True
    facts = [
        Section(
            "变更", ["code_set", "kind", "code", "name", "parent", "successor", "effective_on", "reason"]
        ),
        Section("审核", ["status", "proposed_by", "reviewed_by", "opinion"]),
    ]
    actions = [services.approve, services.reject]
    access = EVERYBODY_READS

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("影响预览", f"/codes/browse/{row.code_set.set_id}/#effects")]


@register
class RevisionResource(Resource):
    model = Revision
    title = "发布记录"
    owner = OWNER
    icon = "rocket"
    columns = ["number", "code_set", "created_at", "published_by", "reason"]
    filters = ["code_set"]
    facts = [
        Section("发布", ["code_set", "number", "created_at", "published_by", "reason", "changes", "remapped"])
    ]
    access = EVERYBODY_READS
    in_menu = False


@register
class CrosswalkResource(Resource):
    model = Crosswalk
    title = "代码对照"
    owner = OWNER
    icon = "arrows-exchange"
    hint = "部门的本地代码在这里对到标准代码；先新增一张对照表，再导入对照项"
    columns = ["title", "key", "local_system", "code_set", "direction", "owner"]
    filters = ["direction", "code_set"]
    search = ["title", "key", "local_system"]
    is_reference = True
    form = [Section("对照", ["key", "title", "local_system", "code_set", "direction", "owner", "note"])]
    related = [
        Related("对照项", CrosswalkEntry, "crosswalk", ["local_code", "local_name", "code", "loss", "note"])
    ]
    actions = [services.import_crosswalk]
    access = EVERYBODY_READS


@register
class CrosswalkEntryResource(Resource):
    model = CrosswalkEntry
    title = "对照项"
    owner = OWNER
    icon = "arrow-right"
    columns = ["local_code", "local_name", "code", "loss", "crosswalk", "note"]
    filters = ["crosswalk", "loss"]
    search = ["local_code", "local_name", "code__name"]
    is_reference = True
    form = [Section("对照项", ["crosswalk", "local_code", "local_name", "code", "loss", "note"])]
    access = EVERYBODY_READS
    in_menu = False

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        row.save()
        service.forget(row.crosswalk.code_set.set_id)


@register
class NumberRuleResource(Resource):
    model = NumberRule
    title = "编号规则"
    owner = OWNER
    icon = "barcode"
    columns = ["title", "key", "pattern", "example", "owner"]
    search = ["title", "key"]
    is_reference = True
    form = [Section("编号规则", ["key", "title", "pattern", "counts_within", "example", "owner", "note"])]
    related = [
        Related(
            "号码", NumberReservation, "rule", ["number", "status", "purpose", "reserved_by", "created_at"]
        )
    ]
    actions = [services.reserve]
    sheet = Sheet(key=["key"])
    access = {"engineer": "*", "clerk": "view reserve", "head": "view", "auditor": "view", "leader": "view"}

    def refusal_to_delete(self, row: Any) -> str | None:
        return "已经发出过号码，不能删除" if row.reservations.exists() else None


@register
class NumberReservationResource(Resource):
    model = NumberReservation
    title = "号码"
    owner = OWNER
    icon = "ticket"
    columns = ["number", "rule", "status", "purpose", "reserved_by", "created_at"]
    filters = ["rule", "status"]
    search = ["number", "purpose"]
    is_reference = True
    actions = [services.confirm, services.release]
    access = {"engineer": "*", "clerk": "view confirm release", "head": "view", "auditor": "view"}
    in_menu = False


@register
class DataElementResource(Resource):
    model = DataElement
    title = "数据元"
    owner = OWNER
    icon = "book-2"
    columns = [
        "identifier",
        "name",
        "subset_title",
        "kind",
        "length",
        "code_reference",
        "obligation",
        "source",
    ]
    filters = ["source", "subset", "obligation", "confidence"]
    search = ["identifier", "name", "number", "subset_title"]
    is_reference = True
    facts = [
        Section("数据元", ["identifier", "name", "number", "source", "subset", "subset_title", "obligation"]),
        Section("值域", ["kind", "length", "stated_length", "code_reference", "code_sets", "note"]),
        Section("可信程度", ["confidence"]),
    ]
    order = ["position"]
    access = EVERYBODY_READS | {"student": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("所在子类与使用情况", f"/codes/dictionary/{row.subset}/")]
