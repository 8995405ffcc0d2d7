"""The life of a trip."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from django.utils import timezone

from yanta.kernel import notify, workflow
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Code, Label, Long, operation
from yanta.kernel.people.models import Person
from yanta.masterdata.models import StaffMember
from yanta.systems.timetables import public as timetables
from yanta.systems.trips import events, rules
from yanta.systems.trips.models import Allowance, Trip

Status = Trip.Status
PROCESS = "trips.approval"
STAFF = ("teacher", "counsellor", "clerk", "head")
Opinion = Annotated[str, Label("意见")]
REMIND_AFTER = timedelta(days=3)


@operation("申请出差", model=Trip, icon="briefcase", roles=STAFF)
def ask(
    *, actor: Actor, kind: Trip.Kind, purpose: str, starts_on: date, ends_on: date,
    allowance: Annotated[Allowance | None, Label("目的地（境内）", "去几个地方的选标准最高的")] = None,
    country: Annotated[str, Label("国家或地区（境外）", "境内出差留空"), Code("GBT2659_GJDQ")] = "", place: str,
    transport: Trip.Transport = Trip.Transport.TRAIN, fare: Decimal = Decimal(0),
    budget: str, advance: Decimal = Decimal(0), companions: str = "",
    handover: Annotated[str, Label("工作安排", "有课的写明怎样调课，批准后从这里去办"), Long(2)] = "",
) -> Trip:  # fmt: skip
    """With what the standard allows and the classes it would miss; the unit decides, above a sum and abroad the school."""
    traveller, staff = _traveller(actor)
    trip = Trip(
        traveller=traveller, department=traveller.home_unit, kind=kind, purpose=purpose, starts_on=starts_on, ends_on=ends_on,
        allowance=allowance, country=country, place=place, transport=transport, fare=fare, budget=budget, advance=advance,
        companions=companions, handover=handover, level=rules.level_of(title=staff.title, post=staff.post),
    )  # fmt: skip
    _require_place(trip)
    trip.estimate = _estimate(trip)
    _require_acceptable(trip)
    trip.clashes = len(timetables.classes_between(traveller.pk, starts_on, ends_on))
    if trip.clashes and not handover.strip():
        raise Refused(f"这几天您有 {trip.clashes} 次课，请写明怎样安排", field="handover")
    trip.save()
    workflow.start(PROCESS, subject=trip, actor=actor)
    return trip


def _traveller(actor: Actor) -> tuple[Person, StaffMember]:
    person = Person.objects.filter(pk=actor.person_id).select_related("home_unit").first()
    staff = StaffMember.objects.filter(person=actor.person_id, status=StaffMember.Status.ACTIVE).first()
    if person is None or staff is None or person.home_unit is None:
        raise Refused("只有在岗教职工可以申请出差")
    return person, staff


def _require_place(trip: Trip) -> None:
    if (trip.allowance is None) == (not trip.country):
        raise Refused("境内选目的地，境外选国家或地区，只填一个", field="allowance")


def _estimate(trip: Trip) -> Decimal:
    """Nothing for abroad, whose standard follows the country's table of the ministry."""
    one = trip.allowance
    if one is None:
        return Decimal(0)
    rates = rules.Rates(one.first, one.second, one.third, one.meals, one.transport)
    return rules.estimate(rates, level=trip.level, days=trip.days, fare=trip.fare)


def _require_acceptable(trip: Trip) -> None:
    refusal = rules.refusal_to_ask(
        starts_on=trip.starts_on, ends_on=trip.ends_on, is_abroad=trip.is_abroad, today=timezone.localdate(),
        advance=trip.advance, limit=None if trip.is_abroad else trip.estimate,
    )  # fmt: skip
    if refusal:
        raise Refused(refusal, field="starts_on")
    other = Trip.objects.filter(
        traveller=trip.traveller,
        status__in=Trip.LIVE,
        starts_on__lte=trip.ends_on,
        ends_on__gte=trip.starts_on,
    ).exclude(pk=trip.pk).first()  # fmt: skip
    if other is not None:
        raise Refused(f"这几天已有一次出差（{other}，{other.get_status_display()}）", field="starts_on")


def _require(trip: Trip, *statuses: str) -> None:
    if trip.status not in statuses:
        raise Refused(f"这次出差{trip.get_status_display()}")


def _go(trip: Trip, status: str, actor: Actor, opinion: str = "") -> None:
    trip.status, trip.opinion, trip.decided_by = status, opinion, actor.signature
    trip.save(update_fields=["status", "opinion", "decided_by", "updated_at"])


