"""Scheduled work of the master data."""

from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import handing_out
from yanta.kernel.jobs import Progress, job, tick
from yanta.masterdata import activating, services


@tick(seconds=2)
def follow_changes() -> None:
    """Whoever enrolled, was appointed, moved or left a moment ago."""
    services.follow_changes(on=timezone.localdate())


@job("权限随学籍和任职更新", schedule="*/30 * * * *")
def follow_facts(progress: Progress, *, actor: Actor) -> None:
    """The whole school anew: days pass, classes and units are renamed."""
    done = services.follow_facts(on=timezone.localdate())
    said = f"新增 {done.new}，恢复 {done.reopened}，结束 {done.ended}，不变 {done.unchanged}"
    progress.step(1, 1, f"{said}；账号停用 {done.accounts_ended}，恢复 {done.accounts_reopened}")


@job("整批发放激活码")
def hand_out_codes(progress: Progress, *, actor: Actor, grade: int, college: int | None) -> None:
    """Class by class, so that each class list is one entry of the audit trail; the receipt adds up over all."""
    lines = activating.progress(actor, grade=grade, way="class", college=college)
    classes = [line for line in lines if line.key is not None and line.without]
    issued = refused = 0
    for done, line in enumerate(classes, start=1):
        try:
            handing_out.hand_out(actor=actor, circle=f"{activating.KIND}:{line.key}")
            issued += 1
        except Refused:
            refused += 1
        progress.step(done, len(classes), line.title)
    after = activating.progress(actor, grade=grade, way="class", college=college)
    given = sum(line.without for line in lines) - sum(line.without for line in after)
    text = f"{len(classes)} 个班级：发放 {issued} 个、未能发放 {refused} 个；新发激活码 {given} 个，仍没有码 {sum(line.without for line in after)} 人"
    progress.finish(link=f"/activation/?grade={grade}&by=class", text=text)
