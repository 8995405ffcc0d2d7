"""A service's questions as a page shows and reads them: those of an operation, or those of a designed form."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.http import QueryDict
from django.utils import timezone

from yanta.kernel.base import Actor, Refused, elements
from yanta.kernel.base.elements import Known
from yanta.kernel.base.texts import masked
from yanta.kernel.files.storing import store
from yanta.kernel.operation import Operation, Upload
from yanta.kernel.people.models import Person
from yanta.kernel.resource.forms import Input, OperationForm, input_of
from yanta.kernel.workflow.offering import Service
from yanta.systems.hall.models import Version
from yanta.systems.hall.queries import catalogue, designed
from yanta.systems.hall.rules import answers, forms
from yanta.systems.hall.services.handing_in import Filled

PURPOSE = "hall.answer"
KINDS = ("pdf", "png", "jpg", "docx", "xlsx")
_PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]{100,400000})")


@dataclass(frozen=True, slots=True)
class Field:
    """One question on the page. `when`, `tree` and `rule` are JSON that the browser follows."""

    name: str
    label: str
    kind: str
    key: str
    value: Any = ""
    text: str = ""
    options: Sequence[tuple[str, str]] = ()
    required: bool = False
    help: str = ""
    errors: Sequence[str] = ()
    lookup: str = ""
    unit: str = ""
    when: str = ""
    part_when: str = ""
    tree: str = ""
    places: int = 2
    rule: str = ""
    source: str = ""
    dispute: str = ""
    masked: bool = False


@dataclass(slots=True)
class Group:
    """Questions that stand together; with `rows` they repeat, and `model` is the empty row."""

    title: str = ""
    note: str = ""
    name: str = ""
    when: str = ""
    most: int = 0
    fields: list[Field] = field(default_factory=list)
    rows: list[list[Field]] = field(default_factory=list)
    model: list[Field] = field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class Sheet:
    """What the university answers by itself, and what is left to ask."""

    known: list[Field] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    @property
    def asked(self) -> list[Field]:
        """What everybody is asked; what a condition may add comes on top."""
        shown = [one for group in self.groups if not group.when for one in (*group.fields, *group.model)]
        return [one for one in shown if one.kind not in ("calc", "note") and not one.when]

    def mark(self, name: str | None, message: str) -> bool:
        """Say at a question why the answer will not do; whether there is one of this name."""
        for group in self.groups:
            group.fields = [
                replace(one, errors=[message]) if one.name == name else one for one in group.fields
            ]
        return any(one.name == name for group in self.groups for one in group.fields)


class Asking:
    """The questions of a service of code: its operation's parameters."""

    def __init__(self, service: Service, *, actor: Actor, applicant: Person, prefix: str = "") -> None:
        self.service, self.actor, self.applicant, self.prefix = service, actor, applicant, prefix

    def _form(
        self, data: Any = None, files: Any = None, initial: Mapping[str, Any] | None = None
    ) -> OperationForm:
        form = OperationForm(
            data, files, operation=cast(Operation[..., Any], self.service.apply), actor=self.actor, about=self.applicant.pk, prefix=self.prefix or None,
            initial=dict(initial or {}),
        )  # fmt: skip
        form.fields.pop("applicant", None)
        return form

    def sheet(self, initial: Mapping[str, Any] | None = None) -> Sheet:
        return self._shown(self._form(initial=initial))

    def _shown(self, form: OperationForm) -> Sheet:
        model = self.service.apply.model if self.service.apply else None
        base = (
            f"/{model._meta.label_lower.replace('.', '/')}/lookup/{self.service.apply.name}/"
            if model and self.service.apply
            else ""
        )
        sheet, group = Sheet(), Group()
        keys = {one.name: one.element or one.label for one in self.service.questions}
        for name in form.fields:
            one = _field(
                self._narrowed(input_of(form, name, lookup_base=base)),
                keys.get(name, name),
                known=name in form.known,
                when=self._when(name),
            )
            (sheet.known if name in form.known else group.fields).append(one)
        sheet.groups = [group] if group.fields else []
        return sheet

    def _narrowed(self, one: Input) -> Input:
        """A link among the few that the service offers this person is chosen, not looked up."""
        offered = self.service.choices.get(one.name.removeprefix(f"{self.prefix}-"))
        if offered is None:
            return one
        options = [(str(key), words) for key, words in offered(self.actor)]
        return replace(one, kind="choice", lookup="", options=options)

    def read(self, data: QueryDict, files: Any) -> tuple[Filled | None, Sheet]:
        """What was filled in; nothing when it does not do, and then the page says why."""
        form = self._form(data, files)
        if not form.is_valid():
            return None, self._shown(form)
        filled = Filled(
            parameters=form.parameters(), saved=len(form.known), asked=len(form.fields) - len(form.known)
        )
        for question in self.service.questions:
            upload = filled.parameters.get(question.name)
            if isinstance(question.marker, Upload) and upload is not None and not hasattr(upload, "digest"):
                filled.parameters[question.name] = self._stored(upload, question.marker.allow)
        return filled, self._shown(form)

    def _when(self, name: str) -> str:
        """On what answer a question hangs, as the page has it."""
        tests = [
            forms.Test(one.other, "is", answer)
            for one in self.service.asked_if
            if one.question == name
            for answer in one.answers
        ]
        return condition(forms.When(tuple(tests), any=True), self.prefix) if tests else ""

    def _stored(self, upload: Any, allow: Sequence[str] = KINDS) -> Any:
        return store(
            upload.name, upload, actor=self.actor, purpose=PURPOSE, owner_id=self.applicant.pk, allow=allow
        )


