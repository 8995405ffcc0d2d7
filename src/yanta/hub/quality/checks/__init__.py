"""Templates of quality rules, each compiled to one Ibis expression over a subject's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ibis import ir

from yanta.hub import subjects
from yanta.hub.quality.checks import columns, relations, sources
from yanta.hub.quality.checks.shapes import (
    APPLIES,
    CLEAR,
    DIMENSIONS,
    FAILS,
    Dimension,
    Needs,
    Parameter,
    Spec,
    Template,
    World,
)
from yanta.hub.subjects import Subject, conditions
from yanta.kernel.base import Refused

__all__ = [
    "APPLIES", "CLEAR", "DIMENSIONS", "FAILS", "SOURCE", "TEMPLATES", "Dimension", "Needs", "Parameter", "Spec", "Template",
    "World", "all_subjects", "check", "compiled", "needs_of", "sentence", "spec_of", "subject_named", "template_of",
]  # fmt: skip

SOURCE = sources.SOURCE
TEMPLATES: dict[str, Template] = {
    template.code: template
    for template in (
        columns.Filled(), columns.AnyFilled(), columns.Unique(), columns.InSet(), columns.OfLength(), columns.OfPattern(),
        columns.InRange(), columns.Identity(), relations.Ordered(), relations.Implied(), relations.Referred(),
        relations.Counted(), sources.Authoritative(), sources.Agreeing(), sources.Fresh(), sources.Spoken(),
    )
}  # fmt: skip


def all_subjects() -> tuple[Subject, ...]:
    """The school's subjects, and the sources of data as one more."""
    return (*subjects.all_subjects(), SOURCE)


def subject_named(name: str) -> Subject:
    return SOURCE if name == SOURCE.name else subjects.subject(name)


def template_of(code: str) -> Template:
    found = TEMPLATES.get(code)
    if found is None:
        raise Refused(f"没有“{code}”这种规则模板", field="template")
    return found


def spec_of(
    template: str, subject: str, fields: tuple[str, ...], parameters: Mapping[str, Any], when: Mapping[str, Any] | None
) -> Spec:  # fmt: skip
    return Spec(template, subject_named(subject), fields, parameters, when or conditions.EVERYTHING)


def check(spec: Spec) -> None:
    """Refuses nonsense in words: fields that the template cannot take, missing parameters, conditions that mean nothing."""
    template = template_of(spec.template)
    if not template.offers(spec.subject):
        raise Refused(f"“{template.title}”不适用于{spec.subject.title}", field="template")
    _check_fields(template, spec)
    for parameter in template.parameters:
        if parameter.required and parameter.kind != "condition" and not spec.text(parameter.name):
            raise Refused(f"请填写“{parameter.label}”", field=f"parameter_{parameter.name}")
    conditions.check(spec.subject, spec.when)
    template.check(spec)


def _check_fields(template: Template, spec: Spec) -> None:
    number = len(spec.fields)
    if len(set(spec.fields)) < number:
        raise Refused("同一项选了两次", field="fields")
    if number < template.least:
        raise Refused(f"“{template.title}”至少要选 {template.least} 项", field="fields")
    if number > template.most:
        raise Refused(f"“{template.title}”最多选 {template.most} 项", field="fields")
    for name in spec.fields:
        one = spec.subject.field(name)
        if not template.accepts(one):
            raise Refused(f"“{one.title}”不能用“{template.title}”来检查", field="fields")


def sentence(spec: Spec) -> str:
    """The rule in a clerk's words, with the rows that it speaks of."""
    which = conditions.words(spec.subject, spec.when)
    said = template_of(spec.template).words(spec)
    return f"{which}的{spec.subject.title}，{said}" if which else said


def needs_of(spec: Spec) -> Needs:
    """What must be read to judge and to show a row."""
    asked = template_of(spec.template).needs(spec)
    names = dict.fromkeys((*asked.fields, *conditions.fields_of(spec.when)))
    return Needs(tuple(names), asked.clear, asked.others)


def compiled(table: ir.Table, spec: Spec, world: World) -> ir.Table:
    """The one expression of a rule: the subject's table with `_applies` and `_fails`."""
    return template_of(spec.template).judge(table, spec, world)
