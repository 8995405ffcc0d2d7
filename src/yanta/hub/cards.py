"""What the hub shows on the home page and among the to-dos, and its places in the menu."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localtime

from yanta.hub.models import Correction, DoubtfulPair, QuarantinedRow, Run
from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, Place, Todo, card, places, todos
from yanta.kernel.workflow.models import Instance

AREA = "数据"


@places
def own_pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("我的数据", "/me/", "我的", "id", "关于我的每一项数据、来源与更正"),
        Place(
            "接入数据",
            "/hub/runs/new/",
            AREA,
            "upload",
            "上传各部门名册，清洗、归并、对账",
            permission="hub.mapping.confirm",
        ),
        Place(
            "存疑对比对",
            "/hub/doubts/",
            AREA,
            "users-group",
            "逐对判断是否同一人",
            permission="hub.doubtfulpair.decide_same",
        ),
    ]


def _in_the_inbox() -> Any:
    """Corrections under way in the process, which the inbox lists."""
    running = Instance.objects.filter(subject_type=Correction._meta.label_lower)
    return running.exclude(state=Instance.State.ENDED).values("subject_id")


@todos
def corrections_to_decide(actor: Actor) -> list[Todo]:
    if not actor.may("hub.correction.accept"):
        return []
    rows = (
        Correction.objects.visible_to(actor, "hub.correction.accept")
        .filter(state="open")
        .exclude(person_id=actor.person_id)
        .exclude(pk__in=_in_the_inbox())
    )
    number = rows.count()
    if not number:
        return []
    return [
        Todo(
            f"{number} 条数据更正待核准",
            "/hub/correction/?state=open",
            "师生指出的错误，核准后即时生效",
            "flag",
            "数据",
            count=number,
        )
    ]


@todos
def rows_to_put_right(actor: Actor) -> list[Todo]:
    if not actor.may("hub.quarantinedrow.correct"):
        return []
    number = (
        QuarantinedRow.objects.visible_to(actor, "hub.quarantinedrow.correct").filter(state="open").count()
    )
    if not number:
        return []
    return [
        Todo(
            f"{number} 行数据被隔离",
            "/hub/quarantinedrow/?state=open",
            "补正后重放，或注明不予采用",
            "alert-triangle",
            "数据",
            count=number,
        )
    ]


@todos
def pairs_to_judge(actor: Actor) -> list[Todo]:
    if not actor.may("hub.doubtfulpair.decide_same"):
        return []
    number = DoubtfulPair.objects.filter(state="open").count()
    return (
        [
            Todo(
                f"{number} 对记录是否同一人",
                "/hub/doubts/",
                "归并引擎拿不准",
                "users-group",
                "数据",
                count=number,
            )
        ]
        if number
        else []
    )


@card(title="数据中心", order=15, for_roles=("engineer", "leader", "auditor"), icon="database")
def last_runs(actor: Actor) -> CardContent | None:
    """The last run's account and the runs before it."""
    if not actor.may("hub.run.view"):
        return None
    runs = list(Run.objects.order_by("-pk")[:4])
    figures = []
    if runs and runs[0].counts:
        counts = runs[0].counts
        figures = [
            Figure("读入", f"{counts['read']:,}", "行"), Figure("隔离", f"{counts['quarantined']:,}", "行"),
            Figure("人员", f"{counts['persons']:,}", "人"), Figure("存疑", f"{counts['doubtful']:,}", "对"),
        ]  # fmt: skip
    rows = [
        CardRow(
            run.title,
            f"/hub/runs/{run.pk}/receipt/",
            run.get_state_display(),
            f"{localtime(run.started_at):%m-%d %H:%M}",
        )
        for run in runs
    ]
    return CardContent(rows, figures, more_url="/hub/run/", empty="还没有数据运行，从“接入数据”开始")
