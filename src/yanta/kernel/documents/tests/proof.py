"""A form filled for many awkward people: is every cell accounted for, every value there, every file sound, every page as it was?"""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import docx
import openpyxl

from yanta.kernel.base.elements import Known
from yanta.kernel.documents import Filled, FormFile, Opinion, layout, open_form, printing, values
from yanta.kernel.documents.filling import COUNT, fill
from yanta.kernel.documents.model import Binding, Slot
from yanta.kernel.documents.samples import Sample, build
from yanta.kernel.documents.suggesting import suggest
from yanta.kernel.documents.tests import people, soundness

# What stands between letters on paper and says nothing.
_BLANK = re.compile(r"[\s\u200b\x00-\x1f]+")
AT_ONCE = 2
WORDS = (
    "同意。", "情况属实，同意申报。",
    "该同志政治立场坚定，业务能力突出，近三年主持国家级项目两项、发表高水平论文十余篇，群众基础好，经集体研究并公示无异议，同意推荐。",
)  # fmt: skip


@dataclass(slots=True)
class Proof:
    """What was found of one form."""

    key: str
    files: int = 0
    unsound: dict[int, list[str]] = field(default_factory=dict)
    not_printed: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    wrongly_missing: list[str] = field(default_factory=list)
    fewer_pages: list[int] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    moved: dict[int, float] = field(default_factory=dict)
    cells: list[dict[str, Any]] = field(default_factory=list)
    ms_to_fill: float = 0

    @property
    def is_sound(self) -> bool:
        return not (
            self.unsound or self.not_printed or self.lost or self.unexplained or self.wrongly_missing or self.moved
            or self.fewer_pages
        )  # fmt: skip


@dataclass(slots=True)
class _Prover:
    sample: Sample
    form: FormFile = field(init=False)
    slots: list[Slot] = field(init=False)
    bindings: dict[str, Binding] = field(init=False)

    def __post_init__(self) -> None:
        self.form = open_form(build(self.sample), self.sample.kind)
        self.slots = self.form.slots()
        guesses = suggest(self.slots, prefer=(f"{self.sample.audience}.",))
        self.bindings = {key: one.binding for key, one in guesses.items()}

    def filled(self, facts: Mapping[str, Known], number: int) -> Filled:
        opinions = [
            Opinion(one.step, WORDS[number % 3], people.NAMES[number % len(people.NAMES)], date(2026, 11, 20))
            for one in self.bindings.values() if one.step and number % 5
        ]  # fmt: skip
        return fill(
            self.form.again(), self.slots, self.bindings, facts, opinions=opinions, title=self.sample.title
        )


def prove(sample: Sample, count: int, *, printed: bool = True) -> Proof:
    """Fill the form for so many people; with `printed` also put every page beside the original's."""
    prover, proof = _Prover(sample), Proof(sample.key, files=count)
    facts = [people.person(number) for number in range(count)]
    began = time.process_time()
    made = [prover.filled(one, number) for number, one in enumerate(facts)]
    proof.ms_to_fill = round((time.process_time() - began) / count * 1000, 1)
    for number, (known, filled) in enumerate(zip(facts, made, strict=True)):
        if found := soundness.faults(sample.kind, filled.content):
            proof.unsound[number] = found
        proof.lost += [f"{number} {one}" for one in _lost(prover, known, filled)]
        proof.unexplained += [f"{number} {one}" for one in _unexplained(prover, known, filled)]
        proof.wrongly_missing += [f"{number} {one}" for one in _wrongly_missing(prover, known, filled)]
    proof.cells = list(_cells(prover, made))
    if printed:
        _print(prover, proof, made)
    return proof


def _bare(text: str) -> str:
    return _BLANK.sub("", text)


def _words(filled: Filled) -> str:
    """Everything that the file says, without blanks."""
    if filled.kind == "docx":
        document = docx.Document(io.BytesIO(filled.content))
        parts = [document.element.body, *(section.header._element for section in document.sections)]
        return _bare("".join(node.text or "" for part in parts for node in part.iter("{*}t")))
    book = openpyxl.load_workbook(io.BytesIO(filled.content))
    return _bare(
        "\n".join(
            str(value)
            for sheet in book
            for row in sheet.iter_rows(values_only=True)
            for value in row
            if value
        )
    )


