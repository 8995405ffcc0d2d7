"""The nouns of sharing on screen and in the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yanta.hub.sharing import models
from yanta.hub.sharing.services import agreements, applications, catalogue, consumers, deliveries, grants
from yanta.kernel import search
from yanta.kernel.access import roles
from yanta.kernel.base import Actor
from yanta.kernel.resource import Column, Resource, Section, register

# No department of this name exists: nobody reaches the whole school by owning these verbs, the information centre least.
SOURCES = "各数据来源部门"
STAFF = ("teacher", "counsellor", "clerk", "head", "engineer", "security", "auditor", "leader")
LOOKS = dict.fromkeys(STAFF, "view")


def _titles(row: Any) -> str:
    about = (row.dataset if hasattr(row, "dataset") else row).about
    known = {field.name: field.title for field in about.fields}
    return "、".join(known.get(name, name) for name in row.names)


@register
class DatasetResource(Resource):
    """The catalogue is looked at as cards; here it is a list, and the API."""

    model = models.Dataset
    title = "数据集清单"
    owner = SOURCES
    icon = "database-share"
    columns = ["code", "title", "subject", "owner", "level", "refresh", "version", "state", "ends_on"]
    filters = ["state", "subject", "owner"]
    search = ["code", "title", "meaning"]
    facts = [
        Section("数据集", ["code", "title", "subject", "owner", "level", "refresh", "version", "state"]),
        Section("约定", ["meaning", "service", "contact", "published_on", "ends_on", "successor"]),
    ]
    actions = [
        catalogue.draft, catalogue.redraft, catalogue.ask, catalogue.revise, catalogue.publish, catalogue.take_back,
        catalogue.deprecate, catalogue.retire,
    ]  # fmt: skip
    access = {**LOOKS, "clerk": "view export", "head": "view export", "auditor": "view export"}
    order = ["code"]
    in_menu = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("数据集契约", f"/sharing/datasets/{row.code}/")]


@register
class ConsentResource(Resource):
    """What waits for a source department's word."""

    model = models.Consent
    title = "发布认可"
    owner = SOURCES
    icon = "checkup-list"
    columns = [
        "version__dataset",
        "version__number",
        "unit",
        Column("fields", "涉及字段", lambda row: "、".join(row.names)),
        "state",
        "decided_by",
        "decided_at",
    ]
    filters = ["state", "unit"]
    facts = [
        Section("认可", ["version__dataset", "version__number", "version__note", "unit", "state", "opinion"]),
        Section("办理", ["decided_by", "decided_at"]),
    ]
    actions = [catalogue.consent, catalogue.decline]
    access = {"clerk": "view", "head": "view", "engineer": "view", "auditor": "view", "leader": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("数据集契约", f"/sharing/datasets/{row.version.dataset.code}/")]


@register
class ConsumerResource(Resource):
    """Departments, systems and nodes that use data."""

    model = models.Consumer
    title = "使用方"
    owner = SOURCES
    icon = "plug-connected"
    columns = ["code", "title", "kind", "unit", "responsible", "address", "is_active"]
    filters = ["kind", "unit", "is_active"]
    search = ["code", "title"]
    form = [
        Section("使用方", ["code", "title", "kind", "unit", "responsible"]),
        Section("接入", ["address", "networks", "is_active"]),
    ]
    access = {
        **dict.fromkeys(STAFF, "view"), "clerk": "view add edit", "head": "view add edit", "engineer": "view add edit",
    }  # fmt: skip
    order = ["code"]

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        consumers.check_consumer(row)
        row.save()


@register
class AgreementResource(Resource):
    """What was agreed with other schools, both ways."""

    model = models.Agreement
    title = "校际协议"
    owner = SOURCES
    icon = "heart-handshake"
    hint = "一份协议一个数据集：使用方提出，来源部门审批，两校签署后按约定的字段、行和速度取数；任一方终止立即生效。"
    columns = ["number", "side", "partner", "title", "unit", "valid_to", "state", "read_at"]
    filters = ["state", "side", "partner", "valid_to"]
    search = ["number", "partner", "title", "purpose"]
    facts = [
        Section("协议", ["number", "side", "partner", "title", "unit", "purpose", "state", "reason"]),
        Section(
            "约定", ["valid_from", "valid_to", "per_minute", "rows_per_day", "level", "version", "notice"]
        ),
        Section(
            "签署",
            ["own_signer", "own_signature", "partner_signer", "partner_signature", "signed_at", "terms"],
        ),
    ]
    actions = [agreements.sign, agreements.decline, agreements.end, agreements.connect]
    access = {"clerk": "view", "head": "view", "engineer": "view", "auditor": "view", "leader": "view"}
    in_menu = False

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("协议详情", f"/sharing/agreements/{row.pk}/")]