def _field(one: Input, key: str, *, known: bool, when: str = "") -> Field:
    rule = {"kind": one.kind, "required": one.required, "label": one.label}
    return Field(
        name=one.name, label=one.label, kind=one.kind, key=key, value=one.value, text=one.text, options=one.options,
        required=one.required, help=one.help, errors=one.errors, lookup=one.lookup, source=one.source,
        dispute=one.dispute, rule=json.dumps(rule, ensure_ascii=False), masked=known, when=when,
    )  # fmt: skip


class DesignedAsking(Asking):
    """The questions of a designed form."""

    def __init__(
        self, service: Service, version: Version, *, actor: Actor, applicant: Person, prefix: str = ""
    ) -> None:
        super().__init__(service, actor=actor, applicant=applicant, prefix=prefix)
        self.version, self.form = version, designed.form_of(version)
        self.known = catalogue.known_of(applicant.pk, self.form.elements, on=timezone.localdate())

    def _name(self, name: str) -> str:
        return f"{self.prefix}-{name}" if self.prefix else name

    def sheet(self, initial: Mapping[str, Any] | None = None) -> Sheet:
        return self._sheet(initial or {}, {})

    def _sheet(self, given: Mapping[str, Any], errors: Mapping[str, str]) -> Sheet:
        sheet = Sheet()
        for part in self.form.parts:
            group = Group(
                part.title,
                part.note,
                self._name(part.name) if part.name else "",
                condition(part.when, self.prefix),
                part.most,
            )
            group.error = errors.get(part.name, "") if part.name else ""
            if part.repeats:
                lines = [row for row in given.get(part.name) or [] if isinstance(row, Mapping)] or [{}] * max(
                    part.least, 1
                )
                group.rows = [self._row(part, number, row, errors) for number, row in enumerate(lines)]
                group.model = self._row(part, "N", {}, {})
            for one in () if part.repeats else part.questions:
                found = self.known.get(one.element)
                if found is not None:
                    sheet.known.append(self._locked(one, found, group.when))
                else:
                    group.fields.append(
                        self._open(one, one.name, given.get(one.name), errors.get(one.name, ""))
                    )
            if group.fields or group.rows:
                sheet.groups.append(group)
        return sheet

    def _row(
        self, part: forms.Part, number: int | str, row: Mapping[str, Any], errors: Mapping[str, str]
    ) -> list[Field]:
        return [
            self._open(one, f"{part.name}.{number}.{one.name}", row.get(one.name), errors.get(f"{part.name}.{number}.{one.name}", ""))
            for one in part.questions
        ]  # fmt: skip

    def _locked(self, one: forms.Question, known: Known, part_when: str) -> Field:
        return Field(
            name=self._name(one.name), label=one.label, kind="known", key=one.element, text=stored_as(one.element, known),
            source=known.owner or known.source, dispute=known.dispute, masked=True, when=condition(one.when, self.prefix),
            part_when=part_when,
        )  # fmt: skip

    def _open(self, one: forms.Question, name: str, value: Any, error: str) -> Field:
        rule = {
            "kind": one.kind, "required": one.required, "label": one.label, "least": one.least, "most": one.most, "unit": one.unit,
        }  # fmt: skip
        return Field(
            name=self._name(name), label=one.label, kind=one.kind, key=one.element or one.label, value=value,
            text="" if value is None else str(value), options=[(each, each) for each in one.options],
            required=one.required, help=one.help, errors=[error] if error else (), unit=one.unit,
            when=condition(one.when, self.prefix), tree=json.dumps(_named(one.tree, self.prefix)) if one.tree else "",
            places=one.places, rule=json.dumps(rule, ensure_ascii=False),
        )  # fmt: skip

    def read(self, data: QueryDict, files: Any) -> tuple[Filled | None, Sheet]:
        given = self.given(data, files)
        known = {name: stored_as(name, one) for name, one in self.known.items()}
        found = answers.judged(self.form, given, known)
        if found.errors:
            return None, self._sheet(given, found.errors)
        filled = Filled(
            values=found.values,
            version=self.version,
            asked=found.asked,
            saved=found.saved,
            sources=self._sources(),
        )
        try:
            filled.files = self._files(data, files, found.values)
        except Refused as refusal:
            return None, self._sheet(given, {refusal.field or "": refusal.message})
        return filled, self._sheet(given, {})

    def given(self, data: QueryDict, files: Any) -> dict[str, Any]:
        """What the page sent, by the names of the questions; repeating rows in their order."""
        found: dict[str, Any] = {}
        for part in self.form.parts:
            if part.repeats:
                found[part.name] = self._sent_rows(part, data)
            for one in () if part.repeats else part.questions:
                found[one.name] = self._sent(one, data, files)
        return found

    def _sent(self, one: forms.Question, data: QueryDict, files: Any) -> Any:
        name = self._name(one.name)
        if one.kind == "choices":
            return data.getlist(name)
        if one.kind == "file":
            return files[name].name if name in files else None
        if one.kind == "signature":
            return "已签名" if _PNG.fullmatch(data.get(name, "")) else None
        return data.get(name)

    def _sent_rows(self, part: forms.Part, data: QueryDict) -> list[dict[str, Any]]:
        pattern = re.compile(rf"{re.escape(self._name(part.name))}\.(\d{{1,4}})\.([a-z][a-z0-9_]*)")
        several = {one.name for one in part.questions if one.kind == "choices"}
        rows: dict[int, dict[str, Any]] = {}
        for name in data:
            match = pattern.fullmatch(name)
            if match:
                sent = data.getlist(name) if match[2] in several else data.get(name)
                rows.setdefault(int(match[1]), {})[match[2]] = sent
        return [rows[number] for number in sorted(rows)]

    def _files(self, data: QueryDict, files: Any, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
        found = []
        for one in self.form.questions:
            name = self._name(one.name)
            if one.kind == "file" and name in files and one.name in values:
                found.append((one.name, self._stored(files[name])))
            if one.kind == "signature" and values.get(one.name):
                found.append((one.name, self._signature(data.get(name, ""))))
        return found

    def _signature(self, text: str) -> Any:
        match = _PNG.fullmatch(text)
        try:
            content = base64.b64decode(match[1] if match else "", validate=True)
        except binascii.Error:
            raise Refused("签名没有传上来，请重新手写") from None
        return store(
            "签名.png", content, actor=self.actor, purpose=PURPOSE, owner_id=self.applicant.pk, allow=("png",)
        )

    def _sources(self) -> dict[str, dict[str, str]]:
        """Where each answer of the university came from, kept with what was handed in."""
        found = {}
        for one in self.form.questions:
            known = self.known.get(one.element)
            if known is not None:
                on = f"{known.confirmed_on:%Y-%m-%d}" if known.confirmed_on else ""
                found[one.name] = {
                    "element": one.element, "owner": known.owner, "source": known.source, "origin": known.origin, "on": on,
                }  # fmt: skip
        return found


def stored_as(name: str, known: Known) -> str:
    """How a known value is kept with a matter: as it is shown; what is sensitive only as its ends."""
    if not elements.element_named(name).is_sensitive:
        return known.shown
    return known.shown if "*" in known.shown else masked(known.shown)


def asking_for(service: Service, *, actor: Actor, applicant: Person, prefix: str = "") -> Asking | None:
    """The questions of a service; nothing when it is applied for elsewhere."""
    if service.apply is not None:
        return Asking(service, actor=actor, applicant=applicant, prefix=prefix)
    version = designed.version_in_force(service.key)
    return (
        DesignedAsking(service, version, actor=actor, applicant=applicant, prefix=prefix) if version else None
    )


def condition(when: forms.When | None, prefix: str = "") -> str:
    """A condition as the page has it; empty when there is none."""
    if when is None:
        return ""
    tests = [[f"{prefix}-{one.field}" if prefix else one.field, one.op, one.value] for one in when.tests]
    return json.dumps({"any": when.any, "tests": tests}, ensure_ascii=False)


def _named(tree: list[Any], prefix: str) -> list[Any]:
    """The tree with the names that the page uses."""
    if not prefix or not tree:
        return tree
    if tree[0] == "field":
        return ["field", f"{prefix}-{tree[1]}"]
    return [tree[0], *(_named(one, prefix) if isinstance(one, list) else one for one in tree[1:])]


def draft_values(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as the browser keeps it (`{name: [values]}`, rows as `rows.0.amount`) by the names of the questions."""
    found: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for name, values in kept.items():
        if not isinstance(values, list) or not values:
            continue
        part, number, column = [*name.split("."), "", ""][:3]
        if column and number.isdecimal():
            rows.setdefault(part, {}).setdefault(int(number), {})[column] = _one_or_all(values)
        else:
            found[name] = _one_or_all(values)
    for part, lines in rows.items():
        found[part] = [lines[number] for number in sorted(lines)]
    return found


def _one_or_all(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]
