"""Carrying a run out: one at a time per subject, everything or nothing, harmless to kill at any moment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils import timezone

from yanta.hub.events import DataLoaded
from yanta.hub.exchange import public as exchange
from yanta.hub.pipelines import engines, rules
from yanta.hub.pipelines.documents import Document, check
from yanta.hub.pipelines.models import HeldRow, Pipeline, PipelineRun, Version
from yanta.hub.pipelines.running import accounts, classifying, extracting, previewing, quarantine, writing
from yanta.hub.pipelines.running.workspace import Extract, Order, Workspace
from yanta.hub.pipelines.targets import Target, target
from yanta.kernel import audit, search
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.jobs import Cancelled

log = logging.getLogger(__name__)
Step = Callable[[int, int, str], None]
STEPS = 7
LOCK = 0x5950
COMPARISONS = 4
# More rows than this are searched for after the nightly reindex, not at once.
MOST_REFRESHED = 5_000
Kind, State = PipelineRun.Kind, PipelineRun.State


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a run besides the pipeline; `approved` is how many rows may leave at once."""

    kind: str = Kind.MANUAL
    since: date | None = None
    until: date | None = None
    attempt: int = 1
    engine: str = ""
    approved: int = 0
    job_id: int | None = None


def quiet(done: int, total: int, text: str) -> None:
    """Progress that nobody watches."""


