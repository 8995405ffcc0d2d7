"""Forms from declarations: a resource's fields, or an operation's parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from yanta.kernel.base import Actor, elements
from yanta.kernel.base.elements import Known
from yanta.kernel.base.fields import SealedField
from yanta.kernel.base.models import Record
from yanta.kernel.base.texts import masked
from yanta.kernel.codes import service as codes
from yanta.kernel.codes.fields import CodeField, CodeFormField, is_short
from yanta.kernel.operation import Code, Long, Operation, Parameter, Upload
from yanta.kernel.resource.declare import Resource, Section
from yanta.kernel.resource.lists import LISTED_OPTIONS, titles_of


@dataclass(frozen=True, slots=True)
class Input:
    """One field as the page shows it."""

    name: str
    label: str
    kind: str
    value: Any
    text: str
    options: Sequence[tuple[str, str]]
    required: bool
    help: str
    errors: Sequence[str]
    locked: bool
    source: str
    lookup: str
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class InputGroup:
    title: str
    note: str
    inputs: Sequence[Input]


class ScopedChoice(forms.ModelChoiceField[Any]):
    """A link that offers, and accepts, only rows in the actor's scope."""

    def __init__(self, *args: Any, lookup: str = "", **kwargs: Any) -> None:
        self.lookup = lookup
        super().__init__(*args, **kwargs)
        self.error_messages["invalid_choice"] = "没有这一项，或不在您的管理范围内"


def visible_rows(model: type[models.Model], actor: Actor, permission: str) -> Any:
    """The rows of a linked model that an actor may choose while using this permission.

    Nouns of the whole school (a campus, a term) are open to everyone who may fill the form.
    """
    rows: Any = model._default_manager.all()
    if not issubclass(model, Record):
        return rows
    reach = actor.reach(permission)
    if reach.everything or (model.org_path is None and model.person_path is None):
        return rows
    return _reached(rows, model, actor, permission)


def _reached(rows: Any, model: type[Record], actor: Actor, permission: str) -> Any:
    own = actor.reach(permission).own
    # Whoever only has own rows still names units and other people's public nouns freely, but links to
    # personal rows (a student, a person) lead only to oneself.
    if own and model.person_path is None:
        return rows
    return rows.visible_to(actor, permission)


class ResourceForm(forms.ModelForm[Any]):
    """Validates with the model's own rules; links are scoped; the one possible link is filled and locked."""

    def __init__(self, *args: Any, resource: Resource, actor: Actor, **kwargs: Any) -> None:
        self.resource, self.actor = resource, actor
        super().__init__(*args, **kwargs)
        verb = "edit" if self.instance.pk else "add"
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                self._scope(name, field, resource.permission(verb))
        self._keep_unchanged_seals()

    def _scope(self, name: str, field: forms.ModelChoiceField[Any], permission: str) -> None:
        model = _rows(field).model
        field.queryset = visible_rows(model, self.actor, permission)
        if not issubclass(model, Record) or model.person_path is None or not self.actor.reach(permission).own:
            return
        mine = list(_rows(field)[:2])
        if len(mine) == 1:
            self.initial[name] = mine[0].pk
            field.disabled = True

    def _keep_unchanged_seals(self) -> None:
        """A masked value that comes back as it was shown means: not changed."""
        for name, field in self.fields.items():
            if isinstance(self._meta.model._meta.get_field(name), SealedField) and self.instance.pk:
                field.widget.attrs["data-masked"] = "1"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in cleaned:
            stored = getattr(self.instance, name, None)
            sealed = isinstance(self._meta.model._meta.get_field(name), SealedField)
            if sealed and stored and cleaned[name] == masked(str(stored)):
                cleaned[name] = stored
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """What the form does not ask takes part in the row's rules all the same, where it has a value."""
        excluded: set[str] = super()._get_validation_exclusions()
        row = self.instance
        others = (f for f in row._meta.concrete_fields if f.name not in self.fields)
        return excluded - {f.name for f in others if getattr(row, f.attname) not in (None, "")}


