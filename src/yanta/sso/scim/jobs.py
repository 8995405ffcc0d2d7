"""Sending what waits, and comparing everything once a night."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.jobs import Progress, job, tick
from yanta.sso.scim.models import Target
from yanta.sso.scim.provisioning import queue, reconciling
from yanta.sso.scim.provisioning.wires import Trouble


@tick(seconds=2)
def provision_due() -> None:
    """Whatever changed a moment ago, and what failed and is due again."""
    queue.take_notes()
    queue.send_due()


@job("与一个目标系统全量对账")
def reconcile_target(progress: Progress, *, actor: Actor, target_id: int) -> None:
    """Asked for by a person; its receipt stands on the target's page."""
    target = Target.objects.select_related("application__owner").get(pk=target_id)
    made = reconciling.reconcile(target, report=progress.step)
    progress.step(1, 1, f"应核对 {made.read}：新增 {made.new}，修正 {made.changed}，一致 {made.unchanged}，停用 {made.ended}，失败 {made.failed}")  # fmt: skip


@job("与全部目标系统对账", schedule="10 2 * * *")
def reconcile_targets(progress: Progress, *, actor: Actor) -> None:
    """Every target that is on; one that cannot be reached does not keep the others."""
    targets = list(Target.objects.filter(is_on=True).select_related("application__owner"))
    for done, target in enumerate(targets, start=1):
        try:
            made = reconciling.reconcile(target)
            progress.step(done, len(targets), f"{target}：应核对 {made.read}，失败 {made.failed}")
        except Trouble as trouble:
            progress.step(done, len(targets), f"{target}：{trouble}")
