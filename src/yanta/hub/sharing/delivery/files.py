"""Files: made in the background, one batch at a time, marked, fetched for a limited time, counted.

A file carries its mark twice: a visible line (CSV, Excel) or metadata (Parquet), and the order of its rows, which is
drawn for this one file. Values are never touched, so joins on them hold; `whose` tells by the order alone.
"""

from __future__ import annotations

import csv
import hashlib
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import xlsxwriter
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from yanta.hub.sharing import entries, rules, telling
from yanta.hub.sharing.contents import Contents, contents_of
from yanta.hub.sharing.ids import written
from yanta.hub.sharing.models import FileDelivery, FileKind, Grant, ReadEntry, Way
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files import storing
from yanta.kernel.jobs import Progress

KEPT = timedelta(days=7)
MOST_MEGABYTES = 4096
EXCEL_ROWS = 1_000_000
PURPOSE = "sharing.file"
State = FileDelivery.State
Step = Callable[[int], None]


def ask(grant: Grant, kind: str, *, asked_by: str) -> FileDelivery:
    """Note down that a file is wanted; refused when the grant does not give it."""
    if Way.FILE not in grant.ways:
        raise Refused("这份授权不含文件交付")
    if not grant.runs_on(timezone.localdate()) or not grant.dataset.is_open:
        raise Refused("授权不在有效期，不能生成文件")
    wanted = contents_of(grant).rows().count()
    if wanted > grant.rows_per_day:
        raise Refused(f"共 {wanted} 行，超过每日 {grant.rows_per_day} 行的约定，请收窄范围或申请调整")
    return FileDelivery.objects.create(
        grant=grant, kind=kind, asked_by=asked_by[:60], mark=secrets.token_hex(16)
    )


def produce(delivery: FileDelivery, progress: Progress) -> FileDelivery:
    """Read in the file's own order, write as it comes, store, log."""
    grant = delivery.grant
    if delivery.state != State.WAITING or not grant.runs_on(timezone.localdate()):
        raise Refused("授权已不在有效期，文件不再生成")
    contents, began = contents_of(grant), timezone.now()
    total = contents.rows().count()
    with tempfile.TemporaryDirectory(dir=settings.HOME) as folder:
        path = Path(folder) / f"{grant.dataset.code}-{delivery.pk}.{delivery.kind}"
        taken = _Taken(progress, total)
        WRITERS[delivery.kind](path, delivery, contents, taken.passing(_marked(contents, delivery)))
        _store(delivery, path, taken)
    spent = int((timezone.now() - began).total_seconds() * 1000)
    reading = entries.Reading(
        ReadEntry.How.FILE, contents.names, ranges=(written(taken.ids), written(contents.persons_of(taken.ids))),
        count=len(taken.ids), milliseconds=spent, person_name=delivery.asked_by, detail=f"文件 {delivery.pk}",
    )  # fmt: skip
    entries.note(grant, reading)
    telling.file_ready(delivery)
    return delivery


