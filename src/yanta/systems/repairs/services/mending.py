"""What a worker does with a job, on the phone, with gloves."""

from __future__ import annotations

from typing import Annotated

from django.db.models import F
from django.utils import timezone

from yanta.kernel import notify
from yanta.kernel.access.models import RoleGrant
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import Label, Long, Upload, operation
from yanta.systems.repairs import events
from yanta.systems.repairs.models import Job, Material, Order, Used, Worker
from yanta.systems.repairs.services import reporting

Status = Job.Status
WORKERS = ("teacher", "owner")
Taken = Annotated[Material, Label("材料")]
Result = Annotated[str, Label("怎么修的"), Long(2)]
Photo = Annotated[StoredFile | None, Label("完工照片"), Upload(("jpg", "png"))]


def _require(job: Job, *statuses: str) -> None:
    if job.status not in statuses:
        raise Refused(f"这份派工{job.get_status_display()}")


def _go(job: Job, status: str, order_status: str) -> None:
    job.status = status
    job.save(update_fields=["status", "accepted_at", "finished_at", "result", "photo", "updated_at"])
    job.order.status = order_status
    job.order.save(update_fields=["status", "mended_at", "cost", "updated_at"])


@operation("接单", icon="check", roles=WORKERS, when=lambda job: job.status == Status.ASSIGNED)
def accept(job: Job, *, actor: Actor) -> None:
    """From now on the reporter knows who comes."""
    _require(job, Status.ASSIGNED)
    job.accepted_at = timezone.now()
    _go(job, Status.ACCEPTED, Order.Status.ASSIGNED)
    reporting.tell(job.order, f"{job.worker.person.name} 已接单。")


@operation(
    "出发",
    icon="walk",
    bulk=False,
    roles=WORKERS,
    when=lambda job: job.status in (Status.ASSIGNED, Status.ACCEPTED),
)
def set_out(job: Job, *, actor: Actor) -> None:
    """On the way; the order can no longer be taken back."""
    _require(job, Status.ASSIGNED, Status.ACCEPTED)
    job.accepted_at = job.accepted_at or timezone.now()
    _go(job, Status.ON_THE_WAY, Order.Status.MENDING)
    reporting.tell(job.order, f"{job.worker.person.name} 在路上。")


@operation("领用材料", icon="package", bulk=False, roles=WORKERS, when=lambda job: job.status in Job.LIVE)
def take_material(
    job: Job,
    *,
    actor: Actor,
    material: Taken,
    quantity: Annotated[int, Label("数量")] = 1,
) -> None:
    """Counted off the stock at once; what is not there cannot be taken."""
    _require(job, *Job.LIVE)
    if quantity < 1:
        raise Refused("数量至少是 1", field="quantity")
    taken = Material.objects.filter(pk=material.pk, stock__gte=quantity).update(stock=F("stock") - quantity)
    if not taken:
        material.refresh_from_db()
        raise Refused(f"{material}只剩 {material.stock} {material.unit}", field="quantity")
    Used.objects.create(job=job, material=material, quantity=quantity, price=material.price)
    Order.objects.filter(pk=job.order_id).update(cost=F("cost") + quantity * material.price)
    job.order.refresh_from_db()
    _warn_of(Material.objects.get(pk=material.pk))


def _warn_of(material: Material) -> None:
    """The clerks of the units that mend hear of it once per number."""
    if material.stock >= material.minimum:
        return
    units = Worker.objects.values("department")
    keepers = RoleGrant.objects.filter(role="clerk", org_unit__in=units, account__person__isnull=False)
    notify.send(
        "repairs.low_stock", to=sorted(set(keepers.values_list("account__person_id", flat=True))),
        link=f"/repairs/material/{material.pk}/", once=f"{material.pk}:{material.stock}",
        context={"material": str(material), "stock": material.stock, "minimum": material.minimum},
    )  # fmt: skip


@operation("修好了", icon="circle-check", bulk=False, roles=WORKERS, when=lambda job: job.status in Job.LIVE)
def finish(job: Job, *, actor: Actor, result: Result, photo: Photo = None) -> None:
    """The step of the process, by the worker's own door."""
    _require(job, *Job.LIVE)
    mend(job.order, actor=actor, result=result, photo=photo)
    job.refresh_from_db()


@operation(
    "修不了，退回",
    icon="arrow-back-up",
    danger=True,
    bulk=False,
    roles=WORKERS,
    when=lambda job: job.status in Job.LIVE,
)
def give_back(job: Job, *, actor: Actor, reason: str) -> None:
    """To the dispatcher, by the worker's own door."""
    _require(job, *Job.LIVE)
    hand_back(job.order, actor=actor, reason=reason)
    job.refresh_from_db()


@operation("维修完成", icon="circle-check", bulk=False, roles=("owner",), when=lambda order: False)
def mend(order: Order, *, actor: Actor, result: Result, photo: Photo = None) -> None:
    """The reporter is asked to look; silent for a week counts as agreed."""
    job = _live_job(order)
    now = timezone.now()
    job.accepted_at = job.accepted_at or now
    job.finished_at, job.result, job.photo, job.order = now, result, photo, order
    order.mended_at = now
    _go(job, Status.FINISHED, Order.Status.MENDED)
    publish(events.FaultMended(order_id=order.pk))
    reporting.tell(order, f"{result}。请看看修好没有，七天内没有回音视为修好。")


@operation("退回派工", icon="arrow-back-up", bulk=False, roles=("owner",), when=lambda order: False)
def hand_back(order: Order, *, actor: Actor, reason: str) -> None:
    """Not mended by this worker, and why."""
    job = _live_job(order)
    job.result, job.order = reason, order
    _go(job, Status.RETURNED, Order.Status.REPORTED)


def _live_job(order: Order) -> Job:
    job = order.jobs.filter(status__in=Job.LIVE).first()
    if job is None:
        raise Refused("这份报修还没有派给谁")
    return job
