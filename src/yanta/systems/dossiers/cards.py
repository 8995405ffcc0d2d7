"""One's file on the home page, loans that wait."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.portal.cards import CardContent, CardRow, Figure, card
from yanta.kernel.portal.navigation import Place, places
from yanta.kernel.portal.todos import Todo, todos
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier, Loan

AREA = "办事"


@card(
    title="我的档案",
    order=60,
    for_roles=("student", "teacher", "alumnus", "retiree"),
    column="side",
    icon="folders",
)
def mine(actor: Actor) -> CardContent | None:
    """How much is in it, what is missing, what came last."""
    found = Dossier.objects.filter(person_id=actor.person_id or 0).order_by("-entries_count").first()
    if found is None:
        return None
    last = found.entries.order_by("-happened_on", "-serial")[:2]
    rows = [CardRow(one.title, "/dossiers/", one.range_title, f"{one.happened_on:%Y-%m-%d}") for one in last]
    figures = [
        Figure("材料", f"{found.entries_count}", "件", "/dossiers/"),
        Figure("缺", f"{found.missing}", "件", "/dossiers/"),
    ]
    return CardContent(rows=rows, figures=figures, more_url="/dossiers/", more="打开档案")


@places
def pages() -> list[Place]:
    """Pages that no noun leads to."""
    return [
        Place("我的档案", "/dossiers/", AREA, "folders", "从进校起办成的事和形成的材料", permission="dossiers.reading.view"),
        Place("借阅档案", "/dossiers/borrow/", AREA, "book", "写明用途，批准后限期查看", permission=services.borrow.permission),
        Place("归档范围", "/dossiers/ranges/", AREA, "list-check", "哪些材料进档案、存多久", in_menu=False),
    ]  # fmt: skip


@todos
def loans_to_decide(actor: Actor) -> list[Todo]:
    """Applications for files that the actor's unit keeps."""
    permission = services.grant.permission
    if not actor.may(permission):
        return []
    waiting = (
        Loan.objects.visible_to(actor, permission)
        .filter(state=Loan.State.ASKED)
        .exclude(borrower_id=actor.person_id)
    )
    return [
        Todo(
            f"{one.borrower.name} 申请借阅 {one.dossier.person.name} 的档案",
            f"/dossiers/loan/{one.pk}/",
            one.purpose,
            "book",
            "档案",
        )
        for one in waiting.select_related("borrower", "dossier__person")[:20]
    ]
