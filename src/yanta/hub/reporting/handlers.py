"""Reports that came from below, and what was said of ours above."""

from yanta.hub.nodes.events import PackageApplied, ReportAnswered
from yanta.hub.reporting.services import answering, receiving
from yanta.kernel.base import Actor
from yanta.kernel.events import on


@on(PackageApplied)
def take_report(event: PackageApplied, *, actor: Actor) -> None:
    receiving.take_in(event.receipt_id)


@on(ReportAnswered)
def hear_answer(event: ReportAnswered, *, actor: Actor) -> None:
    answering.take_answer(event.code, event.answer, actor=actor, author=event.author)
