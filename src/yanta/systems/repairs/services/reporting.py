"""From the report to somebody who goes."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import FromElement, Label, Long, Upload, operation
from yanta.kernel.people.models import Person
from yanta.masterdata.models import Room
from yanta.systems.repairs import events, queries, rules
from yanta.systems.repairs.models import Category, Follower, Job, Order, Worker

Status, Urgency = Order.Status, Order.Urgency
PROCESS = "repairs.mending"
EVERYONE = ("student", "teacher", "counsellor", "clerk", "head")
Where = Annotated[Room, Label("哪个房间", "门上的码扫一下就填好")]
What = Annotated[Category, Label("什么坏了")]
Other = Annotated[Worker, Label("改派给")]
Chosen = Annotated[Worker | None, Label("维修人员", "留空按工种、片区、手头活自动选")]
Photo = Annotated[StoredFile | None, Label("照片", "拍一张，师傅好带工具"), Upload(("jpg", "png"))]


@operation("报修", model=Order, icon="tool", roles=EVERYONE)
def report(
    *, actor: Actor,
    room: Where, category: What,
    description: Annotated[str, Label("怎么坏的"), Long(2)], spot: str = "", photo: Photo = None,
    urgency: Order.Urgency = Order.Urgency.NORMAL, visit: str = "",
    phone: Annotated[str, Label("联系电话"), FromElement("person.phone")] = "",
    another: Annotated[bool, Label("另一处故障", "同一房间已有同类报修时才勾")] = False,
) -> Order:  # fmt: skip
    """Taken with a promise; given at once to a worker of the trade who has time, else to the dispatcher."""
    reporter = _person(actor)
    _require_new(reporter, room, category, is_another=another)
    now = timezone.localtime()
    urgent = category.is_urgent or urgency == Urgency.URGENT
    hours = category.urgent_hours if urgent else category.hours
    order = Order.objects.create(
        room=room, category=category, description=description, spot=spot, photo=photo, visit=visit, phone=phone,
        urgency=Urgency.URGENT if urgent else Urgency.NORMAL, reporter=reporter, department=reporter.home_unit,
        reported_at=now, promised_at=rules.promised_at(now, hours=hours, around_the_clock=urgent),
    )  # fmt: skip
    publish(events.FaultReported(order_id=order.pk))
    give_to_whoever_fits(order, by="自动派工")
    workflow.start(PROCESS, subject=order, actor=actor)
    return order


def _person(actor: Actor) -> Person:
    person = Person.objects.filter(pk=actor.person_id).select_related("home_unit").first()
    if person is None or person.home_unit is None:
        raise Refused("只有在校师生可以报修；来访人员请拨维修电话")
    return person


def _require_new(reporter: Person, room: Room, category: Category, *, is_another: bool) -> None:
    same = queries.open_in(room.pk).filter(category=category).first()
    mine = Order.objects.filter(reporter=reporter, status__in=Order.OPEN).count()
    refusal = rules.refusal_to_report(
        open_reports=mine, same=same.number if same else None, is_another=is_another
    )
    if refusal:
        raise Refused(refusal, field="another" if same and not is_another else "")


@operation("我也遇到了", model=Follower, icon="user-plus", roles=EVERYONE)
def follow(*, actor: Actor, number: Annotated[str, Label("报修单号")]) -> Follower:
    """Instead of a second report of the same fault: one hears of it too."""
    digits = number.upper().removeprefix("WX")
    order = Order.objects.filter(pk=int(digits)).first() if digits.isdecimal() and len(digits) < 12 else None
    if order is None or not order.is_open:
        raise Refused("没有这份还没修好的报修，请核对单号", field="number")
    follower, _made = Follower.objects.get_or_create(order=order, person=_person(actor))
    return follower


@operation("派工", icon="user-share", roles=("owner",), when=lambda order: order.status == Status.REPORTED)
def dispatch(order: Order, *, actor: Actor, worker: Chosen = None) -> None:
    """To a worker by name, or to whoever fits best."""
    if order.status != Status.REPORTED:
        raise Refused(f"这份报修{order.get_status_display()}，不能再派")
    if worker is not None:
        give(order, worker, by=actor.signature)
    elif not give_to_whoever_fits(order, by=actor.signature):
        raise Refused("没有在班、对口、手头活不满的维修人员，请指定一位", field="worker")


@operation(
    "改派",
    icon="arrows-exchange",
    bulk=False,
    roles=("owner",),
    when=lambda order: order.status == Status.ASSIGNED,
)
def reassign(order: Order, *, actor: Actor, worker: Other, reason: str) -> None:
    """To somebody else, before anybody has set out."""
    if order.status != Status.ASSIGNED:
        raise Refused(f"这份报修{order.get_status_display()}，不能改派")
    order.jobs.filter(status__in=Job.LIVE).update(status=Job.Status.RETURNED, result=f"改派：{reason}"[:300])
    give(order, worker, by=actor.signature)
    for item in queries.items_of(order):
        workflow.act(item, "assign", actor=Actor.system(actor.name), to=[worker.person_id], opinion=reason)


def give_to_whoever_fits(order: Order, *, by: str) -> bool:
    """Whether somebody was found; else the order waits for the dispatcher."""
    found = rules.choose(
        queries.candidates(), trade=order.category.trade, campus_id=order.room.building.campus_id
    )
    if found is None:
        return False
    give(order, Worker.objects.get(pk=found.worker_id), by=by)
    return True


def give(order: Order, worker: Worker, *, by: str) -> Job:
    """The job lies with the worker, who is told at once."""
    job = Job.objects.create(order=order, worker=worker, assigned_by=by, assigned_at=timezone.now())
    _go(order, Status.ASSIGNED)
    said = f"{order.description}；{timezone.localtime(order.promised_at):%m-%d %H:%M} 前修好"
    notify.send(
        "repairs.job", to=[worker.person_id], link="/repairs/jobs/", once=f"job:{job.pk}",
        context={"what": str(order), "words": said},
    )  # fmt: skip
    return job


def _go(order: Order, status: str) -> None:
    order.status = status
    order.save(update_fields=["status", "updated_at"])


@operation(
    "取消报修", icon="x", danger=True, bulk=False, roles=("student", "teacher", "owner"),
    when=lambda order: order.status in (Status.REPORTED, Status.ASSIGNED),
)  # fmt: skip
def cancel(order: Order, *, actor: Actor, reason: str) -> None:
    """Before anybody has begun."""
    if order.status not in (Status.REPORTED, Status.ASSIGNED):
        raise Refused("师傅已经开始维修，不能取消")
    order.jobs.filter(status__in=Job.LIVE).update(status=Job.Status.RETURNED, result=f"报修取消：{reason}")
    _go(order, Status.CANCELLED)


def tell(order: Order, words: str) -> None:
    """The reporter and those who met the same fault."""
    people = {order.reporter_id, *order.followers.values_list("person_id", flat=True)}
    notify.send(
        "repairs.moved", to=sorted(people), link=f"/repairs/order/{order.pk}/",
        once=f"{order.pk}:{order.status}:{order.reworks}",
        context={"state": order.get_status_display(), "what": str(order), "words": words},
    )  # fmt: skip
