"""From a draft to the version in force."""

from __future__ import annotations

from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish as tell
from yanta.kernel.operation import operation
from yanta.systems.curricula import events
from yanta.systems.curricula.models import Plan
from yanta.systems.curricula.queries import sheets

Status = Plan.Status


def _go(plan: Plan, status: Status, opinion: str = "") -> None:
    plan.status, plan.opinion = status, opinion
    plan.save(update_fields=["status", "opinion", "published_on", "updated_at"])


def _require(plan: Plan, *allowed: Status) -> None:
    if plan.status not in allowed:
        raise Refused(f"这个方案{plan.get_status_display()}，不能做这一步")


def _require_whole(plan: Plan) -> None:
    """Nothing may stand in it that stops it."""
    stopping = [one.text for one in sheets.problems_of(sheets.sheet_of(plan)) if one.stops]
    if stopping:
        more = f"；还有 {len(stopping) - 3} 处" if len(stopping) > 3 else ""
        raise Refused("还不能提交：" + "；".join(stopping[:3]) + more)


@operation("提交学院审定", icon="send", roles=("clerk",), when=lambda plan: plan.status == Status.DRAFT)
def submit(plan: Plan, *, actor: Actor) -> None:
    """To the college's head, once the rules add up."""
    _require(plan, Status.DRAFT)
    _require_whole(plan)
    _go(plan, Status.COLLEGE)


@operation("学院审定", icon="check", roles=("head",), when=lambda plan: plan.status == Status.COLLEGE)
def endorse(plan: Plan, *, actor: Actor, opinion: str = "同意") -> None:
    """The college stands for it; the registry looks next."""
    _require(plan, Status.COLLEGE)
    _go(plan, Status.REGISTRY, opinion)


@operation(
    "审核发布", icon="checks", roles=("owner",), when=lambda plan: plan.status == Status.REGISTRY,
    confirm="发布后这一版不能再改，在执行的旧版本同时停用。",
)  # fmt: skip
def publish(plan: Plan, *, actor: Actor, opinion: str = "同意") -> None:
    """In force from now on, instead of the version before."""
    _require(plan, Status.REGISTRY)
    _require_whole(plan)
    Plan.objects.filter(
        programme=plan.programme_id, grade=plan.grade, kind=plan.kind, status=Status.PUBLISHED
    ).update(status=Status.RETIRED)
    plan.published_on = timezone.localdate()
    _go(plan, Status.PUBLISHED, opinion)
    tell(events.PlanPublished(plan_id=plan.pk))


@operation(
    "退回修改", icon="arrow-back-up", danger=True, roles=("head", "owner"),
    when=lambda plan: plan.status in (Status.COLLEGE, Status.REGISTRY),
)  # fmt: skip
def send_back(plan: Plan, *, actor: Actor, opinion: str) -> None:
    """Back to the drafts, with what is to be put right."""
    _require(plan, Status.COLLEGE, Status.REGISTRY)
    _go(plan, Status.DRAFT, opinion)
    tell(events.PlanSentBack(plan_id=plan.pk, opinion=opinion))


@operation(
    "停用", icon="archive", danger=True, roles=("owner",), when=lambda plan: plan.status == Status.PUBLISHED,
    confirm="停用后这个年级没有执行中的方案，学业进度无从核对。",
)  # fmt: skip
def retire(plan: Plan, *, actor: Actor, reason: str) -> None:
    """Out of force; it stays to be read."""
    _require(plan, Status.PUBLISHED)
    _go(plan, Status.RETIRED, reason)


def tell_sent_back(plan_id: int, opinion: str) -> None:
    """A message to the clerks of the college."""
    plan = Plan.objects.select_related("programme").get(pk=plan_id)
    clerks = RoleGrant.objects.filter(
        role="clerk", org_unit=plan.programme.department_id, account__person__isnull=False
    ).exclude(valid_to__lt=timezone.localdate())
    notify.send(
        "curricula.sent_back", to=clerks.values_list("account__person_id", flat=True),
        link=f"/curricula/plan/{plan.pk}/", context={"plan": str(plan), "opinion": opinion},
    )  # fmt: skip
