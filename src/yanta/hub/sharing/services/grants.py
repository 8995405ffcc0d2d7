"""The life of a grant: keys, suspension, revocation, its end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils import timezone

from yanta.hub.sharing import keys, owners, rules, telling
from yanta.hub.sharing.delivery import closing, schemas
from yanta.hub.sharing.models import Dataset, FileKind, FileSchedule, Grant, Way
from yanta.hub.sharing.services import catalogue
from yanta.hub.sharing.services.applications import speaks_for_consumer
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation

State = Grant.State
LIVE = (State.ACTIVE, State.SUSPENDED)
PEOPLE = ("clerk", "head", "teacher", "engineer")


def may_stop(actor: Actor, grant: Grant) -> bool:
    """Whoever speaks for the dataset or for one of the fields."""
    units = owners.fields_by_unit(grant.dataset.about, grant.names, default=grant.dataset.owner)
    return any(owners.speaks_for(actor, unit) for unit in {grant.dataset.owner, *units})


def _require_owner(actor: Actor, grant: Grant, what: str) -> None:
    if not may_stop(actor, grant):
        raise Refused(f"{what}由数据集归口部门或字段的来源部门办理", rule="sharing.owner")


def _require_consumer(actor: Actor, grant: Grant, what: str) -> None:
    if not speaks_for_consumer(actor, grant.consumer):
        raise Refused(f"{what}由使用方的责任人或使用单位办理", rule="sharing.consumer")


@operation("领取密钥", icon="key", bulk=False, roles=PEOPLE, when=lambda one: one.state == State.ACTIVE)
def issue_key(grant: Grant, *, actor: Actor) -> str:
    """A new secret, told once to the responsible person; the one before is worth nothing from now."""
    if actor.person_id != grant.consumer.responsible_id and not actor.is_system:
        raise Refused("密钥只由使用方的责任人本人领取", rule="sharing.key")
    if grant.state != State.ACTIVE:
        raise Refused("授权不在有效期，不能领取密钥")
    grant.key_id, secret, grant.signing_key = keys.new_key()
    grant.save(update_fields=["key_id", "signing_key", "updated_at"])
    return secret


@operation(
    "暂停",
    icon="player-pause",
    danger=True,
    roles=("clerk", "head"),
    when=lambda one: one.state == State.ACTIVE,
)
def suspend(grant: Grant, *, actor: Actor, reason: str) -> None:
    """Nothing is delivered from this moment, in no way."""
    _require_owner(actor, grant, "暂停")
    if grant.state != State.ACTIVE:
        raise Refused("只有有效的授权可以暂停")
    closing.end(grant, State.SUSPENDED, reason)


@operation("恢复", icon="player-play", roles=("clerk", "head"), when=lambda one: one.state == State.SUSPENDED)
def resume(grant: Grant, *, actor: Actor) -> None:
    """Delivered again, from where it stopped."""
    _require_owner(actor, grant, "恢复")
    if grant.state != State.SUSPENDED:
        raise Refused("只有暂停的授权可以恢复")
    if not owners.is_in_service(grant.consumer.responsible_id):
        raise Refused("使用方的责任人已不在岗，请先更换责任人")
    if grant.valid_to < timezone.localdate():
        raise Refused("授权已经到期，请申请续期")
    grant.state, grant.reason = State.ACTIVE, ""
    grant.save(update_fields=["state", "reason", "updated_at"])
    schemas.renew_views([grant])
    telling.grant_changed(grant)


@operation(
    "收回", icon="lock", danger=True, roles=("clerk", "head"), when=lambda one: one.state in LIVE,
    confirm="接口、文件、只读库和推送立即全部停止，不能撤销",
)  # fmt: skip
def revoke(grant: Grant, *, actor: Actor, reason: str) -> None:
    """For good; files that were made are cleared away too."""
    _require_owner(actor, grant, "收回")
    if grant.state not in LIVE:
        raise Refused("这份授权已经结束")
    closing.end(grant, State.REVOKED, reason)


@operation("交还", icon="arrow-back", bulk=False, roles=PEOPLE, when=lambda one: one.state in LIVE)
def give_back(grant: Grant, *, actor: Actor, reason: Annotated[str, Label("原因")] = "不再使用") -> None:
    """The consumer needs it no more."""
    _require_consumer(actor, grant, "交还")
    if grant.state not in LIVE:
        raise Refused("这份授权已经结束")
    closing.end(grant, State.ENDED, f"使用方交还：{reason}"[:200])


@operation(
    "定期文件", icon="calendar-repeat", bulk=False, roles=PEOPLE, when=lambda one: one.state == State.ACTIVE
)
def schedule_file(
    grant: Grant, *, actor: Actor, every: Annotated[FileSchedule | None, Label("周期", "留空为不再定期生成")] = None,
    kind: Annotated[FileKind, Label("格式")] = FileKind.CSV,
) -> None:  # fmt: skip
    """A file made by itself, told to the responsible person."""
    _require_consumer(actor, grant, "定期文件")
    if Way.FILE not in grant.ways:
        raise Refused("这份授权不含文件交付")
    grant.file_every, grant.file_kind = every or "", kind
    grant.save(update_fields=["file_every", "file_kind", "updated_at"])


def end_what_is_over(*, on: date) -> int:
    """Grants past their last day, and datasets past theirs; returns how many grants ended."""
    over = Grant.objects.filter(state__in=LIVE, valid_to__lt=on).select_related("consumer__unit", "dataset")
    count = 0
    for grant in over:
        closing.end(grant, State.ENDED, "到期")
        count += 1
    for dataset in Dataset.objects.filter(state=Dataset.State.DEPRECATED, ends_on__lte=on):
        catalogue.take_off(dataset, "弃用期满")
    return count


def suspend_the_orphaned() -> int:
    """Grants whose responsible person has left stop at once."""
    count = 0
    for grant in Grant.objects.filter(state=State.ACTIVE).select_related("consumer__unit", "dataset"):
        if not owners.is_in_service(grant.consumer.responsible_id):
            closing.end(grant, State.SUSPENDED, "责任人已离岗")
            count += 1
    return count


def remind(*, on: date) -> int:
    """Grants that end in a month, a week, tomorrow; grants nobody uses."""
    told = 0
    for grant in Grant.objects.filter(state=State.ACTIVE).select_related("consumer", "dataset__owner"):
        left = (grant.valid_to - on).days
        if left in rules.REMIND_DAYS:
            told += telling.ending_soon(grant, left)
        idle = idle_days(grant, on=on)
        step = rules.zombie_step(idle_days=idle)
        if step:
            told += telling.unused(grant, idle, is_proposal=step == "end")
    return told


def idle_days(grant: Grant, *, on: date) -> int:
    """Days since the last read, or since it began."""
    last = timezone.localtime(grant.last_read_at).date() if grant.last_read_at else None
    since = max(last or grant.valid_from, grant.valid_from)
    return max((on - since) // timedelta(days=1), 0)
