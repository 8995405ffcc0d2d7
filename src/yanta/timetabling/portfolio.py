"""The same search in several processes with different seeds; the best of them counts."""

import multiprocessing
import queue
import signal
import time
from collections.abc import Callable
from typing import Any, Protocol

from .errors import SearchDiedError
from .progress import Budget, Report, Watcher

# A task is a picklable function of (seed, budget, watcher) whose answer tells its own cost.
Task = Callable[[int, Budget, Watcher | None], "Answer"]
PAUSE = 0.5  # seconds between looks at the clock


class Answer(Protocol):
    @property
    def cost(self) -> tuple[int, int]: ...


def best_of(
    task: Task, *, workers: int, seconds: float, seed: int, watcher: Watcher | None, apart: bool = False
) -> Any:
    """The cheapest answer of `workers` processes, each with its own seed; `apart`: not even one of them is this."""
    if workers <= 1 and not apart:
        return task(seed, Budget(seconds=seconds), watcher)
    context = multiprocessing.get_context("spawn")
    reports, stop = context.Queue(), context.Event()
    processes = [
        context.Process(target=_work, args=(task, seed + 1000 * number, seconds, reports, stop), daemon=True)
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        answers = _collect(processes, reports, stop, watcher)
    finally:
        stop.set()
        for process in processes:
            process.join(5)
            process.kill()
    return min(answers, key=lambda answer: answer.cost)


def _collect(processes: list[Any], reports: Any, stop: Any, watcher: Watcher | None) -> list[Answer]:
    answers: list[Answer] = []
    best: tuple[int, int] | None = None
    started = time.monotonic()
    while len(answers) < len(processes):
        try:
            message = reports.get(timeout=PAUSE)
        except queue.Empty as silence:
            if any(process.is_alive() for process in processes) or not reports.empty():
                continue
            if answers:  # the others died; what there is counts
                break
            raise SearchDiedError("the search ended without an answer") from silence
        if not isinstance(message, Report):
            answers.append(message)
            continue
        cost = (message.hard, message.soft)
        improved = best is None or cost < best
        best = cost if improved else best
        if watcher is not None and best is not None:
            told = Report(*best, time.monotonic() - started, message.share, improved, message.parts)
            if watcher(told) is False:
                stop.set()
    return answers


def _work(task: Task, seed: int, seconds: float, reports: Any, stop: Any) -> None:
    last = 0.0
    # An interrupt at the terminal reaches every process; the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tell(report: Report) -> bool:
        nonlocal last
        if report.improved or report.parts or report.seconds - last > 1:
            last = report.seconds
            reports.put(report)
        return not stop.is_set()

    reports.put(task(seed, Budget(seconds=seconds), tell))
