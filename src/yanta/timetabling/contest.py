"""A run over the competition's instances, told beside what others reached."""

from collections.abc import Sequence
from dataclasses import dataclass

# Best of ten runs of the winner of ITC-2007 (track 3), and the best known since.
WINNER = {
    "comp01": 5, "comp02": 51, "comp03": 84, "comp04": 37, "comp05": 330, "comp06": 48, "comp07": 20,
}  # fmt: skip
BEST_KNOWN = {
    "comp01": 5, "comp02": 24, "comp03": 64, "comp04": 35, "comp05": 284, "comp06": 27, "comp07": 6,
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One instance solved once; `processor` in seconds, of all processes."""

    name: str
    hard: int
    soft: int
    processor: float

    @staticmethod
    def heading() -> str:
        return _row("instance", "hard", "soft", "winner", "best", "gap", "cpu s")

    def __str__(self) -> str:
        gap = self.gap
        return _row(
            self.name, self.hard, self.soft, WINNER.get(self.name, ""), BEST_KNOWN.get(self.name, ""),
            "" if gap is None else f"{gap:.0%}", f"{self.processor:.0f}",
        )  # fmt: skip

    @property
    def gap(self) -> float | None:
        """Above the best known, as a share of it; None where that is not known or something does not hold."""
        best = BEST_KNOWN.get(self.name)
        return None if best is None or self.hard else self.soft / best - 1

    @property
    def is_ahead(self) -> bool:
        """Better than the winner's best, or as good where nothing better exists."""
        best, winner = BEST_KNOWN.get(self.name), WINNER.get(self.name)
        if best is None or winner is None or self.hard:
            return False
        return self.soft < winner or self.soft <= best


def summary(entries: Sequence[Entry]) -> str:
    """One line on all of them together."""
    gaps = [entry.gap for entry in entries if entry.gap is not None]
    text = f"{sum(entry.hard == 0 for entry in entries)} of {len(entries)} hold"
    if not gaps:
        return text
    known = [entry for entry in entries if entry.name in WINNER]
    return f"{text}, {sum(entry.is_ahead for entry in known)} of {len(known)} ahead of the winner, mean gap {sum(gaps) / len(gaps):.1%}"


def _row(name: str, *cells: object) -> str:
    return f"{name:<24}" + "".join(f"{cell!s:>8}" for cell in cells)
