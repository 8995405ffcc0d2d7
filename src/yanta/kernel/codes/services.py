"""Verbs on code sets, crosswalks and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from django.db import transaction
from django.db.models import Max

from yanta.kernel.base import Actor, Refused
from yanta.kernel.codes import events, mapping, numbers, queries, service
from yanta.kernel.codes.models import (
    Code,
    CodeSet,
    Crosswalk,
    NumberReservation,
    NumberRule,
    Proposal,
    Revision,
)
from yanta.kernel.codes.rules.proposals import lasting, values_of, wrong_with
from yanta.kernel.events import publish as tell
from yanta.kernel.operation import Label, Long, operation

_STATUS = Proposal.Status


def _is_open(proposal: Proposal) -> bool:
    return proposal.status == _STATUS.PROPOSED


def _is_kept_here(code_set: CodeSet) -> bool:
    return not code_set.is_live


@operation("提出变更", icon="pencil-plus", when=_is_kept_here, bulk=False)
def propose(
    code_set: CodeSet,
    *,
    actor: Actor,
    kind: Annotated[Proposal.Kind, Label("变更")],
    code: Annotated[str, Label("代码")],
    effective_on: Annotated[date, Label("生效日期")],
    reason: str,
    name: Annotated[str, Label("名称", "新增和更名时填写")] = "",
    parent: Annotated[str, Label("上级代码")] = "",
    successor: Annotated[str, Label("改用代码", "停用后由哪个代码代替")] = "",
) -> Proposal:
    """Wish for a change of one code; nothing changes until it is reviewed and published."""
    if code_set.is_live:
        raise Refused("这个代码集由主数据实时提供，请到主数据中修改")
    if code_set.proposals.filter(code=code, status__in=[_STATUS.PROPOSED, _STATUS.APPROVED]).exists():
        raise Refused(f"代码 {code} 已有未完成的变更", field="code")
    fault = wrong_with(kind, code, name, parent, successor, service.table_of(code_set.set_id).entries)
    if fault:
        raise Refused(fault.message, field=fault.field)
    return Proposal.objects.create(
        code_set=code_set, kind=kind, code=code, name=name, parent=parent, successor=successor,
        effective_on=effective_on, reason=reason, proposed_by=actor.name,
    )  # fmt: skip


@operation("通过", icon="check", when=_is_open)
def approve(proposal: Proposal, *, actor: Actor, opinion: str = "") -> None:
    """Let a proposal into the next publication; nobody reviews their own."""
    _review(proposal, _STATUS.APPROVED, actor, opinion)


@operation("驳回", icon="x", when=_is_open)
def reject(proposal: Proposal, *, actor: Actor, opinion: str) -> None:
    """Turn a proposal down, with the reason."""
    _review(proposal, _STATUS.REJECTED, actor, opinion)


@operation("发布新版", icon="rocket", when=_is_kept_here, bulk=False)
def publish(code_set: CodeSet, *, actor: Actor, reason: str) -> Revision:
    """Put all approved proposals into force as one new revision and tell the consumers."""
    approved = list(code_set.proposals.filter(status=_STATUS.APPROVED).order_by("pk"))
    if not approved:
        raise Refused("没有已通过、待发布的变更")
    # Additions first: a retired code may be followed by one that is new in the same revision.
    for proposal in sorted(approved, key=lambda one: one.kind != Proposal.Kind.ADD):
        _apply(proposal)
    Proposal.objects.filter(pk__in=[one.pk for one in approved]).update(status=_STATUS.PUBLISHED)
    code_set.revision += 1
    code_set.size = code_set.codes.count()
    code_set.save(update_fields=["revision", "size", "updated_at"])
    revision = Revision.objects.create(
        code_set=code_set, number=code_set.revision, published_by=actor.name, reason=reason,
        changes=[values_of(one) for one in approved],
    )  # fmt: skip
    tell(_published(code_set, approved))
    _forget(code_set.set_id)
    return revision


@operation("改写数据", icon="replace", danger=True, when=_is_kept_here, bulk=False)
def remap(code_set: CodeSet, *, actor: Actor, on: date, reason: str) -> None:
    """Rewrite live rows from codes retired by a date to their successors; what has none is left."""
    service.forget(code_set.set_id)
    retired = [code for code in queries.retired_codes(code_set) if code.valid_to and code.valid_to <= on]
    here = [(code.code, code.successor) for code in retired]
    pairs = {old: new.code for old, new in here if new is not None and new.code_set_id == code_set.pk}
    rewritten = [line for old, new in lasting(pairs).items() for line in _rewrite(code_set.set_id, old, new)]
    Revision.objects.filter(code_set=code_set, number=code_set.revision).update(remapped=rewritten)
    tell(events.CodesRemapped(set_id=code_set.set_id, rows=sum(int(line["rows"]) for line in rewritten)))


@operation("导入对照", icon="table-import", bulk=False)
def import_crosswalk(
    crosswalk: Crosswalk,
    *,
    actor: Actor,
    lines: Annotated[
        str, Label("对照表", "每行：本地码、本地名称、标准码或名称；可直接从表格粘贴"), Long(12)
    ],
) -> None:
    """Take over a department's table; a line that names no standard code is kept without a target."""
    mapping.import_lines(crosswalk, lines)
    _forget(crosswalk.code_set.set_id)


