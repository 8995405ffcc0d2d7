"""A term's meetings put into a timetable: at first all of them, then better and better until the time is over."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.utils import timezone

from yanta.kernel import jobs
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Cancelled, Progress
from yanta.kernel.jobs.models import JobRun
from yanta.kernel.operation import Label, operation
from yanta.systems.timetables.models import Version
from yanta.systems.timetables.queries import slots
from yanta.systems.timetables.rules import compiling, telling
from yanta.systems.timetables.rules.compiling import Compiled
from yanta.systems.timetables.services import following
from yanta.systems.timetables.services.keeping import keep
from yanta.timetabling import running
from yanta.timetabling.constructing import Blocked, construct
from yanta.timetabling.problem import Placed
from yanta.timetabling.progress import Report

Status = Version.Status
LOOKED_INTO = 3  # contradictions that are explained
POINTS = 240  # of the curve
TOLD_EVERY = 1.5  # seconds
WORKERS = 2


@operation("自动排课", icon="wand", bulk=False, roles=("owner",), when=lambda version: version.is_open)
def solve(
    version: Version, *, actor: Actor,
    minutes: Annotated[int, Label("改进几分钟", "先排上，再用这么久改进；可随时停止，保留最好的结果")] = 3,
    seed: Annotated[int, Label("起点", "换一个数，走另一条路；同样的数和同样的课表从同一处出发")] = 1,
) -> None:  # fmt: skip
    """In the background. What is placed already stays the start; a second run goes on from the first."""
    from yanta.systems.timetables.jobs import make_timetable

    _require_open(version)
    if not 0 <= minutes <= 60:
        raise Refused("请填 0 到 60 分钟", field="minutes")
    if not 1 <= seed <= 9999:
        raise Refused("请填 1 到 9999", field="seed")
    if JobRun.objects.filter(pk=version.run_id).exclude(state__in=JobRun.ENDED).exists():
        raise Refused("这个版本已在排队或求解")
    run = jobs.start(make_timetable, actor=actor, version_id=version.pk, seconds=minutes * 60, seed=seed)
    version.run_id = run.pk
    version.save(update_fields=["run_id", "updated_at"])


@operation(
    "停止排课", icon="player-stop", bulk=False, roles=("owner",),
    when=lambda version: version.status == Status.SOLVING,
)  # fmt: skip
def stop(version: Version, *, actor: Actor) -> None:
    """The search ends and keeps the best; a version whose search died is a draft again."""
    run = JobRun.objects.filter(pk=version.run_id).first()
    if run is not None and not run.has_ended:
        JobRun.objects.filter(pk=run.pk).update(cancel_requested=True)
        return
    recover(version)


def recover(version: Version) -> None:
    """No search works on it any more."""
    Version.objects.filter(pk=version.pk, status=Status.SOLVING).update(status=Status.DRAFT)


def _require_open(version: Version) -> None:
    if not version.is_open:
        raise Refused(f"这个版本{version.get_status_display()}，不能再排")


def arrange(version_id: int, *, seconds: float, progress: Progress, seed: int = 1) -> dict[str, Any]:
    """The whole run: tasks into meetings, all placed, improved, kept, and the receipt."""
    version = Version.objects.get(pk=version_id)
    if version.status not in (Status.DRAFT, Status.READY, Status.SOLVING):
        raise Refused(f"这个版本{version.get_status_display()}，不能再排")
    Version.objects.filter(pk=version_id).update(status=Status.SOLVING, trace={})
    try:
        receipt = _Run(version, seconds, seed, _Told(version, progress)).receipt()
    except BaseException:
        recover(version)
        raise
    ready = Status.DRAFT if receipt["unplaced"] or not receipt["total"] else Status.READY
    Version.objects.filter(pk=version_id).update(status=ready, receipt=receipt, solved_at=timezone.now())
    return receipt


@dataclass
class _Told:
    """What the search says, for the run's page and the board; a wish to stop ends it, not what it found."""

    version: Version
    progress: Progress
    stopped: bool = False
    series: list[tuple[float, int, int]] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    told_at: float = 0.0

    def step(self, done: int, total: int, text: str) -> None:
        try:
            self.progress.step(done, total, text)
        except Cancelled:
            self.stopped = True

    def placing(self, done: int, total: int) -> None:
        self.step(done, total, f"已排 {done} / {total} 次课")

    def __call__(self, report: Report) -> bool:
        self.parts = report.parts or self.parts
        point = (round(report.seconds, 1), report.hard, report.soft)
        if not self.series or point[1:] != self.series[-1][1:]:
            self.series.append(point)
        if report.parts or time.monotonic() - self.told_at > TOLD_EVERY:
            self.told_at = time.monotonic()
            self.keep()
            self.step(
                int(report.share * 1000), 1000, f"没排上 {report.hard} 次课，最好的不便分 {report.soft}"
            )
        return not self.stopped

    def keep(self) -> None:
        if len(self.series) > POINTS:
            self.series = self.series[: POINTS // 2 : 2] + self.series[POINTS // 2 :]
        trace = {"series": self.series, "parts": self.parts}
        Version.objects.filter(pk=self.version.pk).update(trace=trace)


@dataclass
class _Run:
    """One run of the engine for one version."""

    version: Version
    seconds: float
    seed: int
    told: _Told

    def receipt(self) -> dict[str, Any]:
        begun = time.monotonic()
        following.synchronise(self.version)
        given = slots.slots_of(self.version)
        term = self.version.term_id
        compiled = compiling.compiled(given, slots.school(term), slots.weights_of(term))
        placed, blocked = construct(
            compiled.problem, compiled.present(), seed=self.seed, told=self.told.placing
        )
        self._keep(compiled, placed, blocked)
        first, cost, parts = time.monotonic() - begun, 0, dict[str, int]()
        if self.seconds and not self.told.stopped:
            found = running.improved(
                compiled.problem,
                placed,
                seconds=self.seconds,
                seed=self.seed,
                workers=WORKERS,
                watcher=self.told,
            )
            # Kept once more as the first phase keeps a timetable, which also says what is in the way of the rest.
            placed, blocked = construct(compiled.problem, found.placed, seed=self.seed)
            self._keep(compiled, placed, blocked)
            cost, parts = found.soft, found.parts
            self.told.parts = parts
            self.told.keep()
        return self._told(compiled, placed, blocked) | {
            "first_seconds": round(first, 1), "seconds": round(time.monotonic() - begun, 1), "cost": cost, "parts": parts,
            "stopped": self.told.stopped, "seed": self.seed,
        }  # fmt: skip

    def _keep(self, compiled: Compiled, placed: list[Placed | None], blocked: dict[int, Blocked]) -> None:
        keep(self.version, compiled.places(placed), problems_of(compiled, blocked))

    def _told(
        self, compiled: Compiled, placed: list[Placed | None], blocked: dict[int, Blocked]
    ) -> dict[str, Any]:
        problems = problems_of(compiled, blocked)
        done = sum(len(slots_) for slots_, at in zip(compiled.tasks, placed, strict=True) if at)
        return {
            "total": done + len(problems), "placed": done, "unplaced": len(problems),
            "reasons": dict(Counter(problems.values())), "explained": explanations(compiled, blocked),
        }  # fmt: skip


def problems_of(compiled: Compiled, blocked: dict[int, Blocked]) -> dict[int, str]:
    """Why, for each meeting that has no place."""
    found = {key: telling.REASONS[kind] for key, kind in compiled.impossible.items()}
    for lesson, why in blocked.items():
        found |= {slot.id: telling.reason(why) for slot in compiled.tasks[lesson]}
    return found


def explanations(compiled: Compiled, blocked: dict[int, Blocked]) -> list[str]:
    """Small contradictions behind what has no place, each in a sentence."""
    found: list[str] = []
    explained: set[int] = set()
    for lesson in blocked:
        if lesson in explained or len(found) == LOOKED_INTO:
            continue
        conflict = running.explained(compiled.problem, {lesson})
        if conflict is not None:
            explained |= set(conflict.lessons)
            concerned = [slot for one in conflict.lessons for slot in compiled.tasks[one]]
            found.append(telling.sentence(conflict, compiled, slots.names_of(concerned)))
    return found
