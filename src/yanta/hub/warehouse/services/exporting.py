"""Exports: asked for with a purpose, made in the background, kept for a week, written down."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from yanta.hub.warehouse.asking import documents, running
from yanta.hub.warehouse.asking.documents import Document, Plan
from yanta.hub.warehouse.exporting import staging, writing
from yanta.hub.warehouse.models import Export
from yanta.kernel import files, jobs, notify
from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person

KEEP = timedelta(days=7)
LARGEST_MB = 4096
State = Export.State


@transaction.atomic
def ask(document: Document, *, actor: Actor, kind: str, reason: str, name: str = "") -> Export:
    """Queue a file of everything the question finds; refuses without a purpose."""
    from yanta.hub.warehouse.jobs import export as job

    plan = documents.plan(Document(**{**document.__dict__, "rows": (), "columns": (), "measures": ()}), actor)
    if kind not in Export.Format.values:
        raise Refused("没有这种格式", field="format")
    if not reason.strip():
        raise Refused("请写明导出的用途", field="reason")
    person = Person.objects.filter(pk=actor.person_id).select_related("home_unit").first()
    made = Export.objects.create(
        number=_next_number(), name=(name.strip() or plan.subject.title)[:80], document=plan.document.as_json(), format=kind,
        fields=[field.title for field in plan.fields], reason=reason.strip()[:200], person=person,
        unit=person.home_unit if person else None,
    )  # fmt: skip
    run = jobs.start(job, actor=actor, export_id=made.pk)
    Export.objects.filter(pk=made.pk).update(run_id=run.pk)
    made.run_id = run.pk
    return made


def _next_number() -> str:
    day = timezone.localdate()
    last = (
        Export.objects.filter(number__startswith=f"E{day:%Y%m%d}")
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"E{day:%Y%m%d}{int(last[9:]) + 1 if last else 1:04d}"


def make(progress: jobs.Progress, *, actor: Actor, export_id: int) -> Export:
    """The whole way; run again after a crash it goes on behind the parts that are there."""
    export = Export.objects.select_related("person").get(pk=export_id)
    if export.state == State.DONE:
        return export
    folder = staging.folder_of(export.number)
    _state(export, State.RUNNING)
    try:
        path, rows = _made(export, progress, actor, folder)
        _keep(export, path, rows, actor)
    except jobs.Cancelled:
        _end(export, State.CANCELLED, actor, folder)
        raise
    except Refused:
        _end(export, State.FAILED, actor, folder)
        raise
    staging.forget(folder)
    return export


def _made(export: Export, progress: jobs.Progress, actor: Actor, folder: Path) -> tuple[Path, int]:
    """Read out, then written: progress counts each row twice."""
    plan = documents.plan(documents.from_json(export.document), actor)
    found = running.rows_of(plan)
    total = found.order_by().count()
    progress.step(0, total * 2, "从数据库读出")
    staged = staging.stage(
        plan.subject, plan.document.fields, found, folder, in_order=not plan.document.sort,
        step=lambda done: progress.step(min(done, total), total * 2, "从数据库读出"),
    )  # fmt: skip
    path = folder / f"out.{export.format}"
    rows = writing.write(
        export.format, path, _tables(plan, folder), _mark(export, actor),
        step=lambda done: progress.step(total + min(done, total), total * 2, "写入文件"),
    )  # fmt: skip
    if rows != staged:
        raise RuntimeError(f"{staged} rows were read and {rows} written")
    return path, rows


def _tables(plan: Plan, folder: Path) -> Any:
    """An empty answer is a file with its head."""
    import pyarrow as pa

    yield from staging.worded(folder, plan.fields)
    if not staging.parts_in(folder):
        yield pa.table({title: pa.array([], pa.string()) for title in staging.titles(plan.fields)})


def _mark(export: Export, actor: Actor) -> writing.Mark:
    who = f"{export.person.name}（{export.person.number}）" if export.person else actor.signature
    return writing.Mark(export.number, who, timezone.localtime(), export.reason)


@transaction.atomic
def _keep(export: Export, path: Path, rows: int, actor: Actor) -> None:
    with path.open("rb") as content:
        file = files.store(
            f"{export.name}-{export.number}.{export.format}", content, actor=actor, purpose="warehouse.export",
            allow=(export.format,), megabytes=LARGEST_MB, keep=KEEP,
        )  # fmt: skip
    export.file, export.rows, export.state, export.ended_at = file, rows, State.DONE, timezone.now()
    export.save()
    _write_down(export, actor, f"导出 {export.name} {rows:,} 行")
    if export.person_id:
        until = timezone.localtime() + KEEP
        context = {"name": export.name, "rows": f"{rows:,}", "until": f"{until:%Y-%m-%d %H:%M}"}
        notify.send(
            "warehouse.export-ready",
            to=[export.person_id],
            context=context,
            link=f"/warehouse/exports/{export.pk}/",
        )


def _write_down(export: Export, actor: Actor, summary: str) -> None:
    record(
        "warehouse.export.make", actor=actor, subject=export, summary=summary,
        data={"columns": export.fields, "rows": export.rows, "purpose": export.reason, "format": export.format, "query": export.document},
        outcome="done" if export.state == State.DONE else "failed",
    )  # fmt: skip


def _state(export: Export, state: str) -> None:
    export.state = state
    export.save(update_fields=["state", "updated_at"])


def _end(export: Export, state: str, actor: Actor, folder: Path) -> None:
    export.ended_at = timezone.now()
    export.state = state
    export.save(update_fields=["state", "ended_at", "updated_at"])
    _write_down(export, actor, f"导出 {export.name} 没有完成")
    staging.forget(folder)
