"""What happens to a term's timetable."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class TimetablePublished(Event):
    """The times of the term's sections are in force; `moved` are the sections that changed, None the first time."""

    version_id: int
    term_id: int
    moved: list[int] | None


@dataclass(frozen=True)
class MeetingAdjusted(Event):
    """A meeting of one week was moved, cancelled or added."""

    adjustment_id: int
    section_id: int


template(
    "timetables.published",
    title="{{ term }} 课表已发布",
    body="点开查看自己的课表，可下载 Excel 或订阅到日历。",
    icon="calendar-week",
)
template(
    "timetables.moved",
    title="{{ term }} 课表有调整",
    body="您的课程里有时间或教室变了，请点开查看。",
    icon="calendar-week",
)
template(
    "timetables.adjusted",
    title="{{ what }}：{{ course }}",
    body="{{ words }}。原因：{{ reason }}",
    icon="calendar-event",
)
template(
    "timetables.decided",
    title="{{ what }}{{ outcome }}：{{ course }}",
    body="{{ words }}。{{ opinion }}",
    icon="gavel",
)
