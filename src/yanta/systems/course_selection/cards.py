"""Course selection in the menu and on the home page."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.systems.course_selection import queries


@places
def pages() -> list[Place]:
    return [
        Place("选课", "/course-selection/", "教务", "hand-click", "选课目录、余座、候补", roles=("student",)),
        Place("我的选课", "/course-selection/mine/", "教务", "receipt", "已选课程和全部回执", roles=("student",)),
        Place("选课名单", "/course-selection/taught/", "教务", "list-details", "谁选了我上的教学班，可打印", roles=("teacher",)),
        Place(
            "选课控制台", "/course-selection/console/", "教务", "dashboard", "各教学班的实时余座",
            "course_selection.round.view",
        ),
    ]  # fmt: skip


@card(title="选课", order=24, for_roles=("student",), icon="hand-click")
def open_round(actor: Actor) -> CardContent | None:
    """Only while a round is open."""
    found = queries.present_round()
    if found is None or not found.opens_at <= timezone.now() < found.closes_at:
        return None
    until = timezone.localtime(found.closes_at).strftime("%m-%d %H:%M")
    row = CardRow(found.name, "/course-selection/", found.get_kind_display(), f"{until} 截止")
    return CardContent(rows=[row], more_url="/course-selection/mine/", more="我的选课")