def form_class(resource: Resource, names: Sequence[str] | None = None) -> type[ResourceForm]:
    made = forms.modelform_factory(
        resource.model,
        form=ResourceForm,
        fields=list(names or resource.form_fields),
        formfield_callback=_form_field,
    )
    return cast(type[ResourceForm], made)


def _form_field(field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    if isinstance(field, models.ForeignKey):
        return field.formfield(form_class=ScopedChoice, **kwargs)
    return field.formfield(**kwargs)


def _kind(field: forms.Field) -> str:
    kinds: tuple[tuple[type[forms.Field], str], ...] = (
        (forms.ModelMultipleChoiceField, "links"), (forms.ModelChoiceField, "link"), (forms.FileField, "file"),
        (forms.BooleanField, "bool"), (forms.DateTimeField, "datetime"), (forms.DateField, "date"),
        (forms.TimeField, "time"), (forms.DecimalField, "number"), (forms.IntegerField, "number"),
        (forms.ChoiceField, "choice"), (forms.EmailField, "email"),
    )  # fmt: skip
    if isinstance(field.widget, forms.Textarea):
        return "long"
    if isinstance(field, CodeFormField):
        return "choice" if is_short(field.set_id) else "code"
    return next((kind for cls, kind in kinds if isinstance(field, cls)), "text")


def _rows(field: forms.ModelChoiceField[Any]) -> Any:
    """What the field offers; ours always offers something."""
    return field.queryset


def _options(field: forms.Field) -> list[tuple[str, str]]:
    if isinstance(field, forms.ModelChoiceField):
        return titles_of(_rows(field), LISTED_OPTIONS + 1)
    if isinstance(field, forms.ChoiceField):
        # "Nothing" is an option where the codes give it a name, such as 不限.
        named = cast(Iterable[Any], field.choices)
        return [(str(value), str(label)) for value, label in named if value != "" or str(label).strip("-")]
    if isinstance(field, CodeFormField) and is_short(field.set_id):
        return codes.choices(field.set_id)
    return []


def _lookup(field: forms.Field, name: str, base: str, *, long: bool) -> str:
    """Where the page asks for options while one types; nothing when they are all on the page."""
    if isinstance(field, CodeFormField):
        return "" if is_short(field.set_id) else f"/codes/{field.set_id}/suggest/"
    return f"{base}{name}/" if long and base else ""


def _value(bound: forms.BoundField) -> Any:
    value = bound.value()
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, bool) or value is None:
        return value
    return str(value)


def _text(field: forms.Field, value: Any, options: Sequence[tuple[str, str]]) -> str:
    """The chosen option in words, also where the list is too long to be sent."""
    if not value:
        return ""
    if isinstance(field, CodeFormField):
        return codes.name_of(field.set_id, str(value)) or str(value)
    listed = dict(options).get(str(value))
    if listed is None and isinstance(field, forms.ModelChoiceField):
        row = _rows(field).filter(pk=value).first() if str(value).isdecimal() else None
        return str(row) if row else ""
    return listed or str(value)


def _source(field: forms.Field, known: Known | None) -> str:
    if known:
        return known.owner or known.source
    return "本人" if field.disabled else ""


def input_of(form: forms.BaseForm, name: str, *, lookup_base: str = "") -> Input:
    bound = form[name]
    field = bound.field
    value = _value(bound)
    if field.widget.attrs.get("data-masked") and value and not form.is_bound:
        value = masked(str(value))
    options = _options(field)
    long = len(options) > LISTED_OPTIONS
    known: Known | None = getattr(field, "known", None)
    return Input(
        name=bound.html_name, label=str(bound.label), kind=_kind(field), value=value,
        text=known.shown if known else _text(field, value, options), options=[] if long else options, required=field.required,
        help=str(field.help_text), errors=[str(error) for error in bound.errors], locked=field.disabled,
        source=_source(field, known), lookup=_lookup(field, name, lookup_base, long=long),
        dispute=known.dispute if known else "",
    )  # fmt: skip


