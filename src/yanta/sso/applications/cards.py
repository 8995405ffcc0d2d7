"""The registry among the places, and what awaits whom."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.sso.applications import services, sessions
from yanta.sso.applications.catalogue import ATTRIBUTES
from yanta.sso.applications.models import Application, AttributeRelease

AREA = "平台"
LIST = "/applications/application/"
SENSITIVE = [one.code for one in ATTRIBUTES.values() if one.is_sensitive]


@places
def own_page() -> list[Place]:
    return [Place("我登录过的应用", "/sso/entries/", AREA, "login", "统一登录进入了哪些应用，可以逐个退出")]


@todos
def to_decide(actor: Actor) -> list[Todo]:
    """Applications and sensitive attributes that wait for the information centre."""
    found = []
    if actor.may(services.approve.permission):
        count = Application.objects.visible_to(actor).filter(state=Application.State.SUBMITTED).count()
        if count:
            found.append(Todo(f"{count} 个应用申请接入统一登录", f"{LIST}?state=submitted", icon="fingerprint", kind="统一认证", count=count))  # fmt: skip
    if actor.may(services.approve_release.permission):
        waiting = AttributeRelease.objects.filter(attribute__in=SENSITIVE, approved_at=None).exclude(
            application__state=Application.State.DRAFT
        ).count()  # fmt: skip
        if waiting:
            words = f"{waiting} 项敏感信息的发布待批准"
            found.append(
                Todo(
                    words, "/applications/attributerelease/", icon="eye-check", kind="统一认证", count=waiting
                )
            )
    return found


@todos
def to_review(actor: Actor) -> list[Todo]:
    """Applications of one's own department that nobody has confirmed in time."""
    if not actor.may(services.confirm_use.permission):
        return []
    today = timezone.localdate()
    overdue = Application.objects.visible_to(actor, services.confirm_use.permission).filter(
        state=Application.State.ACTIVE, review_on__lt=today
    )
    return [
        Todo(
            f"请确认“{one.name}”仍在使用",
            f"{LIST}{one.pk}/",
            "复核日期已过",
            "calendar-check",
            "统一认证",
            one.review_on,
        )
        for one in overdue
    ]


@card(title="登录中的应用", order=80, column="side", icon="login")
def signed_in_to(actor: Actor) -> CardContent | None:
    """Where single sign-on has let one in."""
    if actor.account_id is None:
        return None
    rows: dict[int, CardRow] = {}
    for entry in sessions.open_entries(actor.account_id)[:12]:
        rows.setdefault(
            entry.application_id, CardRow(entry.application.name, entry.application.home_url, icon="login")
        )
    return (
        CardContent(rows=list(rows.values())[:5], more_url="/sso/entries/", more="逐个退出") if rows else None
    )
