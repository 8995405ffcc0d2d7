"""A ride is asked for, and its unit says yes or no."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import FromElement, Label, operation
from yanta.kernel.people.models import Person
from yanta.systems.vehicles import rules
from yanta.systems.vehicles.models import Ride

Status = Ride.Status
PROCESS = "vehicles.ride"
Opinion = Annotated[str, Label("意见")]
STAFF = ("teacher", "counsellor", "clerk", "head")


@operation("申请用车", model=Ride, icon="car", roles=STAFF)
def ask(
    *, actor: Actor, purpose: Annotated[str, Label("事由", "写清公务，如“赴省教育厅送审材料”")], starts_at: datetime,
    ends_at: datetime, origin: str = "雁塔校区东门", destination: str, people: int = 1,
    passengers: Annotated[str, Label("乘车人", "几个人的姓名，用顿号分开")] = "", goods: str = "",
    shares: Annotated[bool, Label("可以拼车", "同路同时的合用一辆，费用按人数分摊")] = True,
    phone: Annotated[str, Label("联系电话", "司机联系您用"), FromElement("person.phone")] = "",
) -> Ride:  # fmt: skip
    """Checked at once; then the unit's head says whether, the fleet says with what."""
    person = Person.objects.filter(pk=actor.person_id).select_related("home_unit").first()
    if person is None or person.home_unit is None:
        raise Refused("只有教职工可以申请公务用车")
    refusal = rules.refusal_to_ask(starts_at=starts_at, ends_at=ends_at, now=timezone.now())
    if refusal:
        raise Refused(refusal, field="starts_at")
    _require_no_other(person, starts_at, ends_at)
    ride = Ride.objects.create(
        applicant=person, department=person.home_unit, purpose=purpose, origin=origin.strip(), destination=destination.strip(),
        starts_at=starts_at, ends_at=ends_at, people=people, passengers=passengers or person.name, goods=goods, shares=shares, phone=phone,
    )  # fmt: skip
    workflow.start(PROCESS, subject=ride, actor=actor)
    return ride


def _require_no_other(
    person: Person, starts_at: datetime, ends_at: datetime, *, but: int | None = None
) -> None:
    others = Ride.objects.filter(
        applicant=person, status__in=Ride.LIVE, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    other = others.exclude(pk=but).first()
    if other is not None:
        raise Refused(f"这段时间您已申请用车（{other}），请先撤回再申请", field="starts_at")


def _go(ride: Ride, status: str, actor: Actor, opinion: str = "") -> None:
    ride.status, ride.opinion, ride.decided_by = status, opinion, actor.signature
    ride.save(update_fields=["status", "opinion", "decided_by", "updated_at"])


def _require(ride: Ride, *statuses: str) -> None:
    if ride.status not in statuses:
        raise Refused(f"这份用车申请{ride.get_status_display()}")


@operation("同意用车", icon="check", roles=("head",), when=lambda ride: ride.status == Status.ASKED)
def endorse(ride: Ride, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The unit pays for it, so its head says whether."""
    _require(ride, Status.ASKED)
    _go(ride, Status.ENDORSED, actor, opinion)


@operation(
    "不同意",
    icon="x",
    danger=True,
    roles=("head", "owner"),
    when=lambda ride: ride.status in (Status.ASKED, Status.ENDORSED),
)
def refuse(ride: Ride, *, actor: Actor, opinion: Opinion) -> None:
    """By the unit, or by the fleet that has nothing to send."""
    _require(ride, Status.ASKED, Status.ENDORSED)
    _go(ride, Status.REFUSED, actor, opinion)


@operation(
    "撤回",
    icon="arrow-back-up",
    bulk=False,
    roles=STAFF,
    when=lambda ride: ride.status in (Status.ASKED, Status.ENDORSED),
)
def withdraw(ride: Ride, *, actor: Actor) -> None:
    """Before a vehicle is planned; afterwards the fleet calls the run off."""
    _require(ride, Status.ASKED, Status.ENDORSED)
    _go(ride, Status.WITHDRAWN, actor)


@operation("退回修改", icon="arrow-back", bulk=False, roles=("head", "owner"), when=lambda ride: False)
def send_back(
    ride: Ride, *, actor: Actor, opinion: Opinion = "", how: Annotated[str, Label("退回后怎样继续")] = "again"
) -> None:
    """Back to whoever asked; it counts as asked until it comes again, unless it comes straight back to who decides now."""
    _require(ride, Status.ASKED, Status.ENDORSED)
    _go(ride, ride.status if how == "straight" else Status.ASKED, actor, opinion)


@operation("重新提交", icon="send", bulk=False, roles=STAFF, when=lambda ride: False)
def resume(
    ride: Ride, *, actor: Actor, starts_at: datetime | None = None, ends_at: datetime | None = None, origin: str = "",
    destination: str = "", people: int | None = None, passengers: str = "", goods: str = "",
) -> None:  # fmt: skip
    """Mended, what is left empty as it was; the times must still lie ahead."""
    _require(ride, Status.ASKED, Status.ENDORSED)
    ride.starts_at, ride.ends_at = starts_at or ride.starts_at, ends_at or ride.ends_at
    ride.origin, ride.destination = origin or ride.origin, destination or ride.destination
    ride.people, ride.passengers = people or ride.people, passengers or ride.passengers
    ride.goods = goods or ride.goods
    refusal = rules.refusal_to_ask(starts_at=ride.starts_at, ends_at=ride.ends_at, now=timezone.now())
    if refusal:
        raise Refused(refusal, field="starts_at")
    _require_no_other(ride.applicant, ride.starts_at, ride.ends_at, but=ride.pk)
    ride.save(
        update_fields=[
            "starts_at", "ends_at", "origin", "destination", "people", "passengers", "goods", "updated_at"
        ]
    )  # fmt: skip
