"""Rules that the dictionary itself implies for every bound field: obligation, length, code set, and the keys of subjects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from yanta.hub import subjects
from yanta.hub.quality import checks
from yanta.hub.quality.models import Severity
from yanta.hub.subjects import Field, Subject
from yanta.kernel.codes.models import DataElement

SHORTER = re.compile(r"\d+")
# Elements whose form the house knows a tried expression for.
PERSONAL = ("JCXS0101", "JCJG0101")
FORMS = {"phone": "mobile", "email": "email", "bank_account": "bank"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that might be taken, and what in the dictionary speaks for it."""

    key: str
    title: str
    spec: checks.Spec
    severity: str
    owner: str
    why: str

    @property
    def sentence(self) -> str:
        return checks.sentence(self.spec)


def suggestions() -> list[Suggestion]:
    """For each field once, at the subject that keeps it; the person's fields are suggested for the person."""
    found: list[Suggestion] = []
    elements = _elements()
    for subject in subjects.all_subjects():
        for field in subject.fields:
            if field.via and not field.refers:
                continue
            found += _of_field(
                subject,
                field,
                elements.get((field.element.partition(".")[0], field.element.rpartition(".")[2])),
            )
    return found


def _elements() -> dict[tuple[str, str], DataElement]:
    """(subset, identifier) → the element, first edition first; identifiers without a subset stand under nothing."""
    found: dict[tuple[str, str], DataElement] = {}
    # What belongs to a person stands in many subsets; those of students and of staff speak first.
    known = DataElement.objects.filter(source__startswith="JY/T").order_by("position")
    for element in sorted(known, key=lambda one: one.subset not in PERSONAL):
        found.setdefault((element.subset, element.identifier), element)
        found.setdefault((element.identifier, element.identifier), element)
    return found


def _of_field(subject: Subject, field: Field, element: DataElement | None) -> Iterator[Suggestion]:
    yield from _keys(subject, field)
    if field.code_set:
        yield _suggested(subject, field, "in_set", {}, Severity.SEVERE, f"字段引用代码集 {field.code_set}")
    if field.name in FORMS and not field.via:
        yield _suggested(
            subject, field, "pattern", {"pattern": FORMS[field.name]}, Severity.NORMAL, "通行写法"
        )
    if element is None:
        return
    where = f"{element.source.split(' ')[0]} {element.subset}.{element.identifier}"
    if element.obligation == DataElement.Obligation.MANDATORY and field.name != subject.key:
        yield _suggested(subject, field, "filled", {}, Severity.SEVERE, f"{where} 约束为必备")
    length = SHORTER.search(element.length or "")
    if length and field.kind == "text" and not field.code_set and not field.refers:
        yield _suggested(
            subject, field, "length", {"most": length[0]}, Severity.HINT, f"{where} 长度 {element.length}"
        )


def _keys(subject: Subject, field: Field) -> Iterator[Suggestion]:
    if field.name == subject.key:
        yield _suggested(subject, field, "no_spaces", {}, Severity.NORMAL, "编号不应含空格")
    if field.name == "id_number" and not field.via:
        yield _suggested(
            subject, field, "identity", {"compare": True}, Severity.SEVERE, "GB 11643 公民身份号码"
        )
        yield _suggested(subject, field, "unique", {}, Severity.BLOCKING, "一人一号")


@cache
def _titles() -> dict[str, str]:
    return {
        "filled": "必填",
        "length": "长度",
        "in_set": "代码有效",
        "pattern": "写法",
        "identity": "自洽",
        "unique": "不重复",
    }


def _suggested(
    subject: Subject, field: Field, template: str, parameters: dict[str, object], severity: str, why: str
) -> Suggestion:
    if template == "no_spaces":
        template, parameters = "pattern", {"pattern": "no_spaces"}
    spec = checks.spec_of(template, subject.name, (field.name,), parameters, None)
    named = field.title if field.title.startswith(subject.title) else f"{subject.title}{field.title}"
    title = f"{named}{_titles()[template]}"
    return Suggestion(
        f"{subject.name}.{field.name}.{template}", title, spec, severity, field.owner or subject.owner, why
    )
