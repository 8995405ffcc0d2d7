"""What a figure means beside its target and its past. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Tone = Literal["success", "warning", "danger", "neutral"]
WORDS: dict[str, str] = {"success": "达标", "warning": "未达目标", "danger": "越过预警", "neutral": ""}
LITTLE = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a figure is written and judged."""

    name: str
    unit: str = ""
    decimals: int = 0
    better: str = "neither"
    target: Decimal | None = None
    warn: Decimal | None = None


def written(value: Decimal | None, decimals: int) -> str:
    """Thousands apart, as many places as the figure has."""
    if value is None:
        return "—"
    exact = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:,}"


def with_unit(value: Decimal | None, scale: Scale) -> str:
    text = written(value, scale.decimals)
    if value is None or not scale.unit:
        return text
    return f"{text}{scale.unit}" if scale.unit[0] in "%：" else f"{text} {scale.unit}"


def tone(value: Decimal | None, scale: Scale) -> Tone:
    """Green at the target or better, red beyond the warning, amber between; neutral where nothing was agreed."""
    if value is None or scale.better == "neither" or (scale.target is None and scale.warn is None):
        return "neutral"
    if scale.target is not None and _reaches(value, scale.target, scale.better):
        return "success"
    if scale.warn is not None and not _reaches(value, scale.warn, scale.better):
        return "danger"
    return "warning" if scale.target is not None else "success"


def _reaches(value: Decimal, line: Decimal, better: str) -> bool:
    return value >= line if better == "higher" else value <= line


def is_good(change: Decimal, better: str) -> bool | None:
    """Whether a change is for the better; None where there is no better."""
    if better == "neither" or change == 0:
        return None
    return (change > 0) == (better == "higher")


def change_words(value: Decimal | None, before: Decimal | None, scale: Scale, than: str) -> str:
    """`比去年同期升 0.4`."""
    if value is None or before is None:
        return ""
    change = value - before
    text = written(abs(change), scale.decimals)
    if not Decimal(text.replace(",", "")):
        return f"与{than}持平"
    unit = " 个百分点" if scale.unit == "%" else ""
    return f"比{than}{'升' if change > 0 else '降'} {text}{unit}"


def line_written(value: Decimal | None, decimals: int) -> str:
    """A target or warning as it was agreed, without idle zeros."""
    text = written(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def judged_words(value: Decimal | None, scale: Scale) -> str:
    """`达到目标 18` or `离目标 14 还差 1.2`."""
    found = tone(value, scale)
    if value is None or found == "neutral":
        return ""
    if found == "success":
        return (
            f"达到目标 {line_written(scale.target, scale.decimals)}"
            if scale.target is not None
            else "在预警线以内"
        )
    if found == "danger":
        return f"越过预警线 {line_written(scale.warn, scale.decimals)}"
    gap = abs(value - scale.target) if scale.target is not None else Decimal(0)
    return f"离目标 {line_written(scale.target, scale.decimals)} 还差 {written(gap, scale.decimals)}"


def finding(value: Decimal | None, before: Decimal | None, scale: Scale, than: str) -> str:
    """One sentence: what it is, whether that is good, where it goes."""
    if value is None:
        return f"{scale.name}还没有数"
    said = [
        f"{scale.name} {with_unit(value, scale)}",
        judged_words(value, scale),
        change_words(value, before, scale, than),
    ]
    return "，".join(one for one in said if one)


def relative(value: Decimal | None, before: Decimal | None, unit: str = "") -> Decimal:
    """How much changed, for putting in order: shares by their points, all else by their part."""
    if value is None or before is None:
        return Decimal(0)
    if unit == "%":
        return (value - before) / 100
    return (value - before) / abs(before) if before else Decimal(0)


def trend_title(points: Sequence[tuple[str, Decimal | None]], scale: Scale) -> str:
    """The finding of a line: from where to where, and where it stood highest or lowest."""
    known = [(label, value) for label, value in points if value is not None]
    if len(known) < 2:
        return f"{scale.name}：刚开始积累，还看不出趋势"
    (first, start), (_, end) = known[0], known[-1]
    if abs(relative(end, start, scale.unit)) < LITTLE:
        return f"{scale.name}自 {first} 以来基本持平，现为 {with_unit(end, scale)}"
    word = "升到" if end > start else "降到"
    return f"{scale.name}自 {first} 的 {with_unit(start, scale)} {word} {with_unit(end, scale)}"


def spread_title(values: Sequence[tuple[str, Decimal]], scale: Scale) -> str:
    """The finding of bars: who is highest, who lowest."""
    if not values:
        return f"{scale.name}：没有可比的数"
    ordered = sorted(values, key=lambda one: one[1])
    (low, least), (high, most) = ordered[0], ordered[-1]
    if len(values) == 1:
        return f"{scale.name}：{high} {with_unit(most, scale)}"
    return f"{high}{scale.name}最高，{with_unit(most, scale)}；{low}最低，{with_unit(least, scale)}"
