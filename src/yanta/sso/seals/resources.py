"""Certificates, seals, applications and the register on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yanta.kernel.base import Actor, Refused
from yanta.kernel.resource import Column, Related, Resource, Section, register
from yanta.sso.seals import access, services
from yanta.sso.seals.models import Certificate, Impression, RequestFile, Seal, SealRequest, SignedDocument

__all__ = ["access"]

READERS = {"auditor": "view export", "security": "view export", "leader": "view", "engineer": "view export"}


@register
class SealRequestResource(Resource):
    model = SealRequest
    icon = "rubber-stamp"
    hint = "还没有用印申请。点“申请用印”上传要盖章的 PDF。"
    columns = [
        Column("number", "申请号", lambda request: request.number), "title", "seal", "applicant", "kind", "state",
        "created_at",
    ]  # fmt: skip
    filters = ["state", "seal", "kind", "seal__org_unit", "created_at"]
    search = ["title", "purpose", "applicant__name", "seal__name"]
    facts = [
        Section("申请", ["title", "purpose", "seal", "applicant", "places", "copies", "created_at"]),
        Section("审批与用印", ["state", "endorsed_by", "endorsed_at", "kept_by", "kept_at", "opinion"]),
        Section("授权", ["kind", "quota", "used", "valid_to"]),
    ]
    related = [
        Related("材料", RequestFile, "request", ["name", "pages", "state", "refusal", "document"]),
        Related("用印登记", Impression, "request", ["at", "document", "by", "copies"]),
    ]
    actions = [
        services.endorse, services.press, services.refuse, services.withdraw, services.end, services.authorise,
    ]  # fmt: skip
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view export", "head": "view export", "owner": "view export",
        **READERS,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("材料与回执", f"/seals/sealrequest/{row.pk}/papers/"),)


@register
class RequestFileResource(Resource):
    model = RequestFile
    icon = "file-text"
    in_menu = in_search = False
    columns = ["request", "name", "pages", "digest", "state", "refusal", "document"]
    filters = ["state", "request"]
    search = ["name"]
    access = SealRequestResource.access


@register
class ImpressionResource(Resource):
    model = Impression
    title = "用印登记簿"
    icon = "book"
    hint = "还没有用印记录。"
    columns = [
        "at",
        "document",
        "document__number",
        "kind",
        "seal",
        "certificate",
        "by",
        "approval",
        "copies",
    ]
    filters = ["kind", "seal", "org_unit", "at"]
    search = ["document__title", "document__number", "by", "sm3", "sha256"]
    facts = [
        Section("用印", ["at", "kind", "document", "seal", "places", "copies"]),
        Section("依据", ["by", "person", "request", "approval"]),
        Section("证据", ["certificate", "national", "sm3", "sha256", "sm2"]),
    ]
    order = ["-at"]
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view export", "head": "view export", "owner": "view export",
        **READERS,
    }  # fmt: skip


@register
class SignedDocumentResource(Resource):
    model = SignedDocument
    icon = "file-certificate"
    columns = ["title", Column("shown_number", "验证编号", lambda row: row.shown_number), "org_unit", "person", "state", "created_at"]  # fmt: skip
    filters = ["state", "org_unit", "created_at"]
    search = ["title", "number", "person__name"]
    facts = [
        Section("文件", ["title", "number", "org_unit", "person", "pages", "created_at"]),
        Section("状态", ["state", "withdrawn_at", "withdrawn_for", "source_sm3"]),
    ]
    related = [
        Related("签章", Impression, "document", ["at", "kind", "seal", "certificate", "by", "approval"])
    ]
    actions = [services.withdraw_document]
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view export", "head": "view export",
        "owner": "view export withdraw_document", **READERS,
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("查看文件", f"/files/{row.file_id}/?inline"), ("公开验证页", f"/verify/{row.number}/"))


@register
class SealResource(Resource):
    model = Seal
    icon = "rosette"
    send = "提交刻制申请"
    hint = "还没有印章。点“新增”提出刻制申请，由校领导批准后启用。"
    columns = [
        "name", "foot", "kind", "org_unit", "keeper", "state", Column("left", "还可用次数", lambda seal: _left(seal)), "valid_to",
    ]  # fmt: skip
    filters = ["state", "kind", "org_unit", "audience"]
    search = ["name", "foot", "keeper__name"]
    form = [
        Section("印章", ["name", "foot", "kind", "reason"]),
        Section("归属", ["org_unit", "keeper"]),
        Section("使用规定", ["audience", "needs_head", "most_uses", "valid_from", "valid_to"]),
    ]
    facts = [
        Section("印章", ["name", "foot", "kind", "reason", "state", "opinion"]),
        Section("归属", ["org_unit", "keeper", "certificate", "national"]),
        Section("使用规定", ["audience", "needs_head", "most_uses", "uses", "valid_from", "valid_to"]),
    ]
    related = [
        Related("用印申请", SealRequest, "seal", ["title", "applicant", "state", "created_at"]),
        Related("用印登记", Impression, "seal", ["at", "document", "by", "approval"]),
    ]
    actions = [
        services.approve, services.put_in_use, services.suspend, services.resume, services.hand_over, services.destroy,
    ]  # fmt: skip
    order = ["org_unit__path", "name"]
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view add edit delete export",
        "head": "view add edit delete export suspend resume hand_over", "owner": "*", "auditor": "view export",
        "security": "view export suspend", "leader": "view", "engineer": "*",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("印模", f"/seals/seal/{row.pk}/picture/"),)

    def refusal_to_edit(self, row: Any) -> str | None:
        return None if row.state == Seal.State.PROPOSED else "批准后的印章不能修改，请停用后另行刻制"

    def refusal_to_delete(self, row: Any) -> str | None:
        return None if row.state == Seal.State.PROPOSED else "批准过的印章不删除，请办理销毁"

    def save(self, row: Any, *, actor: Actor, adding: bool) -> None:
        if row.kind == Seal.Kind.PERSONAL and row.name != row.keeper.name:
            raise Refused("个人签名章的名称须是保管人本人的姓名", field="name")
        row.save()


def _left(seal: Seal) -> str:
    return _("不限") if seal.most_uses is None else str(max(seal.most_uses - seal.uses, 0))


@register
class CertificateResource(Resource):
    model = Certificate
    icon = "certificate"
    owner = "信息中心"
    hint = "还没有证书。点“申请个人证书”。"
    columns = [
        "subject", "kind", "algorithm", "state", "org_unit", "valid_to",
        Column("soon", "到期提醒", lambda row: _soon(row)),
    ]  # fmt: skip
    filters = ["state", "kind", "algorithm", "org_unit", "valid_to"]
    search = ["subject", "serial", "person__name"]
    facts = [
        Section("证书", ["subject", "kind", "algorithm", "person", "org_unit", "serial", "issuer"]),
        Section("有效期", ["state", "valid_from", "valid_to", "ended_at", "ended_for"]),
        Section("办理", ["reason", "opinion", "outside", "replaces"]),
    ]
    related = [Related("签章登记", Impression, "certificate", ["at", "document", "kind", "by"])]
    actions = [
        services.ask_for_certificate, services.issue_certificate, services.refuse_certificate, services.suspend_certificate,
        services.resume_certificate, services.revoke, services.renew,
    ]  # fmt: skip
    access = {
        "teacher": "view", "counsellor": "view", "clerk": "view", "head": "view", "owner": "*", "engineer": "*",
        "auditor": "view export", "security": "view export suspend_certificate revoke", "leader": "view",
    }  # fmt: skip

    def pages(self, row: Any) -> Sequence[tuple[str, str]]:
        return (("下载证书", f"/seals/certificates/{row.serial}.pem"),) if row.pem else ()


def _soon(row: Certificate) -> str:
    if row.state != Certificate.State.ISSUED or row.valid_to is None:
        return ""
    days = (row.valid_to - timezone.now()).days
    return f"还有 {days} 天" if days < 60 else ""