@operation("同意出差", icon="check", roles=("head",), when=lambda trip: trip.status == Status.ASKED)
def endorse(trip: Trip, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """Final up to the unit's limit at home, else passed on to the school."""
    _require(trip, Status.ASKED)
    if rules.needs_leader(estimate=trip.estimate, is_abroad=trip.is_abroad):
        _go(trip, Status.ENDORSED, actor, opinion)
    else:
        _grant(trip, actor, opinion)


@operation("批准出差", icon="checks", roles=("leader",), when=lambda trip: trip.status == Status.ENDORSED)
def grant(trip: Trip, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """The school's word."""
    _require(trip, Status.ENDORSED)
    _grant(trip, actor, opinion)


@operation("会签", icon="writing-sign", bulk=False, roles=("owner",), when=lambda trip: False)
def countersign(trip: Trip, *, actor: Actor, opinion: Opinion = "同意") -> None:
    """Whoever watches over travel abroad has seen it; the school decides."""
    _require(trip, Status.ENDORSED)
    if not trip.is_abroad:
        raise Refused("境内出差不需要会签")


def _grant(trip: Trip, actor: Actor, opinion: str) -> None:
    _go(trip, Status.GRANTED, actor, opinion)
    publish(events.TripGranted(
        trip_id=trip.pk, person_id=trip.traveller_id, starts_on=trip.starts_on, ends_on=trip.ends_on
    ))  # fmt: skip
    classes = timetables.classes_between(trip.traveller_id, trip.starts_on, trip.ends_on)
    if classes:
        notify.send(
            "trips.classes", to=[trip.traveller_id], link=f"/trips/trip/{trip.pk}/classes/", once=f"classes:{trip.pk}",
            context={"count": len(classes), "classes": "；".join(str(one) for one in classes[:6])},
        )  # fmt: skip


@operation(
    "不同意",
    icon="x",
    danger=True,
    roles=("head", "leader"),
    when=lambda trip: trip.status in (Status.ASKED, Status.ENDORSED),
)
def refuse(trip: Trip, *, actor: Actor, opinion: Opinion) -> None:
    """With a reason that the traveller reads."""
    _require(trip, Status.ASKED, Status.ENDORSED)
    _go(trip, Status.REFUSED, actor, opinion)


@operation(
    "撤回",
    icon="arrow-back-up",
    bulk=False,
    roles=STAFF,
    when=lambda trip: trip.status in (Status.ASKED, Status.ENDORSED),
)
def withdraw(trip: Trip, *, actor: Actor) -> None:
    """Before the decision."""
    _require(trip, Status.ASKED, Status.ENDORSED)
    _go(trip, Status.WITHDRAWN, actor)


@operation("退回修改", icon="arrow-back", bulk=False, roles=("head", "leader"), when=lambda trip: False)
def send_back(
    trip: Trip, *, actor: Actor, opinion: Opinion = "", how: Annotated[str, Label("退回后怎样继续")] = "again"
) -> None:
    """Back to the traveller; it counts as asked until it comes again, unless it comes straight back to who decides now."""
    _require(trip, Status.ASKED, Status.ENDORSED)
    _go(trip, trip.status if how == "straight" else Status.ASKED, actor, opinion)


@operation("重新提交", icon="send", bulk=False, roles=STAFF, when=lambda trip: False)
def resume(
    trip: Trip, *, actor: Actor, starts_on: date | None = None, ends_on: date | None = None, place: str = "",
    fare: Decimal | None = None, budget: str = "", advance: Decimal | None = None, handover: str = "",
) -> None:  # fmt: skip
    """Mended by the traveller, what is left empty as it was; reckoned and judged anew."""
    _require(trip, Status.ASKED, Status.ENDORSED)
    trip.starts_on, trip.ends_on = starts_on or trip.starts_on, ends_on or trip.ends_on
    trip.place, trip.budget, trip.handover = (
        place or trip.place,
        budget or trip.budget,
        handover or trip.handover,
    )
    trip.fare = trip.fare if fare is None else fare
    trip.advance = trip.advance if advance is None else advance
    trip.estimate = _estimate(trip)
    _require_acceptable(trip)
    trip.clashes = len(timetables.classes_between(trip.traveller_id, trip.starts_on, trip.ends_on))
    trip.save()


@operation(
    "取消出差",
    icon="plane-off",
    danger=True,
    bulk=False,
    roles=STAFF,
    when=lambda trip: trip.status == Status.GRANTED,
)
def call_off(trip: Trip, *, actor: Actor, reason: str) -> None:
    """Granted, and not travelled after all."""
    _require(trip, Status.GRANTED)
    if trip.starts_on <= timezone.localdate():
        raise Refused("已经出发的出差请办“回报”")
    _go(trip, Status.WITHDRAWN, actor, reason)


@operation(
    "回报", icon="home-check", bulk=False, roles=STAFF, when=lambda trip: trip.status == Status.GRANTED
)
def report_back(
    trip: Trip, *, actor: Actor, on: Annotated[date, Label("实际返回日期")], spent: Annotated[Decimal, Label("实际费用（元）")],
    report: Annotated[str, Label("办成了什么", "与申请不同的写明"), Long(4)],
) -> None:  # fmt: skip
    """What changed against the application, and what it cost."""
    _require(trip, Status.GRANTED)
    if on < trip.starts_on or on > timezone.localdate():
        raise Refused("返回日期应在开始日期与今天之间", field="on")
    if spent < 0:
        raise Refused("费用不能是负数", field="spent")
    trip.status, trip.returned_on, trip.spent = Status.REPORTED, on, spent
    over = rules.over_standard(spent=spent, estimate=trip.estimate)
    trip.report = f"{report}\n{over}".strip()
    trip.save(update_fields=["status", "returned_on", "spent", "report", "updated_at"])


def remind(*, on: date) -> int:
    """Those back for three days who have not reported; once each."""
    waiting = Trip.objects.filter(status=Status.GRANTED, ends_on__lt=on - REMIND_AFTER).select_related(
        "traveller", "allowance"
    )
    return sum(
        notify.send(
            "trips.report_due", to=[one.traveller_id], link=f"/trips/trip/{one.pk}/report_back/", once=f"report:{one.pk}",
            context={"what": one.where},
        )
        for one in waiting
    )  # fmt: skip
