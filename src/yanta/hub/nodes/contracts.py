"""What an upper node takes: per subject the fields, what must be filled, what refers to what, what is counted.

The order is that of dependence: what is referred to goes up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yanta.hub import subjects
from yanta.kernel.base import Refused
from yanta.kernel.codes import service as codes

REPORT = "report."


@dataclass(frozen=True, slots=True)
class Contract:
    """`references`: field → subject of the same node whose key it must be. `present`: who counts as there now."""

    subject: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[str, ...] = ()
    measure: str = ""
    identity: str = ""
    present: tuple[str, tuple[str, ...]] = ("", ())
    every_minutes: int = 1440

    @property
    def is_report(self) -> bool:
        return self.subject.startswith(REPORT)


PERSON = ("name", "sex", "birth_on", "id_type", "id_number", "nationality", "ethnic", "political_status")
CONTRACTS = {
    contract.subject: contract
    for contract in (
        Contract(
            "organisation",
            ("code", "name", "short_name", "kind", "valid_from", "valid_to"),
            ("code", "name"),
            dimensions=("kind",),
        ),
        Contract(
            "programme",
            ("code", "catalogue_code", "name", "level", "years", "is_open", "department"),
            ("code", "name", "catalogue_code", "department"),
            references={"department": "organisation"},
            dimensions=("level",),
        ),
        Contract(
            "admin_class",
            ("code", "name", "grade", "department", "programme"),
            ("code", "name", "department"),
            references={"department": "organisation", "programme": "programme"},
            dimensions=("grade",),
        ),
        Contract(
            "staff_member",
            ("number", *PERSON, "department", "kind", "title", "post", "status", "entered_on", "left_on"),
            ("number", "name", "sex", "id_number", "department", "status"),
            references={"department": "organisation"},
            dimensions=("sex", "kind", "title", "status"),
            identity="id_number",
            present=("status", ("active", "leave")),
        ),
        Contract(
            "student",
            (
                "number", *PERSON, "department", "programme", "admin_class", "grade", "level", "status",
                "enrolled_on", "left_on",
            ),
            ("number", "name", "sex", "id_number", "department", "level", "status"),
            references={
                "department": "organisation", "programme": "programme", "admin_class": "admin_class",
            },
            dimensions=("sex", "level", "status", "grade", "ethnic", "political_status"),
            identity="id_number",
            present=("status", ("01", "02")),
        ),
        Contract(
            "building",
            ("code", "name", "campus", "kind", "floors", "area", "built_in"),
            ("code", "name"),
            dimensions=("kind",),
            measure="area",
        ),
        Contract(
            "asset",
            ("number", "name", "category", "condition", "price", "bought_on", "department"),
            ("number", "name"),
            references={"department": "organisation"},
            dimensions=("condition",),
            measure="price",
        ),
    )
}  # fmt: skip


def contract(subject: str) -> Contract:
    """What is agreed on a subject; a report of any code brings its own cells."""
    if subject.startswith(REPORT):
        return Contract(subject, ("cell", "value", "note"), ("cell",))
    if subject not in CONTRACTS:
        raise Refused(f"上级节点不接收“{subject}”", rule="nodes.subject")
    return CONTRACTS[subject]


def offered() -> list[Contract]:
    """The contracts whose subjects this installation keeps, in the order in which they go up."""
    kept = {one.name for one in subjects.all_subjects()}
    return [one for one in CONTRACTS.values() if one.subject in kept]


def rank(subject: str) -> int:
    order = list(CONTRACTS)
    return order.index(subject) if subject in order else len(order)


def key_of(subject: str) -> str:
    return "cell" if subject.startswith(REPORT) else subjects.subject(subject).key


def title_of(subject: str) -> str:
    if subject.startswith(REPORT):
        return f"报表 {subject.removeprefix(REPORT)}"
    kept = {one.name: one.title for one in subjects.all_subjects()}
    return kept.get(subject, subject)


def field_title(subject: str, name: str) -> str:
    if subject.startswith(REPORT):
        return {"cell": "单元格", "value": "数值", "note": "说明"}.get(name, name)
    return subjects.subject(subject).field(name).title


def allowed(subject: str, name: str) -> dict[str, str]:
    """The codes a field may hold with their names; empty when it is no coded field."""
    if not name or subject.startswith(REPORT):
        return {}
    known = subjects.subject(subject).field(name)
    if known.choices:
        return dict(known.choices)
    if not known.code_set:
        return {}
    return {entry.code: entry.name for entry in codes.table_of(known.code_set).entries.values()}