def _wanted(slot: Slot, binding: Binding, known: Mapping[str, Known]) -> Iterator[str]:
    """The words that must stand in the file for this slot."""
    if slot.kind == "rows" and binding.element in known:
        for number, row in enumerate(known[binding.element].value, start=1):
            yield from (
                str(number) if name == COUNT else values.cell_text(row.get(name), binding.style)
                for name in binding.columns
            )
    elif slot.kind == "text":
        answer = values.answer(binding, known)
        yield from () if answer.missing else (answer.text,)


def _lost(prover: _Prover, known: Mapping[str, Known], filled: Filled) -> Iterator[str]:
    """Values that were to be written and are not in the file."""
    words = _words(filled)
    for slot in prover.slots:
        if slot.key in prover.bindings:
            for wanted in _wanted(slot, prover.bindings[slot.key], known):
                if _bare(wanted) not in words:
                    yield f"{slot.place} {slot.label}: {wanted}"


def _unexplained(prover: _Prover, known: Mapping[str, Known], filled: Filled) -> Iterator[str]:
    """Slots that are neither written nor reported, though nothing keeps them empty on purpose."""
    told = {one.slot for one in filled.written} | {one.slot for one in filled.problems}
    for slot in prover.slots:
        binding = prover.bindings.get(slot.key)
        may_be_absent = binding is not None and not binding.is_required and binding.element not in known
        if slot.key not in told and slot.kind != "opinion" and not may_be_absent:
            yield f"{slot.place} {slot.label}"


def _wrongly_missing(prover: _Prover, known: Mapping[str, Known], filled: Filled) -> Iterator[str]:
    """Cells reported as missing though the value is known, and the other way round."""
    reported = {one.slot for one in filled.problems if one.kind == "missing"}
    absent = {
        key for key, one in prover.bindings.items() if one.is_required and one.element and one.element not in known
    }  # fmt: skip
    for slot in prover.slots:
        if (slot.key in reported) != (slot.key in absent):
            yield f"{slot.place} {slot.label}"


def _cells(prover: _Prover, made: Sequence[Filled]) -> Iterator[dict[str, Any]]:
    """Every cell with what became of it for all people."""
    written = Counter(slot for one in made for slot in {part.slot for part in one.written})
    problems = Counter(
        (slot, kind) for one in made for slot, kind in {(part.slot, part.kind) for part in one.problems}
    )
    for slot in prover.slots:
        binding = prover.bindings.get(slot.key)
        told = {
            kind: problems[slot.key, kind]
            for kind in ("unmapped", "missing", "too_long", "conflict", "broken")
        }
        yield {
            "cell": f"{slot.place} {slot.label}", "kind": slot.kind, "element": (binding.element or binding.step) if binding else "",
            "written": written[slot.key], **{kind: count for kind, count in told.items() if count},
        }  # fmt: skip


def _print(prover: _Prover, proof: Proof, made: Sequence[Filled]) -> None:
    kind = prover.sample.kind
    written = {one.slot for filled in made for one in filled.written}
    files = {str(number): (kind, one.content) for number, one in enumerate(made)}
    marked = layout.files_of(prover.form, [one.key for one in prover.slots if one.key in written])
    found = printing.to_pdf({**marked, **files})
    proof.not_printed = dict(found.failures)
    original = layout.original(found.pdfs["original"], found.pdfs["marked"])

    def compared(number: int) -> tuple[int, layout.Layout]:
        return number, layout.compare(original, found.pdfs[str(number)], added=made[number].pages_added)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, one in pool.map(compared, (n for n in range(len(made)) if str(n) in found.pdfs)):
            proof.shares.append(one.share)
            if one.share >= layout.ALLOWED:
                proof.moved[number] = one.share
            if one.pages[1] < one.pages[0]:
                proof.fewer_pages.append(number)