@contextmanager
def only_run(subject: str) -> Iterator[None]:
    """Held by the session, so that the database lets go when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, subject])
        if not cursor.fetchone()[0]:
            raise Refused("另一次运行正在写入同一主题，请等它结束后再试")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, subject])


def bury_the_dead(subject: str, *, at: datetime) -> int:
    """Whoever holds the lock runs alone: a run still marked as running was killed and wrote nothing."""
    dead = PipelineRun.objects.filter(pipeline__subject=subject, state=State.RUNNING).exclude(kind=Kind.DRY)
    return dead.update(
        state=State.INTERRUPTED,
        ended_at=at,
        failure="进程中断，未写入任何数据；下次运行自动续上",
        updated_at=at,
    )


def carry_out(
    pipeline: Pipeline, version: Version, *, actor: Actor, wish: Wish, step: Step = quiet
) -> PipelineRun:
    """Run and account for it; whatever goes wrong leaves the run marked and the data untouched."""
    goal = target(pipeline.subject)
    if wish.kind == Kind.DRY:
        return _followed(_begin(pipeline, version, actor, wish), goal, actor, wish, step)
    with only_run(pipeline.subject):
        bury_the_dead(pipeline.subject, at=timezone.now())
        pipeline.refresh_from_db()
        return _followed(_begin(pipeline, version, actor, wish), goal, actor, wish, step)


def _begin(pipeline: Pipeline, version: Version, actor: Actor, wish: Wish) -> PipelineRun:
    return PipelineRun.objects.create(
        pipeline=pipeline, version=version, kind=wish.kind, started_by=actor.signature, started_at=timezone.now(),
        since=wish.since, until=wish.until, attempt=wish.attempt, job_id=wish.job_id,
    )  # fmt: skip


def _followed(run: PipelineRun, goal: Target, actor: Actor, wish: Wish, step: Step) -> PipelineRun:
    try:
        _Passage(run, goal, actor, wish, step).go()
    except Cancelled:
        _end(run, State.CANCELLED, "已取消，未写入任何数据")
        raise
    except Refused as refusal:
        if run.state == State.RUNNING:
            _end(run, State.FAILED, refusal.message, retry=not isinstance(refusal, exchange.DriftStop))
        raise
    except Exception as error:
        log.exception("pipeline run %s failed", run.pk)
        if connection.is_usable():
            _end(run, State.FAILED, f"程序出错：{type(error).__name__}，未写入任何数据", retry=True)
        raise
    return run


def _end(run: PipelineRun, state: str, words: str, *, retry: bool = False) -> None:
    now = timezone.now()
    run.state, run.failure, run.ended_at = state, words, now
    if retry and run.kind in (Kind.SCHEDULED, Kind.BACKFILL):
        run.retry_at = rules.next_try(attempt=run.attempt, retries=run.pipeline.retries, at=now)
    run.save()


class _Passage:
    """One run on its way."""

    def __init__(self, run: PipelineRun, goal: Target, actor: Actor, wish: Wish, step: Step) -> None:
        self.run, self.goal, self.actor, self.wish, self.step = run, goal, actor, wish, step
        self.pipeline = run.pipeline
        self.document = Document.of(run.version.document)
        kinds = {Kind.DRY: f"dry-{run.pk}", Kind.REPLAY: "replay"}
        self.workspace = Workspace(self.pipeline.code, kinds.get(Kind(wish.kind), "run"))
        self.corrected: list[HeldRow] = []
        self._done = 0

    def go(self) -> None:
        check(self.document)
        self.workspace.open()
        extract = self._extracted()
        engine = engines.open_engine(self.workspace.path("engine"), self.wish.engine)
        self.run.engine = engines.version_of(engine)
        try:
            self._until_it_holds(engine, extract)
        finally:
            engine.close()
        self.workspace.clear()

    def _told(self, text: str) -> None:
        self._done += 1
        self.step(min(self._done, STEPS), STEPS, text)

    @property
    def is_captured(self) -> bool:
        return self.pipeline.mode == Pipeline.Mode.CAPTURE and self.wish.kind != Kind.REPLAY

    # Reading.

    def _extracted(self) -> Extract:
        self._told("读取来源")
        now = timezone.now()
        if self.wish.kind == Kind.REPLAY:
            return self._corrections(now)
        order = self._order()
        kept = self.workspace.kept(order, now=now)
        if kept is not None:
            self.run.was_resumed = True
            return kept
        by = self.pipeline.watermark_column if order.mode == "increment" or order.since or order.until else ""
        with _opened(self.pipeline) as connector:
            return extracting.extract(
                connector, order, self.document.source_columns, self.workspace, by=by, now=now,
                told=lambda rows: self.step(1, STEPS, f"读取来源 {rows:,} 行"),
            )  # fmt: skip

    def _order(self) -> Order:
        one = self.pipeline
        window = {"since": str(self.wish.since or ""), "until": str(self.wish.until or "")}
        if any(window.values()) and not one.watermark_column:
            raise Refused("按日期回补需要先指定水位列")
        mode = (
            "full" if self.wish.kind == Kind.DRY and one.mode == "capture" and not one.position else one.mode
        )
        if any(window.values()):
            mode = "increment"
        return Order(
            self.run.version.digest, mode, one.table, after=one.watermark if mode == "increment" else "",
            position=one.position if mode == "capture" else "", **window,
        )  # fmt: skip

    def _corrections(self, now: datetime) -> Extract:
        self.corrected = list(
            HeldRow.objects.filter(pipeline=self.pipeline, state=HeldRow.State.CORRECTED).order_by("pk")
        )
        if not self.corrected:
            raise Refused("没有已更正、待重放的行")
        from yanta.hub.pipelines.queries import cells_of

        rows = [cells_of(item) for item in self.corrected]
        columns = self.document.source_columns
        return extracting.from_rows(rows, columns, self.workspace, now=now)

    # Comparing and writing.

    def _until_it_holds(self, engine: engines.Engine, extract: Extract) -> None:
        for turn in range(COMPARISONS):
            found = self._found(engine, extract)
            if self.wish.kind == Kind.DRY:
                return self._previewed(found, extract)
            self._stop_if_bad(found, extract)
            try:
                return self._load(found, extract)
            except writing.TargetMoved:
                self._done -= 6
                log.info("run %s: the target moved while it was compared (%s)", self.run.pk, turn + 1)
        raise Refused("目标数据在比对期间一再被改动，请稍后重试")

    def _found(self, engine: engines.Engine, extract: Extract) -> classifying.Found:
        is_full = self.pipeline.mode == Pipeline.Mode.FULL or extract.is_snapshot
        window = self.wish.since or self.wish.until or self.wish.kind == Kind.REPLAY
        return classifying.classify(
            engine, self.workspace, self.document, self.goal, extract, captured=self.is_captured,
            whole=bool(is_full and not window), told=self._told, pipeline_id=self.pipeline.pk,
        )  # fmt: skip

    def _counted(self, found: classifying.Found, extract: Extract) -> None:
        self.run.counts = {
            **accounts.totals(found), "bytes": extract.bytes, "unreadable": extract.unreadable, "departed": found.departed,
        }  # fmt: skip
        self.run.quality = found.gated.said
        self.run.reasons, self.run.timings = found.reasons, found.timings

    def _held(self, found: classifying.Found, extract: Extract, **options: Any) -> Iterator[quarantine.Held]:
        key = self.document.pair(self.goal.key)
        return quarantine.rows_held_back(
            self.workspace.folder, extract, found.result, self.goal.key, key.source if key else "", **options
        )

    def _previewed(self, found: classifying.Found, extract: Extract) -> None:
        self._counted(found, extract)
        held = list(self._held(found, extract, limit=previewing.MOST))
        self.run.preview = previewing.preview(found.result, self.document, self.goal, held)
        self.run.counts["absent"] = found.absent
        self._told("完成")
        self.run.state, self.run.ended_at = State.PREVIEWED, timezone.now()
        self.run.save()

    def _stop_if_bad(self, found: classifying.Found, extract: Extract) -> None:
        told = None if self.wish.kind == Kind.REPLAY else self._reason_to_stop(found)
        if told is None:
            return
        self._previewed(found, extract)
        self.run.counts["asks"] = told == self._reason_to_ask(found)
        _end(self.run, State.STOPPED, told)
        raise Refused(told)

    def _reason_to_stop(self, found: classifying.Found) -> str | None:
        held = found.total("quarantined")
        if self.document.absent == "hold":
            held -= found.departed  # they wait for a person's decision, which is no fault of the delivery
        return (
            rules.reason_of_rules(found.gated.stops)
            or rules.reason_to_stop(
                read=found.read, quarantined=held, percent=self.document.threshold_percent, rows=self.document.threshold_rows
            )
            or self._reason_to_ask(found)
        )  # fmt: skip

    def _reason_to_ask(self, found: classifying.Found) -> str | None:
        return rules.reason_to_ask(
            removed=found.total("removed"), held=found.held, percent=self.document.removal_percent, approved=self.wish.approved
        )  # fmt: skip

    def _load(self, found: classifying.Found, extract: Extract) -> None:
        self._told("入库与对账")
        now = timezone.now()
        history = pghistory.context(
            pipeline=self.pipeline.code, pipeline_run=self.run.pk, actor=self.actor.name
        )
        with transaction.atomic(), history:
            before = _rows_of(self.goal)
            written = writing.write(found.result, self.document, self.goal, at=now)
            accounts.corrected(found, written)
            self._counted(found, extract)
            self._settle_held(found, extract, written, now)
            self._move_on(extract, now)
            self._close(found, before, now)
        self._refresh_search(found)

    def _settle_held(
        self, found: classifying.Found, extract: Extract, written: writing.Written, now: datetime
    ) -> None:
        held = self._held(found, extract, refused=written.refused)
        if self.wish.kind == Kind.REPLAY:
            quarantine.settle(self.run, self.corrected, held, at=now)
            return
        if self.run.counts["quarantined"]:
            quarantine.keep(self.run, held)
        quarantine.resolve(self.run, self.workspace.folder, found.result, self.goal.key, at=now)

    def _move_on(self, extract: Extract, now: datetime) -> None:
        """How far the source was read commits with the rows; a back-fill moves nothing."""
        one = self.pipeline
        changed: list[str] = []
        if self.wish.kind not in (Kind.BACKFILL, Kind.REPLAY):
            if extract.watermark and extract.watermark != one.watermark:
                one.watermark, changed = extract.watermark, [*changed, "watermark"]
            if extract.position:
                one.position, changed = extract.position, [*changed, "position"]
            exchange.remember(
                one.connection,
                one.table,
                watermark=extract.watermark or None,
                position=extract.position or None,
            )
        if rules.brought_news(self.run.counts, is_full=one.mode == Pipeline.Mode.FULL):
            one.heard_at, one.silent_since, changed = now, None, [*changed, "heard_at", "silent_since"]
        if changed:
            Pipeline.objects.filter(pk=one.pk).update(**{name: getattr(one, name) for name in changed})
        self.run.watermark = extract.watermark

    def _close(self, found: classifying.Found, before: int, now: datetime) -> None:
        run = self.run
        run.state, run.ended_at, run.failure, run.retry_at = State.DONE, timezone.now(), "", None
        run.save()
        parts = accounts.write_parts(run, found)
        source = {
            "connection": self.pipeline.connection, "table": self.pipeline.table, "mode": self.pipeline.mode,
            "watermark": run.watermark, "since": str(run.since or ""), "until": str(run.until or ""),
            "approved_removals": self.wish.approved,
        }  # fmt: skip
        receipt = accounts.sign(
            run, parts, target=self.goal, before=before, after=_rows_of(self.goal), absent=found.absent, source=source,
            whole=self.document.is_whole, at=run.ended_at,
        )  # fmt: skip
        audit.record(
            "pipelines.run.done", actor=self.actor, subject=run, summary=f"{self.pipeline.title}：读入 {run.counts['read']} 行",
            data={"receipt": receipt.digest},
        )  # fmt: skip
        if run.counts["new"] or run.counts["changed"] or run.counts["removed"]:
            publish(DataLoaded(
                self.goal.name, self.pipeline.code, run.pk, run.counts["new"], run.counts["changed"] + run.counts["removed"]
            ))  # fmt: skip

    def _refresh_search(self, found: classifying.Found) -> None:
        """Rows were written past `save()`; new ones are found by their key."""
        touched = self.run.counts["new"] + self.run.counts["changed"]
        if not touched or touched > MOST_REFRESHED:
            return
        model: Any = self.goal.model
        since = self.run.started_at
        if any(column.name == "updated_at" for column in model._meta.concrete_fields):
            search.refresh(
                model, list(model._default_manager.filter(updated_at__gte=since).values_list("pk", flat=True))
            )


def _rows_of(goal: Target) -> int:
    return int(goal.model._default_manager.count())


@contextmanager
def _opened(pipeline: Pipeline) -> Iterator[exchange.Connector]:
    connector = exchange.connector(pipeline.connection)
    try:
        yield connector
    finally:
        connector.close()
