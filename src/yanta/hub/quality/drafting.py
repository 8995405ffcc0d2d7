"""A rule as it is being drawn up on the workbench: what was typed, and the spec that it means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yanta.hub.elements import ELEMENTS
from yanta.hub.models import Source
from yanta.hub.quality import checks
from yanta.hub.quality.checks import Parameter, Spec, Template
from yanta.hub.subjects import Subject, conditions

FIELDS_ASKED, SPARE_CLAUSES = 4, 2
TESTS = tuple((key, words) for key, words in conditions.WORDS.items())
Typed = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a condition."""

    field: str
    test: str
    value: str


@dataclass(frozen=True, slots=True)
class ConditionAsked:
    """A condition as lines; one that lines cannot express is kept as it is, and said in words."""

    name: str
    label: str
    fields: Sequence[tuple[str, str]]
    clauses: Sequence[Clause]
    kept: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One more question of the workbench; `again`: its answer changes what else is asked."""

    name: str
    label: str
    kind: str
    value: Any
    options: Sequence[tuple[str, str]] = ()
    help: str = ""
    required: bool = False
    again: bool = False
    condition: ConditionAsked | None = None


def read_condition(typed: Typed, name: str) -> dict[str, Any]:
    """The lines of a condition out of a form."""
    if typed.get(f"{name}_kept"):
        kept: dict[str, Any] = json.loads(str(typed[f"{name}_kept"]))
        return kept
    clauses = []
    for at in range(20):
        field, test = typed.get(f"{name}_field_{at}"), typed.get(f"{name}_test_{at}")
        if field and test:
            clauses.append(_clause(str(field), str(test), str(typed.get(f"{name}_value_{at}", "")).strip()))
    return {"all": clauses} if clauses else {}


def _clause(field: str, test: str, value: str) -> dict[str, Any]:
    if test in conditions.BARE:
        return {"field": field, "is": test}
    if test in conditions.LISTS:
        parts = [
            part.strip() for part in value.replace("、", ",").replace("，", ",").split(",") if part.strip()
        ]
        return {"field": field, "is": test, "value": parts}
    return {"field": field, "is": test, "value": value}


def lines_of(condition: Mapping[str, Any]) -> list[Clause] | None:
    """A condition as lines, or None when it is more than a list of them."""
    inner = condition.get("all", [condition] if "field" in condition else [])
    if set(condition) - {"all", "field", "is", "value"} or any("field" not in one for one in inner):
        return None
    return [Clause(one["field"], one["is"], _text(one.get("value", ""))) for one in inner]


def _text(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def condition_asked(name: str, label: str, subject: Subject, condition: Mapping[str, Any]) -> ConditionAsked:
    fields = [(field.name, field.title) for field in subject.fields]
    lines = lines_of(condition)
    if lines is None:
        kept = json.dumps(condition, ensure_ascii=False)
        return ConditionAsked(name, label, fields, (), kept, conditions.words(subject, condition))
    spare = [Clause("", "", "")] * (SPARE_CLAUSES if lines else 1)
    return ConditionAsked(name, label, fields, [*lines, *spare])


def spec_typed(typed: Typed) -> Spec:
    """What the form means; whether it makes sense is checked elsewhere."""
    template = checks.template_of(str(typed.get("template", "")))
    names = [str(typed.get(f"field_{at}", "")) for at in range(FIELDS_ASKED)]
    parameters = {one.name: _parameter(typed, one) for one in template.parameters}
    fields = tuple(name for name in names if name)[: max(template.most, 0)]
    given = {name: value for name, value in parameters.items() if value not in ("", None, {})}
    return checks.spec_of(
        template.code, str(typed.get("subject", "")), fields, given, read_condition(typed, "when")
    )


def _parameter(typed: Typed, one: Parameter) -> Any:
    name = f"parameter_{one.name}"
    if one.kind == "condition":
        return read_condition(typed, name)
    if one.kind == "flag":
        return bool(typed.get(name)) or None
    return str(typed.get(name, "")).strip()


def questions(template: Template, spec: Spec) -> list[Asked]:
    """What the template asks about the subject, filled with what the spec says already."""
    options = [(one.name, one.title) for one in spec.subject.fields if template.accepts(one)]
    number = min(template.most, FIELDS_ASKED)
    found = [
        Asked(
            f"field_{at}", "检查项" if number == 1 else f"检查项 {at + 1}", "choice",
            spec.fields[at] if at < len(spec.fields) else "", options, required=at < template.least,
        )
        for at in range(number)
    ]  # fmt: skip
    return found + [_asked(one, spec) for one in template.parameters]


def _asked(one: Parameter, spec: Spec) -> Asked:
    name, value = f"parameter_{one.name}", spec.parameters.get(one.name, "")
    if one.kind == "condition":
        subject = _other(spec) if one.name == "where" else spec.subject
        asked = condition_asked(name, one.label, subject or spec.subject, value or {})
        return Asked(name, one.label, "condition", "", condition=asked)
    kind = {"flag": "bool", "text": "text", "number": "number"}.get(one.kind, "choice")
    return Asked(
        name, one.label, kind, value, _options(one, spec), one.help, one.required, again=one.kind == "subject"
    )


def _other(spec: Spec) -> Subject | None:
    return checks.subject_named(spec.text("other")) if spec.text("other") else None


def _options(one: Parameter, spec: Spec) -> Sequence[tuple[str, str]]:
    if one.kind == "subject":
        return [
            (other.name, other.title) for other in checks.all_subjects() if other.name != checks.SOURCE.name
        ]
    if one.kind == "other_field":
        other = _other(spec)
        return [(field.name, field.title) for field in other.fields] if other else []
    if one.kind == "own_field":
        return [
            (field.name, field.title) for field in spec.subject.fields if field.kind in ("integer", "decimal")
        ]
    if one.kind == "element":
        return [(element.name, element.label) for element in ELEMENTS.values()]
    if one.kind == "source":
        return list(Source.objects.values_list("code", "title"))
    return one.options
