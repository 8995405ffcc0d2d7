"""Sharing on the home page, among the to-dos and in the menu."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from yanta.hub.sharing import queries
from yanta.hub.sharing.models import Agreement, Consent, Grant
from yanta.hub.sharing.services import agreements
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Place, Todo, card, places, todos

AREA = "数据"


@places
def own_pages() -> list[Place]:
    """Pages that no noun leads to."""
    staff = "sharing.dataset.view"
    return [
        Place(
            "数据集目录", "/sharing/datasets/", AREA, "database-share", "找数据、申请使用", permission=staff
        ),
        Place(
            "谁读了谁",
            "/sharing/reads/",
            AREA,
            "eye-check",
            "每次交付的留痕",
            permission="sharing.readentry.view",
        ),
        Place("共享用量", "/sharing/usage/", AREA, "chart-bar", "读取、失败、闲置的授权", permission=staff),
        Place(
            "校际协议",
            "/sharing/agreements/",
            AREA,
            "heart-handshake",
            "与其他学校共享",
            permission="sharing.agreement.view",
        ),
        Place("谁读过我的数据", "/me/reads/", "我的", "eye", "哪些部门和系统读过关于我的数据"),
    ]


@todos
def to_consent(actor: Actor) -> list[Todo]:
    permission = "sharing.consent.consent"
    if not actor.may(permission):
        return []
    count = Consent.objects.visible_to(actor, permission).filter(state="waiting").count()
    if not count:
        return []
    words = f"{count} 个数据集要发布本部门的字段"
    return [
        Todo(
            words,
            "/sharing/consent/?state=waiting",
            "认可后才能发布",
            "checkup-list",
            "数据共享",
            count=count,
        )
    ]


@todos
def to_decide(actor: Actor) -> list[Todo]:
    if not actor.may("sharing.decision.approve"):
        return []
    rows = queries.waiting_decisions(actor).select_related("application__consumer", "application__dataset")
    return [
        Todo(
            f"{one.application.consumer.title}申请使用“{one.application.dataset.title}”",
            f"/sharing/applications/{one.application_id}/", one.get_round_display() + "审批", "gavel", "数据共享",
        )
        for one in rows[:5]
    ]  # fmt: skip


@todos
def to_sign(actor: Actor) -> list[Todo]:
    """Agreements that wait for this school's signature."""
    if not actor.may(agreements.sign.permission):
        return []
    waits = Q(side="gives", state="judged") | Q(side="takes", state="offered", own_signature="")
    return [
        Todo(
            f"与{one.partner}的协议“{one.title}”",
            f"/sharing/agreements/{one.pk}/",
            "请签署",
            "signature",
            "数据共享",
        )
        for one in Agreement.objects.filter(waits)[:5]
    ]


@card(title="待我审批的数据申请", order=25, for_roles=("clerk", "head"), icon="gavel")
def waiting(actor: Actor) -> CardContent | None:
    """The oldest first."""
    rows = (
        queries.waiting_decisions(actor)
        .select_related("application__consumer", "application__dataset")
        .order_by("pk")
    )
    found = [
        CardRow(
            f"{one.application.consumer.title} → {one.application.dataset.title}",
            f"/sharing/applications/{one.application_id}/",
            queries.titles(one.application.dataset, one.names),
            f"{timezone.localtime(one.created_at):%m-%d}",
        )
        for one in rows[:4]
    ]
    return CardContent(found, more_url="/sharing/decision/?state=waiting") if found else None


@card(
    title="快到期的数据授权",
    order=40,
    for_roles=("teacher", "clerk", "head", "engineer"),
    icon="calendar-due",
)
def ending(actor: Actor) -> CardContent | None:
    """Of the consumers for whom the person answers: those that end within a month."""
    until = timezone.localdate() + timedelta(days=30)
    mine = [one.pk for one in queries.own_consumers(actor)]
    rows = Grant.objects.filter(consumer__in=mine, state="active", valid_to__lte=until)
    found = [
        CardRow(
            f"{one.consumer.title} · {one.dataset.title}", f"/sharing/grants/{one.pk}/", "到期自动停止，可申请续期",
            f"{one.valid_to:%m-%d} 到期",
        )
        for one in rows.select_related("consumer", "dataset").order_by("valid_to")[:4]
    ]  # fmt: skip
    return CardContent(found, more_url="/sharing/grant/?state=active") if found else None


@card(title="谁读过我的数据", order=80, column="side", icon="eye")
def own_reads(actor: Actor) -> CardContent | None:
    """The last few of the week; everybody may know. Looked up once an hour, for the log is long."""
    if actor.person_id is None:
        return None
    key = f"sharing-own-reads-{actor.person_id}"
    found: list[CardRow] | None = cache.get(key)
    if found is None:
        rows = queries.who_read([actor.person_id], days=7)[:3]
        found = [
            CardRow(
                one["grant"].consumer.title, "/me/reads/", one["grant"].dataset.title,
                f"{timezone.localtime(one['last']):%m-%d}",
            )
            for one in rows
        ]  # fmt: skip
        cache.set(key, found, 3600)
    return CardContent(found, more_url="/me/reads/") if found else None