@operation("预留号码", icon="ticket", bulk=False)
def reserve(
    rule: NumberRule,
    *,
    actor: Actor,
    values: Annotated[str, Label("取值", "如 year=2026 college=01，名称见规则")] = "",
    count: Annotated[int, Label("个数")] = 1,
    purpose: Annotated[str, Label("用途")] = "",
) -> None:
    """Take the next numbers of a rule."""
    given = dict(pair.split("=", 1) for pair in values.replace("，", " ").split() if "=" in pair)
    numbers.reserve(rule, values=given, by=actor.name, count=count, purpose=purpose)


def _is_reserved(reservation: NumberReservation) -> bool:
    return reservation.status == NumberReservation.Status.RESERVED


@operation("确认使用", icon="check", when=_is_reserved)
def confirm(reservation: NumberReservation, *, actor: Actor) -> None:
    """The number is in use now."""
    numbers.settle_reservation(reservation, NumberReservation.Status.CONFIRMED)


@operation("作废", icon="ban", when=_is_reserved)
def release(reservation: NumberReservation, *, actor: Actor, reason: str) -> None:
    """The number will not be used, and never comes again."""
    numbers.settle_reservation(reservation, NumberReservation.Status.RELEASED)


def _forget(set_id: str) -> None:
    """Now, for this transaction; and after it, for whoever read the old state meanwhile."""
    service.forget(set_id)
    transaction.on_commit(lambda: service.forget(set_id))


def _review(proposal: Proposal, status: Proposal.Status, actor: Actor, opinion: str) -> None:
    if proposal.status != _STATUS.PROPOSED:
        raise Refused(f"这条变更{proposal.get_status_display()}，不能再审核")
    if proposal.proposed_by == actor.name and not actor.is_system:
        raise Refused("不能审核自己提出的变更")
    proposal.status, proposal.reviewed_by, proposal.opinion = status, actor.name, opinion
    proposal.save(update_fields=["status", "reviewed_by", "opinion", "updated_at"])


def _apply(proposal: Proposal) -> None:
    code_set, kind = proposal.code_set, proposal.kind
    if kind == Proposal.Kind.ADD:
        last = code_set.codes.aggregate(last=Max("position"))["last"]
        code = Code(code_set=code_set, code=proposal.code, position=(last or 0) + 1)
        code.valid_from = proposal.effective_on
    else:
        code = Code.objects.select_for_update().get(code_set=code_set, code=proposal.code)
    if kind == Proposal.Kind.RETIRE:
        code.valid_to, code.successor = proposal.effective_on, _code(code_set, proposal.successor)
    else:
        code.name = proposal.name
        code.parent = _code(code_set, proposal.parent) or code.parent
    code.origin = Code.Origin.SCHOOL
    code.save()


def _code(code_set: CodeSet, code: str) -> Code | None:
    return Code.objects.get(code_set=code_set, code=code) if code else None


def _published(code_set: CodeSet, approved: Iterable[Proposal]) -> events.CodeSetPublished:
    by_kind: dict[str, list[Proposal]] = {kind: [] for kind in Proposal.Kind.values}
    for proposal in approved:
        by_kind[proposal.kind].append(proposal)
    return events.CodeSetPublished(
        set_id=code_set.set_id,
        revision=code_set.revision,
        added=[one.code for one in by_kind["add"]],
        renamed=[one.code for one in by_kind["rename"]],
        retired={one.code: one.successor for one in by_kind["retire"]},
    )


def _rewrite(set_id: str, old: str, new: str) -> list[dict[str, str | int]]:
    lines: list[dict[str, str | int]] = []
    for model, field in queries.code_fields(set_id):
        rows = model._base_manager.filter(**{field.attname: old}).update(**{field.attname: new})
        if rows:
            lines.append({"field": f"{model._meta.label}.{field.name}", "from": old, "to": new, "rows": rows})
    return lines
