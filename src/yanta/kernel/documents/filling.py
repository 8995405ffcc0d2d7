"""Fills one form for one person: every slot is written or explained, and every value says where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from yanta.kernel.base import ciphers
from yanta.kernel.base.elements import Known, declared
from yanta.kernel.codes import service as codes
from yanta.kernel.documents import values
from yanta.kernel.documents.forms import FormFile
from yanta.kernel.documents.marks import bare
from yanta.kernel.documents.measuring import Fit
from yanta.kernel.documents.model import Binding, Filled, Opinion, Problem, ProblemKind, Slot, Written
from yanta.kernel.documents.pictures import PictureError
from yanta.kernel.documents.suggesting import COUNT

Facts = Mapping[str, Known]
YES, NO = ("是", "有", "√"), ("否", "无", "没有")


def fill(
    form: FormFile, slots: Sequence[Slot], bindings: Mapping[str, Binding], facts: Facts, *, opinions: Sequence[Opinion] = (),
    title: str = "",
) -> Filled:  # fmt: skip
    """The form is written and saved; it is opened afresh for every person. `bindings` are by slot key."""
    by_step = {bare(one.step): one for one in opinions} | {one.node: one for one in opinions if one.node}
    run = _Run(form, facts, by_step, title)
    # From the last slot to the first: within a cell what is written must not move what is still to be found.
    for slot in reversed(slots):
        run.fill(slot, bindings.get(slot.key))
    run.written.reverse()
    run.problems.reverse()
    if form.annexed:
        form.annexed.reverse()
        run.pages += form.write_annex(title)
    return Filled(form.save(), form.kind, tuple(run.written), tuple(run.problems), run.pages)


class _Run:
    def __init__(self, form: FormFile, facts: Facts, opinions: Mapping[str, Opinion], title: str) -> None:
        self.form, self.facts, self.opinions, self.title = form, facts, opinions, title
        self.written: list[Written] = []
        self.problems: list[Problem] = []
        self.pages = 0

    def fill(self, slot: Slot, binding: Binding | None) -> None:
        if binding is None:
            self._say(slot, "unmapped", "这一格还没有指定填什么")
            return
        if binding.by_hand:
            return
        writers: dict[str, Callable[[Slot, Binding], None]] = {
            "opinion": self._opinion, "rows": self._rows, "photo": self._photo, "check": self._check,
        }  # fmt: skip
        try:
            writers.get(slot.kind, self._text)(slot, binding)
        except values.ConditionError as error:
            self._say(slot, "conflict", f"条件“{error}”无法判断")

    def _text(self, slot: Slot, binding: Binding) -> None:
        answer = values.answer(binding, self.facts)
        if not answer.is_wanted or self._lacks(slot, binding, answer):
            return
        is_day = slot.kind == "date" and isinstance(answer.value, date)
        fit = (
            self.form.write_date(slot, answer.value, binding.style)
            if is_day
            else self.form.write_text(slot, answer.text)
        )
        self._wrote(slot, answer, fit)

    def _check(self, slot: Slot, binding: Binding) -> None:
        answer = values.answer(binding, self.facts)
        if not answer.is_wanted or self._lacks(slot, binding, answer):
            return
        chosen = {option for option in slot.options if _means(option, answer, binding)}
        if self.form.write_check(slot, chosen):
            self._wrote(slot, answer, Fit(0, True))
            return
        shown = answer.text or "否"
        self._say(
            slot, "conflict", f"表上没有“{shown}”这个选项，可选：{'、'.join(slot.options)}", binding.element
        )

    def _photo(self, slot: Slot, binding: Binding) -> None:
        answer = values.answer(binding, self.facts)
        if not answer.is_wanted or self._lacks(slot, binding, answer):
            return
        try:
            self.form.write_photo(slot, answer.value)
        except PictureError as error:
            self._say(slot, "conflict", str(error), binding.element)
            return
        self._wrote(slot, answer, Fit(0, True))

    def _rows(self, slot: Slot, binding: Binding) -> None:
        found = self.facts.get(binding.element)
        if found is None:
            self._lacks(slot, binding, values.Answer("", missing=(binding.element,)))
            return
        lines = [
            [
                str(number) if name == COUNT else values.cell_text(row.get(name), binding.style)
                for name in binding.columns
            ]
            for number, row in enumerate(found.value, start=1)
        ]
        fits, pages = self.form.write_rows(slot, lines, self.title)
        self.pages += pages
        self._wrote(slot, values.Answer(found.shown, repr(lines), ((binding.element, found),)), Fit(0, fits))

    def _opinion(self, slot: Slot, binding: Binding) -> None:
        """An opinion that nobody has given yet leaves its cell for the pen."""
        found = self.opinions.get(binding.step) or self.opinions.get(bare(binding.step or slot.label))
        if found is None:
            return
        found = replace(found, text=values.tidy(found.text), name=values.tidy(found.name))
        fit = self.form.write_opinion(slot, found, binding.style)
        known = Known(found.text, found.text, source=f"{found.step}：{found.name}", confirmed_on=found.on)
        self._wrote(slot, values.Answer(found.text, found.text, (("", known),)), fit)

    def _lacks(self, slot: Slot, binding: Binding, answer: values.Answer) -> bool:
        for name in dict.fromkeys(answer.missing):
            if binding.is_required:
                element = declared().get(name)
                label, owner = (element.label, element.owner) if element else (name, "")
                self._say(slot, "missing", f"学校还没有“{label}”" + (f"，归口{owner}" if owner else ""), name)
        return bool(answer.missing)

    def _say(self, slot: Slot, kind: ProblemKind, text: str, element: str = "") -> None:
        self.problems.append(
            Problem(slot.key, slot.label, kind, f"{slot.place} {slot.label}：{text}", element)
        )

    def _wrote(self, slot: Slot, answer: values.Answer, fit: Fit) -> None:
        for name, known in answer.used:
            self.written.append(
                Written(
                    slot.key,
                    slot.label,
                    name,
                    digest(known.value),
                    known.source,
                    known.owner,
                    known.origin,
                    known.confirmed_on,
                )
            )
        if not fit.fits:
            self._say(
                slot,
                "too_long",
                f"“{answer.text[:20]}…”在最小字号下仍写不下，格内写了开头，全文在附页",
                next(iter(dict(answer.used)), ""),
            )


def digest(value: Any) -> str:
    """Proves later that the same value was written."""
    return ciphers.sm3_hex(value if isinstance(value, bytes) else str(value).encode())


def _means(option: str, answer: values.Answer, binding: Binding) -> bool:
    """Whether a box stands for the value, or for one of several: by its words, or as a name of the same code."""
    words = answer.value if isinstance(answer.value, list) else [answer.text]
    if bare(option) in map(bare, words):
        return True
    element = values.element_of(binding)
    if element is not None and element.code_set and not binding.text:
        found = codes.validate(element.code_set, option)
        if found.ok and found.code == str(answer.value):
            return True
    said = answer.text.strip().lower()
    return (option in YES and said in values.CHOSEN) or (option in NO and said in ("false", "no", "0"))


def labels_of(problems: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(one.label for one in problems))
