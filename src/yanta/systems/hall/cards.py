"""The hall in the menu, on the home page, among the to-dos."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import ngettext

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, personal_places, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.kernel.workflow.offering import Service, offered
from yanta.systems.hall import services
from yanta.systems.hall.models import Rating
from yanta.systems.hall.queries import catalogue, mine

EVERYBODY = ("student", "teacher")
AT_HAND = 5


@places
def pages() -> list[Place]:
    return [
        Place("办事大厅", "/hall/", "办事", "building-community", "全校事项：指南、材料、时限，在线申请"),
        Place("我的办件", "/hall/mine/", "办事", "folders", "我申请的都办到哪一步了"),
        Place("好差评排行", "/hall/ranking/", "办事", "trophy", "师生对各部门办事的评价", in_menu=False),
        Place(
            "办件统计",
            "/hall/figures/",
            "办事",
            "chart-bar",
            "各事项的用时、退回、少填和评价",
            "hall.matter.export",
        ),
    ]


@personal_places
def services_open(actor: Actor) -> Iterator[Place]:
    """What the person can apply for today, by its own name."""
    on = timezone.localdate()
    for one in offered():
        if (one.is_for(actor) or one.is_taken_for_others_by(actor)) and one.closed(on) is None:
            yield Place(
                one.title,
                f"/hall/service/{one.key}/",
                "办事",
                one.icon,
                one.guide,
                in_menu=False,
                words=one.words,
            )


@card(title="我的办件", order=22, for_roles=EVERYBODY, icon="folders")
def my_matters(actor: Actor) -> CardContent | None:
    """What is under way, the latest first."""
    rows = [
        CardRow(one.title, f"/hall/mine/{one.pk}/", f"{one.number}", one.get_state_display())
        for one in mine.under_way(actor.person_id)[:4]
    ]
    return CardContent(rows=rows, empty="没有正在办的事", more_url="/hall/", more="我要办事")


@card(title="常办事项", order=24, for_roles=EVERYBODY, icon="building-community")
def at_hand(actor: Actor) -> CardContent | None:
    """Services at hand: what one put there or used lately, then what others of the role ask for most."""
    on = timezone.localdate()
    usable = [one for one in offered() if one.is_for(actor) and one.closed(on) is None]
    chosen = [*catalogue.favourites_of(actor.person_id), *catalogue.recent_of(actor.person_id)]
    first = [one for key in dict.fromkeys(chosen) for one in usable if one.key == key]
    found = dict.fromkeys([*first, *catalogue.recommended(usable, actor, on=on)])
    rows = [
        CardRow(one.title, f"/hall/service/{one.key}/", one.owner, _promise(one))
        for one in list(found)[:AT_HAND]
    ]
    return CardContent(rows=rows, empty="没有您能办的事项", more_url="/hall/", more="全部事项")


def _promise(one: Service) -> str:
    return ngettext("%(n)s 个工作日", "%(n)s 个工作日", one.days) % {"n": one.days} if one.days else ""


@todos
def to_rate(actor: Actor) -> list[Todo]:
    """The latest that is over, to be rated; a wish, not a duty, and so only one."""
    latest = (
        mine.to_rate(actor.person_id).filter(ended_at__gt=timezone.now() - mine.RATED_WITHIN).first()
        if actor.person_id
        else None
    )
    if latest is None:
        return []
    return [
        Todo(
            f"请评价“{latest.title}”",
            f"/hall/mine/{latest.pk}/",
            "一分钟，部门看不到是谁评的",
            "star",
            "评价",
        )
    ]


@todos
def to_answer(actor: Actor) -> list[Todo]:
    """Low ratings that the department has still to answer; overdue ones say so."""
    permission = services.answer.permission
    if not actor.may(permission):
        return []
    owed = Rating.objects.visible_to(actor, permission).filter(answer_due_on__isnull=False, answered_on=None)
    today = timezone.localdate()
    return [
        Todo(
            f"{'答复超期：' if one.answer_due_on < today else '待答复：'}“{one.title}”的差评", f"/hall/rating/{one.pk}/answer/",
            one.text, "message-reply", "好差评", one.answer_due_on,
        ) for one in owed.order_by("answer_due_on")[:20]
    ]  # fmt: skip
