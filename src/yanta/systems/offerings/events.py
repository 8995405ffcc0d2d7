"""What happens to a term's teaching."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class ConfirmationOpened(Event):
    season_id: int


@dataclass(frozen=True)
class SeasonLocked(Event):
    """The timetable may be made of this."""

    season_id: int


@dataclass(frozen=True)
class SectionChanged(Event):
    """Language, campus, teacher or capacity are others now; whoever took the section over has to look again."""

    section_id: int
    what: str


@dataclass(frozen=True)
class CapacityChanged(Event):
    """A section holds more or fewer students than before."""

    section_id: int


@dataclass(frozen=True)
class SeatsReserved(Event):
    """Seats are kept for others than before, or for nobody."""

    section_id: int


template(
    "offerings.confirm",
    title="请确认 {{ term }} 的开课：{{ count }} 门",
    body="{{ unit }}有 {{ count }} 门课程待确认教师、学时和教室要求，{{ until }} 前完成。",
    icon="clipboard-list",
)
template(
    "offerings.remind",
    title="开课确认还差 {{ count }} 门，{{ when }}",
    body="{{ unit }}在 {{ term }} 还有 {{ count }} 门课程未确认，截止日期 {{ until }}。",
    icon="alarm",
)
template(
    "offerings.taught",
    title="任课有变：{{ section }}",
    body="{{ what }}。原因：{{ reason }}",
    icon="clipboard-list",
)
