"""The term's teaching in the menu, on the home page and among the to-dos."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.offerings import services
from yanta.systems.offerings.models import Offering, Season
from yanta.systems.offerings.queries import tasks

SEES = "offerings.offering.view"


@places
def pages() -> list[Place]:
    return [
        Place("开课进度", "/offerings/board/", "教务", "chart-bar", "各单位开课确认到哪一步", SEES),
        Place("开课冲突检查", "/offerings/checks/", "教务", "alert-triangle", "排课之前就能发现的问题", SEES),
        Place("教学工作量", "/offerings/workload/", "教务", "scale", "按系数折算的标准学时", SEES),
        Place("教学日历", "/offerings/calendar/", "教务", "calendar", "教学周、放假和调休"),
        Place(
            "我的教学任务", "/offerings/mine/", "教务", "chalkboard", "本学期上哪些教学班", roles=("teacher",)
        ),
        Place("我的课程", "/offerings/mine/", "教务", "book", "本学期我的班上哪些课", roles=("student",)),
    ]


@card(title="我的教学任务", order=26, for_roles=("teacher",), icon="chalkboard")
def my_teaching(actor: Actor) -> CardContent | None:
    """The sections of this term."""
    season = tasks.present_season()
    found = tasks.taught_by(actor.person_id, season) if season else []
    if not found:
        return None
    rows = [
        CardRow(str(one.section), "/offerings/mine/", f"{one.section.size} 人", one.get_role_display())
        for one in found[:5]
    ]
    return CardContent(rows=rows, more_url="/offerings/mine/", more="全部教学任务")


@todos
def to_confirm(actor: Actor) -> list[Todo]:
    """Courses that the unit has still to confirm, with the day it is due."""
    permission = services.confirm.permission
    if not actor.may(permission):
        return []
    found = []
    for season in Season.objects.filter(status=Season.Status.CONFIRMING).select_related("term"):
        waiting = Offering.objects.visible_to(actor, permission).filter(
            season=season, status=Offering.Status.DRAFT
        )
        count = waiting.count()
        if count:
            address = f"/offerings/offering/?season={season.pk}&status=draft"
            found.append(
                Todo(
                    f"{count} 门课程待确认开课", address, season.term.name, "clipboard-list", "开课", season.confirm_by,
                    count=count,
                )
            )  # fmt: skip
    return found
