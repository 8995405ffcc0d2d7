"""One's own certificates on the home page; what waits for approval; pages in the menu."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.certificates import services
from yanta.systems.certificates.models import Certificate

AREA = "办事"
TONES = {"issued": "success", "asked": "info", "revoked": "danger", "ended": "danger", "refused": "danger"}


@card(title="我的证明", order=45, for_roles=("student", "alumnus"), column="side", icon="certificate")
def mine(actor: Actor) -> CardContent | None:
    """The latest three and the way to a new one."""
    rows = (
        Certificate.objects.filter(person_id=actor.person_id or 0).select_related("kind").order_by("-pk")[:3]
    )
    found = [
        CardRow(
            one.kind.name, f"/certificates/{one.pk}/", one.number or one.purpose, one.get_state_display(),
            tone=TONES.get(one.state, ""),
        )
        for one in rows
    ]  # fmt: skip
    return CardContent(rows=found, empty="还没有开过证明", more_url="/certificates/", more="开证明")


@places
def pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("我的证明", "/certificates/", AREA, "certificate", "在读、成绩、在职、收入等证明自己开", permission=services.ask.permission),
        Place("给一个班开证明", "/certificates/batches/new/", AREA, "stack-2", "整班开具、打包下载", permission=services.issue_many.permission),
        Place("证明统计", "/certificates/statistics/", AREA, "chart-bar", "开具、核验、分享的数量", permission="certificates.certificate.export"),
    ]  # fmt: skip


@todos
def to_approve(actor: Actor) -> list[Todo]:
    """Certificates that wait for their unit's word."""
    permission = services.approve.permission
    if not actor.may(permission):
        return []
    waiting = Certificate.objects.visible_to(actor, permission).filter(state=Certificate.State.ASKED)
    count = waiting.exclude(person_id=actor.person_id).count()
    return (
        [
            Todo(
                f"{count} 份证明待审核",
                "/certificates/certificate/?state=asked",
                icon="certificate",
                kind="证明",
                count=count,
            )
        ]
        if count
        else []
    )
