"""Why two rows were joined, kept apart or left to a person, in a sentence."""

from collections.abc import Mapping
from typing import Any

from .comparisons import COMPARISONS

VERDICTS = {
    "joined": "同一人",
    "doubtful": "存疑",
    "refused": "有矛盾，未合并",
    "same": "人工判定为同一人",
    "different": "人工判定为不同人",
}


def reasons(pair: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Phrase and bits of everything that was compared, the weightiest first."""
    found = []
    for comparison in COMPARISONS:
        level = pair.get(f"lv_{comparison.name}") or 0
        weight = float(pair.get(f"w_{comparison.name}") or 0.0)
        if level and abs(weight) >= 0.05:
            found.append((comparison.levels[level - 1].phrase, weight))
    return sorted(found, key=lambda reason: -abs(reason[1]))


def sentence(pair: Mapping[str, Any], *, most: int = 6) -> str:
    """身份证号一致（+18.2）、姓名一字之差（−1.3）."""
    shown = [f"{phrase}（{_signed(weight)}）" for phrase, weight in reasons(pair)[:most]]
    return "、".join(shown) or "没有可比的字段"


def _signed(weight: float) -> str:
    return f"{'−' if weight < 0 else '+'}{abs(weight):.1f}"
