"""What happens to a trip."""

from dataclasses import dataclass
from datetime import date

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class TripGranted(Event):
    trip_id: int
    person_id: int
    starts_on: date
    ends_on: date


template(
    "trips.classes",
    title="出差期间有 {{ count }} 节课要调",
    body="{{ classes }}。请办理调课停课。",
    icon="calendar-event",
)
template(
    "trips.report_due",
    title="出差已结束，请回报：{{ what }}",
    body="写明去了哪里、办成什么、花了多少。",
    icon="briefcase",
)