@register
class ApplicationResource(Resource):
    """What was asked for."""

    model = models.Application
    title = "使用申请"
    owner = SOURCES
    icon = "file-text"
    columns = [
        "dataset",
        "consumer",
        Column("fields", "申请字段", _titles, needs=("dataset",)),
        "valid_from",
        "valid_to",
        "state",
        "created_at",
    ]
    filters = ["state", "dataset", "consumer"]
    search = ["dataset__title", "consumer__title", "purpose"]
    facts = [
        Section("申请", ["dataset", "consumer", "purpose", "state", "applicant"]),
        Section("约定", ["valid_from", "valid_to", "per_minute", "rows_per_day"]),
    ]
    actions = [applications.apply, applications.withdraw]
    access = {
        "teacher": "view", "clerk": "view export", "head": "view export", "engineer": "view", "auditor": "view export",
        "leader": "view",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("审批经过", f"/sharing/applications/{row.pk}/")]


@register
class DecisionResource(Resource):
    """A department's own part of the applications."""

    model = models.Decision
    title = "来源部门审批"
    owner = SOURCES
    icon = "gavel"
    columns = [
        "application",
        "unit",
        "round",
        Column("fields", "本部门字段", lambda row: "、".join(row.names)),
        "state",
        "decided_by",
        "decided_at",
    ]
    filters = ["state", "unit"]
    facts = [
        Section("审批", ["application", "unit", "round", "state", "opinion", "valid_to"]),
        Section("办理", ["decided_by", "decided_at"]),
    ]
    actions = [applications.approve, applications.refuse]
    access = {"clerk": "view", "head": "view", "engineer": "view", "auditor": "view", "leader": "view"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("审批经过", f"/sharing/applications/{row.application_id}/")]


@register
class GrantResource(Resource):
    """Who may read what, until when."""

    model = models.Grant
    title = "共享授权"
    owner = SOURCES
    icon = "key"
    columns = [
        "dataset",
        "consumer",
        "level",
        Column("how", "交付方式", lambda row: "、".join(models.Way(one).label for one in row.ways)),
        "valid_from",
        "valid_to",
        "state",
        "last_read_at",
    ]
    filters = ["state", "dataset", "consumer", "valid_to"]
    search = ["dataset__title", "consumer__title", "key_id"]
    facts = [
        Section("授权", ["dataset", "consumer", "level", "state", "reason", "valid_from", "valid_to"]),
        Section("约定", ["per_minute", "rows_per_day", "key_id", "last_read_at"]),
    ]
    actions = [
        grants.suspend, grants.resume, grants.revoke, grants.give_back, applications.renew, grants.schedule_file,
        deliveries.make_file, deliveries.subscribe, deliveries.test_push, deliveries.replay,
    ]  # fmt: skip
    access = {**LOOKS, "clerk": "view export", "head": "view export", "auditor": "view export"}

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return [("授权详情", f"/sharing/grants/{row.pk}/")]


@register
class FileDeliveryResource(Resource):
    """Files that were made."""

    model = models.FileDelivery
    title = "共享文件"
    owner = SOURCES
    icon = "file-download"
    columns = ["grant", "kind", "state", "rows", "downloads", "asked_by", "expires_at"]
    filters = ["state", "kind"]
    access = {"teacher": "view", "clerk": "view", "head": "view", "engineer": "view", "auditor": "view"}
    in_menu = False


@register
class PushResource(Resource):
    """What was pushed, and what could not be delivered."""

    model = models.Push
    title = "推送记录"
    owner = SOURCES
    icon = "webhook"
    columns = ["subscription", "sequence", "state", "attempts", "status", "error", "due_at", "sent_at"]
    filters = ["state"]
    actions = [deliveries.retry_push]
    access = {"teacher": "view", "clerk": "view", "head": "view", "engineer": "view", "auditor": "view"}
    in_menu = False


@register
class ReadEntryResource(Resource):
    """Read only, as the database sees to it; the page of the read log answers by person."""

    model = models.ReadEntry  # type: ignore[assignment]  # append-only: a Record would bring columns that change
    title = "读取记录"
    owner = SOURCES
    icon = "eye-check"
    columns = ["at", "dataset", "consumer", "how", "outcome", "count", "is_exact", "address", "detail"]
    filters = ["how", "outcome", "dataset", "consumer", "at"]
    facts = [
        Section("谁", ["at", "consumer", "dataset", "person_name", "address"]),
        Section(
            "读了什么",
            ["how", "outcome", "status", "count", "is_exact", "is_signed", "detail", "milliseconds"],
        ),
    ]
    access = {"clerk": "view", "head": "view", "auditor": "view export"}
    in_menu = False
    in_search = False


# The list is not in the menu, for the catalogue is; what it holds is found all the same.
search.register(
    models.Dataset,
    body=["code", "title", "meaning"],
    label="数据集",
    icon="database-share",
    address="/sharing/dataset/",
)

# Their answers are secrets told once, which no derived page or address may swallow.
for role in grants.PEOPLE:
    roles.allow(role, [grants.issue_key.permission, deliveries.open_schema.permission])
# Its page asks the other school what there is; a derived form could not.
for role in ("clerk", "head"):
    roles.allow(role, [agreements.propose.permission])
