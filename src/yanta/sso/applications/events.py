"""What happens to applications."""

from dataclasses import dataclass

from yanta.kernel.events import Event
from yanta.kernel.notify import template


@dataclass(frozen=True)
class ApplicationSubmitted(Event):
    application_id: int


@dataclass(frozen=True)
class ApplicationDecided(Event):
    application_id: int
    result: str


@dataclass(frozen=True)
class ApplicationDisabled(Event):
    """Every protocol stops what it has given out for it."""

    application_id: int


@dataclass(frozen=True)
class ConsentWithdrawn(Event):
    """Nothing that was given out on this agreement goes on."""

    application_id: int
    account_id: int


template(
    "applications.decided",
    title="“{{ name }}”接入申请：{{ result }}",
    body="审核意见：{{ opinion }}",
    icon="fingerprint",
)
template(
    "applications.review",
    title="请确认“{{ name }}”仍在使用",
    body="复核日期 {{ on }} 已到。请主管部门打开应用页面点“确认仍在使用”；不再使用的请联系信息中心停用。",
    icon="calendar-check",
)
