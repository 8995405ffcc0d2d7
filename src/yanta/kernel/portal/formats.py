"""How values look on a screen: dates, money, numbers, masked texts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MISSING = "—"

# What a state means for who reads it; the words are those that models use for their choices.
_STATES = {
    "success": "active granted approved done normal accepted published enrolled in_use present passed confirmed landed merged",
    "warning": "pending waiting due suspended doubtful expiring repairing paused leaving quarantined",
    "info": "submitted review reviewing running open requested previewed lent reserved new in_progress",
    "danger": "refused rejected revoked failed locked lost broken overdue blocked",
}
STATE_TONES = {word: tone for tone, words in _STATES.items() for word in words.split()}


def day(value: date | None) -> str:
    """`2026-11-21`."""
    if value is None:
        return MISSING
    moment = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    return moment.strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """The absolute time; hovering tells how long ago."""
    if value is None:
        return MISSING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    shown = local.strftime("%Y-%m-%d %H:%M")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), relative(value), shown)


def relative(value: datetime | date | None) -> str:
    """`3 天前`, `20 分钟后`."""
    if value is None:
        return MISSING
    if not isinstance(value, datetime):
        return _relative_day((value - timezone.localdate()).days)
    now = timezone.now() if timezone.is_aware(value) else timezone.now().replace(tzinfo=None)
    return _relative_span(value - now)


def deadline(value: date) -> str:
    """`今天到期`, `10 天后到期`, `已逾期 4 天`: when something is or was due, as one says it."""
    left = (value - timezone.localdate()).days
    if left in (0, 1):
        return _("今天到期") if left == 0 else _("明天到期")
    if left > 0:
        return ngettext("%(n)s 天后到期", "%(n)s 天后到期", left) % {"n": left}
    return ngettext("已逾期 %(n)s 天", "已逾期 %(n)s 天", -left) % {"n": -left}


def _relative_day(days: int) -> str:
    if days in (-1, 0, 1):
        return {-1: _("昨天"), 0: _("今天"), 1: _("明天")}[days]
    if days < 0:
        return ngettext("%(n)s 天前", "%(n)s 天前", -days) % {"n": -days}
    return ngettext("%(n)s 天后", "%(n)s 天后", days) % {"n": days}


def _relative_span(span: timedelta) -> str:
    past, minutes = span.total_seconds() < 0, round(abs(span.total_seconds()) / 60)
    if minutes < 1:
        return _("刚刚")
    if minutes < 60:
        text = (
            ngettext("%(n)s 分钟前", "%(n)s 分钟前", minutes)
            if past
            else ngettext("%(n)s 分钟后", "%(n)s 分钟后", minutes)
        )
        return text % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 24:
        text = (
            ngettext("%(n)s 小时前", "%(n)s 小时前", hours)
            if past
            else ngettext("%(n)s 小时后", "%(n)s 小时后", hours)
        )
        return text % {"n": hours}
    return _relative_day(round(hours / 24) * (-1 if past else 1))


def number(value: float | Decimal | None, places: int | None = None) -> str:
    """Thousands apart; `places` decimals if given."""
    if value is None:
        return MISSING
    return f"{value:,}" if places is None else f"{value:,.{places}f}"


def few(value: int | None) -> str:
    """What fits into a dot: nothing for none, `99+` for many."""
    return "" if not value else str(value) if value < 100 else "99+"


def money(value: Decimal | float | None) -> str:
    """`¥1,234.50`."""
    return MISSING if value is None else f"¥{value:,.2f}"


def masked(value: str | None, head: int = 3, tail: int = 4) -> str:
    """`138****1234`; a short text keeps its first character only."""
    if not value:
        return MISSING
    if len(value) <= head + tail:
        return value[0] + "*" * (len(value) - 1)
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"


def percent(part: float, whole: float) -> int:
    """A share for bars, between 0 and 100; the bar of nothing is empty."""
    return round(100 * part / whole) if whole else 0


def tone(name: str) -> int:
    """One of five quiet colours for a name's mark, always the same for the same name."""
    return sum(map(ord, name)) % 5


def state_tone(value: object) -> str:
    """The tone of a state's dot; words we do not know stay neutral."""
    return STATE_TONES.get(str(value), "neutral")