class _Taken:
    """Remembers which ids went by, and tells how far it is."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.ids: list[int] = []
        self._progress, self._total = progress, total

    def passing(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self.ids += batch["id"].to_pylist()
            yield batch
            self._progress.step(len(self.ids), self._total, "写入文件")


class _Order(models.Func):
    template = "sha256(convert_to(%(expressions)s, 'UTF8'))"
    output_field = models.BinaryField()


def _marked(contents: Contents, delivery: FileDelivery) -> Iterator[pa.RecordBatch]:
    key = contents.subject.key if contents.subject.key != "id" else "pk"
    drawn = _Order(Concat(models.Value(f"{delivery.mark}:"), Cast(key, models.CharField())))
    return contents.batches(contents.rows().order_by(drawn))


def _store(delivery: FileDelivery, path: Path, taken: _Taken) -> None:
    name = f"{delivery.grant.dataset.title}-{timezone.localdate():%Y%m%d}-{delivery.pk}.{delivery.kind}"
    with path.open("rb") as stream, transaction.atomic():
        file = storing.store(
            name, stream, actor=Actor.system("sharing"), purpose=PURPOSE, allow=("csv", "xlsx", "parquet"),
            megabytes=MOST_MEGABYTES, keep=KEPT,
        )  # fmt: skip
        delivery.file, delivery.state, delivery.rows = file, State.DONE, len(taken.ids)
        delivery.expires_at = file.expires_at
        delivery.save()


def visible_mark(delivery: FileDelivery) -> str:
    """The line that stands in the file."""
    grant = delivery.grant
    return (
        f"仅供{grant.consumer.title}（{grant.consumer.unit.name}）用于：{grant.application.purpose}；"
        f"授权 {grant.pk}，文件 {delivery.pk}，{timezone.localtime():%Y-%m-%d %H:%M}；不得转给他人"
    ).replace("\n", " ")


def _titles(contents: Contents) -> list[str]:
    return [contents.subject.field(name).title for name in contents.names]


def _tuples(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(batch[name].to_pylist() for name in names), strict=True)


def _csv(path: Path, delivery: FileDelivery, contents: Contents, batches: Iterator[pa.RecordBatch]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([f"# {visible_mark(delivery)}"])
        writer.writerow(_titles(contents))
        for batch in batches:
            writer.writerows(_safe(row) for row in _tuples(batch, contents.names))


def _safe(row: tuple[Any, ...]) -> list[Any]:
    """No cell that a spreadsheet would take for a formula."""
    return [f"'{one}" if isinstance(one, str) and one[:1] in ("=", "+", "-", "@") else one for one in row]


def _excel(path: Path, delivery: FileDelivery, contents: Contents, batches: Iterator[pa.RecordBatch]) -> None:
    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "default_date_format": "yyyy-mm-dd", "remove_timezone": True},
    )  # fmt: skip
    book.set_properties({"title": delivery.grant.dataset.title, "comments": visible_mark(delivery)})
    sheet, at = None, EXCEL_ROWS
    for batch in batches:
        for row in _tuples(batch, contents.names):
            if at >= EXCEL_ROWS or sheet is None:
                sheet, at = _new_sheet(book, delivery, contents), 2
            sheet.write_row(at, 0, row)
            at += 1
    if sheet is None:
        _new_sheet(book, delivery, contents)
    book.close()


def _new_sheet(book: Any, delivery: FileDelivery, contents: Contents) -> Any:
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, visible_mark(delivery))
    sheet.write_row(1, 0, _titles(contents))
    sheet.set_footer(f"&L{delivery.grant.consumer.title}&R文件 {delivery.pk} 第 &P 页")
    return sheet


def _parquet(
    path: Path, delivery: FileDelivery, contents: Contents, batches: Iterator[pa.RecordBatch]
) -> None:
    writer = None
    for batch in batches:
        rows = batch.select(list(contents.names))
        if writer is None:
            schema = rows.schema.with_metadata({"watermark": visible_mark(delivery)})
            writer = parquet.ParquetWriter(path, schema, compression="zstd")
        writer.write_batch(rows.replace_schema_metadata(schema.metadata))
    if writer is None:
        empty = pa.schema([(name, pa.string()) for name in contents.names])
        writer = parquet.ParquetWriter(path, empty.with_metadata({"watermark": visible_mark(delivery)}))
    writer.close()


WRITERS: dict[str, Callable[[Path, FileDelivery, Contents, Iterator[pa.RecordBatch]], None]] = {
    FileKind.CSV: _csv,
    FileKind.EXCEL: _excel,
    FileKind.PARQUET: _parquet,
}


def opened(delivery: FileDelivery, *, actor_name: str, address: str | None) -> Any:
    """The content for a download, counted; refused from the moment the grant does not run."""
    grant = delivery.grant
    if not grant.runs_on(timezone.localdate()) or not grant.dataset.is_open:
        raise Refused("授权已暂停或结束，文件不能再下载")
    if delivery.file is None or delivery.state != State.DONE or delivery.file.has_expired:
        raise Refused("文件已过下载期限，请重新生成")
    if not rules.is_allowed(address, rules.networks_of(grant.consumer.networks)):
        raise Refused("你的地址不在使用方登记的 IP 白名单里")
    FileDelivery.objects.filter(pk=delivery.pk).update(downloads=models.F("downloads") + 1)
    entries.note(
        grant,
        entries.Reading(
            ReadEntry.How.DOWNLOAD,
            count=0,
            address=address,
            person_name=actor_name,
            detail=f"文件 {delivery.pk}",
        ),
    )
    return storing.open_file(delivery.file)


def whose(keys: Sequence[str], deliveries: Iterator[FileDelivery]) -> list[tuple[FileDelivery, float]]:
    """Which files hold these rows in this order, likeliest first; a wrong one scores about a half."""
    found = []
    for delivery in deliveries:
        drawn = [hashlib.sha256(f"{delivery.mark}:{key}".encode()).hexdigest() for key in keys]
        found.append((delivery, rules.share_in_order(drawn)))
    return sorted(found, key=lambda pair: -pair[1])[:5]
