"""A form for many people: in handfuls, so that memory stays small, with a receipt whose numbers add up."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

import xlsxwriter
from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import Actor, Refused
from yanta.kernel.documents import Filled, printing
from yanta.kernel.files import store
from yanta.kernel.files.models import StoredFile
from yanta.kernel.people.models import Person
from yanta.systems.paperwork import queries, rules
from yanta.systems.paperwork.models import Batch, Issued
from yanta.systems.paperwork.services import producing

# Twice as many as one run of the printing program takes: two runs stand side by side.
HANDFUL = 200
PURPOSE = "paperwork.batch"
MOST_MEGABYTES = 2000
KINDS = {
    "missing": "缺数据",
    "withheld": "无权查看",
    "unmapped": "未对应",
    "too_long": "写不下",
    "conflict": "与表不符",
    "broken": "出错",
}
Step = Callable[[int, int, str], None]


@dataclass(slots=True)
class Tally:
    """What became of everybody."""

    filled: int = 0
    gaps: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    lines: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.filled + self.gaps + len(self.refused)


def run(batch_id: int, *, actor: Actor, step: Step) -> Batch:
    """All or nothing: the archive, the list of gaps and the records stand together, or none of them does."""
    batch = Batch.objects.select_related("edition__form", "edition__file").get(pk=batch_id)
    if batch.finished_at is not None:
        return batch
    if batch.output == Batch.Output.PDF and not printing.is_available():
        raise Refused(printing.ABSENT, rule="document.pdf")
    tally = Tally(refused=[(number, why) for number, why in batch.strangers])
    with tempfile.TemporaryFile() as place:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            rows = _fill_all(batch, tally, archive, actor=actor, step=step)
            archive.writestr("缺项清单.xlsx", _report(batch, tally))
        # Printing takes minutes: only what came of it is written in one transaction.
        with transaction.atomic():
            held = (
                Batch.objects.select_for_update(of=("self",)).select_related("edition__form").get(pk=batch.pk)
            )
            if held.finished_at is not None:
                return held
            Issued.objects.bulk_create(rows, batch_size=HANDFUL)
            _settle(batch, tally, place, actor=actor)
    return batch


def _fill_all(
    batch: Batch, tally: Tally, archive: zipfile.ZipFile, *, actor: Actor, step: Step
) -> list[Issued]:
    on, rows = timezone.localdate(), []
    form = producing.opened(batch.edition)
    numbers = queries.numbers_of(batch.asked, batch.edition.form.audience)
    for some in _handfuls(batch.asked):
        step(tally.done, batch.read, f"已处理 {tally.done} / {batch.read} 人")
        sheet = producing.sheet_for(batch.edition, some, actor=actor, on=on, form=form)
        people = Person.objects.in_bulk(some)
        made: dict[int, Filled] = {}
        for key in some:
            try:
                made[key] = sheet.fill(people[key])
            except (KeyError, ValueError, LookupError, AttributeError) as error:
                tally.refused.append((numbers.get(key, str(key)), f"生成时出错：{type(error).__name__}"))
        rows += _keep(batch, tally, archive, made, people, numbers, actor=actor, on=on, step=step)
    return rows


def _handfuls(people: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(people), HANDFUL):
        yield people[start : start + HANDFUL]


def _keep(
    batch: Batch, tally: Tally, archive: zipfile.ZipFile, made: dict[int, Filled], people: dict[int, Person],
    numbers: dict[int, str], *, actor: Actor, on: date, step: Step,
) -> list[Issued]:  # fmt: skip
    files = {str(key): one.content for key, one in made.items()}
    kind = batch.edition.kind
    if batch.output == Batch.Output.PDF:
        done = tally.done

        def told(through: int) -> None:
            step(done + through, batch.read, f"已打印 {done + through} / {batch.read} 人")

        printed = printing.to_pdf({key: (kind, content) for key, content in files.items()}, told=told)
        files, kind = printed.pdfs, "pdf"
        for failed, why in printed.failures.items():
            tally.refused.append((numbers.get(int(failed), failed), why))
    rows = []
    for key, filled in made.items():
        if str(key) in files:
            name = rules.file_name(batch.edition.form.title, numbers.get(key, ""), people[key].name, kind)
            archive.writestr(name, files[str(key)])
            _count(tally, numbers.get(key, ""), people[key].name, filled)
            rows.append(
                producing.issued_row(
                    batch.edition, people[key], filled, made_by=actor.signature, on=on, batch=batch
                )
            )
    return rows


def _count(tally: Tally, number: str, name: str, filled: Filled) -> None:
    if filled.is_complete:
        tally.filled += 1
    else:
        tally.gaps += 1
    tally.lines.extend((number, name, one) for one in rules.kept_problems(filled.problems))


def _settle(batch: Batch, tally: Tally, place: IO[bytes], *, actor: Actor) -> None:
    batch.filled, batch.with_gaps, batch.refused = tally.filled, tally.gaps, len(tally.refused)
    batch.archive = _stored(batch, f"{batch}.zip", place, actor)
    batch.report = _stored(batch, f"{batch}缺项清单.xlsx", io.BytesIO(_report(batch, tally)), actor)
    batch.finished_at = timezone.now()
    batch.save()


def _stored(batch: Batch, name: str, content: IO[bytes], actor: Actor) -> StoredFile:
    return store(
        name,
        content,
        actor=actor,
        purpose=PURPOSE,
        allow=("zip", "xlsx"),
        megabytes=MOST_MEGABYTES,
        org_unit=batch.unit,
    )


def _report(batch: Batch, tally: Tally) -> bytes:
    """Receipt, gaps per cell, gaps per person, and who was refused."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False})
    receipt = [
        ("表格", str(batch.edition)), ("名单", batch.title), ("用途", batch.purpose), ("名单人数", batch.read),
        ("填写完整", tally.filled), ("有缺项", tally.gaps), ("未生成", len(tally.refused)),
    ]  # fmt: skip
    _sheet(book, "对账单", ("项目", "数"), receipt)
    counted = rules.gaps_by_cell(problem for *_, problem in tally.lines)
    _sheet(
        book,
        "按格统计",
        ("格", "原因", "人数"),
        [(label, KINDS[kind], count) for label, kind, count in counted],
    )
    lines = [
        (number, name, one["label"], KINDS[one["kind"]], one["text"]) for number, name, one in tally.lines
    ]
    _sheet(book, "按人缺项", ("学号/工号", "姓名", "格", "原因", "说明"), lines)
    _sheet(book, "未生成", ("学号/工号", "原因"), tally.refused)
    book.close()
    return kept.getvalue()


def _sheet(book: Any, title: str, header: tuple[str, ...], lines: list[Any]) -> None:
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, header, book.add_format({"bold": True, "bottom": 1}))
    for number, line in enumerate(lines, start=1):
        sheet.write_row(number, 0, line)
    sheet.set_column(0, len(header) - 1, 22)
    sheet.freeze_panes(1, 0)
