"""How a search tells how far it is, when it ends and that it was asked to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Report:
    """The best so far; `seconds` since the start, `share` of the budget that is spent (0 to 1)."""

    hard: int
    soft: int
    seconds: float
    share: float
    improved: bool = False
    parts: dict[str, int] | None = None  # what the wishes cost by kind, now and then

    @property
    def feasible(self) -> bool:
        return self.hard == 0


# Called every second or so and at each better solution; an answer of False ends the search.
Watcher = Callable[[Report], bool | None]


@dataclass
class Budget:
    """Seconds or iterations, whichever is given; with iterations a single process is deterministic."""

    seconds: float | None = None
    iterations: int | None = None
    target: int = 0  # a cost that is good enough to stop
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise ValueError("a budget has seconds or iterations")

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @property
    def share(self) -> float:
        if self.stopped:
            return 1.0
        if self.iterations is not None:
            return min(1.0, self.done / self.iterations)
        assert self.seconds is not None  # noqa: S101 - narrows the type
        return min(1.0, self.elapsed / self.seconds)

    @property
    def over(self) -> bool:
        return self.share >= 1.0

    def tell(
        self,
        watcher: Watcher | None,
        *,
        hard: int,
        soft: int,
        improved: bool,
        parts: dict[str, int] | None = None,
    ) -> None:
        """Report to the watcher and heed its answer; end at the target."""
        if hard == 0 and soft <= self.target:
            self.stopped = True
        if watcher is None:
            return
        report = Report(
            hard=hard, soft=soft, seconds=self.elapsed, share=self.share, improved=improved, parts=parts
        )
        if watcher(report) is False:
            self.stopped = True
