"""The life of an application: asked for, approved, in use, confirmed every year, stopped."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation
from yanta.sso.applications import events, protocols, sessions
from yanta.sso.applications.models import Application, AttributeRelease, Entry

State = Application.State
REVIEWED_EVERY = timedelta(days=365)
Opinion = Annotated[str, Label("审核意见")]


@operation("提交审核", icon="send", bulk=False, roles=("head",), when=lambda app: app.state == State.DRAFT)
def submit(app: Application, *, actor: Actor) -> None:
    """The department is done with the form; the information centre decides."""
    if app.state != State.DRAFT:
        raise Refused(f"这个应用{app.get_state_display()}，不用再提交")
    if not protocols.settings_of(app):
        raise Refused("还没有登记任何协议：请先登记 CAS 服务地址、OIDC 客户端或 SAML 元数据")
    _move(app, State.SUBMITTED, "")
    publish(events.ApplicationSubmitted(application_id=app.pk))


@operation("批准启用", icon="check", when=lambda app: app.state == State.SUBMITTED)
def approve(app: Application, *, actor: Actor, opinion: Opinion = "同意接入") -> None:
    """People may enter from now on; its owner confirms every year that it is still wanted."""
    if app.state != State.SUBMITTED:
        raise Refused("只有待审核的应用可以批准")
    app.review_on = timezone.localdate() + REVIEWED_EVERY
    _move(app, State.ACTIVE, opinion)
    publish(events.ApplicationDecided(application_id=app.pk, result="已批准启用"))


@operation("退回修改", icon="arrow-back-up", danger=True, when=lambda app: app.state == State.SUBMITTED)
def send_back(app: Application, *, actor: Actor, opinion: Opinion) -> None:
    """With what has to be changed."""
    if app.state != State.SUBMITTED:
        raise Refused("只有待审核的应用可以退回")
    _move(app, State.DRAFT, opinion)
    publish(events.ApplicationDecided(application_id=app.pk, result="退回修改"))


@operation(
    "停用",
    icon="plug-off",
    danger=True,
    confirm="停用后任何人都进不去，已登录的人会被通知退出",
    when=lambda app: app.is_active,
)
def disable(app: Application, *, actor: Actor, reason: str) -> None:
    """Nobody enters any more, and whoever is in is signed out of it."""
    if not app.is_active:
        raise Refused("只有已启用的应用可以停用")
    _move(app, State.DISABLED, reason)
    sessions.leave(Entry.objects.filter(application=app))
    publish(events.ApplicationDisabled(application_id=app.pk))


@operation("恢复启用", icon="plug", when=lambda app: app.state == State.DISABLED)
def enable(app: Application, *, actor: Actor, reason: str) -> None:
    """As it was before it was stopped."""
    if app.state != State.DISABLED:
        raise Refused("只有已停用的应用可以恢复")
    _move(app, State.ACTIVE, reason)


@operation("确认仍在使用", icon="calendar-check", roles=("head",), when=lambda app: app.is_active)
def confirm_use(app: Application, *, actor: Actor, note: str = "") -> None:
    """The yearly review: its owner answers for it another year."""
    if not app.is_active:
        raise Refused("只有已启用的应用需要复核")
    app.review_on = timezone.localdate() + REVIEWED_EVERY
    app.save(update_fields=["review_on", "updated_at"])


@operation("批准发布", icon="eye-check", when=lambda release: not release.is_effective)
def approve_release(release: AttributeRelease, *, actor: Actor, reason: str) -> None:
    """A sensitive attribute may be told from now on."""
    if release.is_effective:
        raise Refused("这个信息项不需要再批准")
    release.approved_at, release.approved_by = timezone.now(), actor.name
    release.save(update_fields=["approved_at", "approved_by", "updated_at"])


@operation("撤销批准", icon="eye-off", danger=True, when=lambda release: release.approved_at is not None)
def withdraw_release(release: AttributeRelease, *, actor: Actor, reason: str) -> None:
    """From the next sign-in on it is not told any more."""
    if release.approved_at is None:
        raise Refused("还没有批准过")
    release.approved_at, release.approved_by = None, ""
    release.save(update_fields=["approved_at", "approved_by", "updated_at"])


def _move(app: Application, state: State, opinion: str) -> None:
    app.state, app.opinion = state, opinion
    app.save(update_fields=["state", "opinion", "review_on", "updated_at"])


def refusal_to_change(app: Application, actor: Actor) -> str | None:
    """Why somebody may not change what was approved; whoever approves may."""
    if app.state == State.DRAFT or actor.is_system or actor.may(approve.permission):
        return None
    return f"这个应用{app.get_state_display()}，设置由信息中心修改；需要变更请联系信息中心"


def tell_decision(application_id: int, result: str) -> None:
    """A message to the contact person."""
    app = Application.objects.get(pk=application_id)
    if app.contact_id:
        notify.send(
            "applications.decided", to=[app.contact_id], link=f"/applications/application/{app.pk}/",
            context={"name": app.name, "result": result, "opinion": app.opinion},
        )  # fmt: skip


def remind_of_reviews(*, on: date) -> int:
    """A message to the contact of every application that should be confirmed by now, once for each date."""
    overdue = Application.objects.filter(state=State.ACTIVE, review_on__lte=on).exclude(contact=None)
    return sum(
        notify.send(
            "applications.review", to=[app.contact_id], link=f"/applications/application/{app.pk}/",
            context={"name": app.name, "on": app.review_on}, once=f"{app.pk}:{app.review_on}",
        )
        for app in overdue
    )  # fmt: skip
