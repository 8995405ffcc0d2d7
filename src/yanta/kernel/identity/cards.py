"""Findings about accounts on the home page and among the to-dos."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.identity.findings import services, terms
from yanta.kernel.identity.models import AccountFinding
from yanta.kernel.portal.cards import CardContent, Figure, card
from yanta.kernel.portal.todos import Todo, todos

LIST = "/identity/accountfinding/"
VIEW = "identity.accountfinding.view"
FIGURES = 5
Kind, State = AccountFinding.Kind, AccountFinding.State


@card(title="账号核查", order=40, for_roles=("engineer", "security", "local_admin"), icon="user-search")
def account_findings(actor: Actor) -> CardContent | None:
    """What is open in the actor's part, the most of it first, with what came and went within a week."""
    if not actor.may(VIEW):
        return None
    since = timezone.now() - timedelta(days=7)
    seen = AccountFinding.objects.visible_to(actor).order_by().values_list("kind")
    counted = seen.annotate(
        waiting=Count("pk", filter=Q(state=State.OPEN)),
        came=Count("pk", filter=Q(opened_at__gte=since) & ~Q(state=State.SETTLED)),
        went=Count("pk", filter=Q(settled_at__gte=since)),
    )
    rows = sorted(
        (row for row in counted if any(row[1:])), key=lambda row: (row[0] not in terms.GRAVE, -row[1])
    )
    figures = [
        Figure(
            str(Kind(kind).label), str(waiting), "个", f"{LIST}?kind={kind}&state=open", _trend(came, went)
        )
        for kind, waiting, came, went in rows[:FIGURES]
    ]
    return CardContent(figures=figures, more_url=f"{LIST}?state=open", empty="没有待处理的账号问题")


def _trend(came: int, went: int) -> str:
    return f"近 7 天新增 {came}、消除 {went}"


@todos
def to_settle(actor: Actor) -> list[Todo]:
    """Open findings of the graver kinds in the actor's part."""
    if not actor.may(services.explain.permission):
        return []
    waiting = AccountFinding.objects.visible_to(actor, services.explain.permission)
    count = waiting.filter(state=State.OPEN, kind__in=terms.GRAVE).count()
    if not count:
        return []
    return [
        Todo(f"{count} 个账号问题待处理", f"{LIST}?state=open", kind="账号", icon="user-search", count=count)
    ]