def groups_of(form: ResourceForm, sections: Sequence[Section]) -> list[InputGroup]:
    base = f"{form.resource.base_url}lookup/"
    return [
        InputGroup(
            section.title, section.note, [input_of(form, name, lookup_base=base) for name in section.fields]
        )
        for section in sections
    ]


class OperationForm(forms.Form):
    """The questions of an operation; what is known of `about` (else of the actor) arrives filled and locked."""

    def __init__(
        self,
        *args: Any,
        operation: Operation[..., Any],
        actor: Actor,
        about: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.operation = operation
        for parameter in operation.parameters:
            self.fields[parameter.name] = _parameter_field(parameter, actor, operation.permission)
        self._fill(about or actor.person_id)

    def _fill(self, person_id: int | None) -> None:
        bound = [one for one in self.operation.parameters if one.element]
        if person_id is None or not bound:
            return
        answers = elements.known([person_id], {one.element for one in bound}, on=timezone.localdate())
        for parameter in bound:
            known = answers[person_id].get(parameter.element)
            if known is not None:
                hidden = elements.element_named(parameter.element).is_sensitive
                lock(
                    self.fields[parameter.name],
                    replace(known, shown=masked(known.shown)) if hidden else known,
                )

    @property
    def known(self) -> dict[str, Known]:
        """The questions that need not be asked, with what is known."""
        found = {name: getattr(field, "known", None) for name, field in self.fields.items()}
        return {name: value for name, value in found.items() if value is not None}

    def parameters(self) -> dict[str, Any]:
        """The cleaned answers; what was left empty and has a default is not passed."""
        return {
            p.name: self.cleaned_data[p.name]
            for p in self.operation.parameters
            if p.required or self.cleaned_data.get(p.name) not in (None, "")
        }


def lock(field: forms.Field, known: Known) -> None:
    """Fill a question with what is known; a value that would not pass the question's own rules is asked after all."""
    try:
        field.clean(known.value)
    except ValidationError:
        return
    field.initial, field.disabled = known.value, True
    field.known = known  # type: ignore[attr-defined]  # read by input_of


_PLAIN: Mapping[type, type[forms.Field]] = {
    int: forms.IntegerField, Decimal: forms.DecimalField, bool: forms.BooleanField, str: forms.CharField,
}  # fmt: skip


def _parameter_field(parameter: Parameter, actor: Actor, permission: str) -> forms.Field:
    common = {
        "label": parameter.label, "help_text": parameter.help, "required": parameter.required,
        "initial": parameter.default,
    }  # fmt: skip
    if isinstance(parameter.marker, Upload):
        return forms.FileField(**common)
    if isinstance(parameter.marker, Code):
        return CodeField(parameter.label, parameter.marker.set_id, blank=not parameter.required).formfield(
            **common
        )
    if parameter.is_model:
        return _link_field(parameter, actor, permission, common)
    if parameter.is_choice:
        return forms.TypedChoiceField(
            choices=parameter.kind.choices, coerce=_coerced(parameter.kind), **common
        )
    if isinstance(parameter.marker, Long):
        return forms.CharField(widget=forms.Textarea(attrs={"rows": parameter.marker.rows}), **common)
    return _PLAIN.get(parameter.kind, _by_name(parameter.kind))(**common)


def _coerced(kind: Any) -> Callable[[Any], Any]:
    """The member of this text: choices of numbers arrive as text as well."""
    return lambda text: kind(int(text) if issubclass(kind, int) else text)


def _by_name(kind: type) -> type[forms.Field]:
    return {"date": forms.DateField, "datetime": forms.DateTimeField, "time": forms.TimeField}.get(
        kind.__name__, forms.CharField
    )


def _link_field(parameter: Parameter, actor: Actor, permission: str, common: dict[str, Any]) -> forms.Field:
    rows = visible_rows(parameter.kind, actor, permission)
    if parameter.many:
        return forms.ModelMultipleChoiceField(rows, **common)
    return ScopedChoice(rows, **common)


def inputs_of(form: forms.BaseForm, *, lookup_base: str = "") -> Iterator[Input]:
    for name in form.fields:
        yield input_of(form, name, lookup_base=lookup_base)
