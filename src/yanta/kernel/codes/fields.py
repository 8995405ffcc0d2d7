"""A model field that holds a code of a set."""

from __future__ import annotations

from functools import partialmethod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from yanta.kernel.codes import packaged, providers, service
from yanta.kernel.codes.rules import Validated

# A set with more codes than this is searched for, not scrolled through.
LONGEST_SELECT = 120
_UNKNOWN_WIDTH = 20


def width_of(set_id: str) -> int:
    """The longest code of a set, known without a database."""
    live = providers.source_of(set_id)
    card = packaged.cards().get(set_id)
    return live.width if live else card.width if card else _UNKNOWN_WIDTH


class CodeField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at run time
    """Stores the code, shows the name (`get_<field>_display`); cleaning accepts code, name or alias."""

    def __init__(self, verbose_name: str | None = None, set_id: str = "", **options: Any) -> None:
        self.set_id = set_id
        options.setdefault("max_length", width_of(set_id))
        super().__init__(verbose_name, **options)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "set_id": self.set_id}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        display = f"get_{name}_display"
        if display not in vars(cls):
            setattr(cls, display, partialmethod(_display, field=self))

    def name_of(self, code: str | None) -> str:
        """What a screen shows for a code."""
        return service.name_of(self.set_id, code) if code else ""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """The code that is meant; a new row may not take a code that is out of force."""
        if value in self.empty_values:
            return super().clean(value, model_instance)
        adding = model_instance is not None and model_instance._state.adding
        verdict = service.validate(self.set_id, value, timezone.localdate() if adding else None)
        if not verdict.ok:
            raise ValidationError(refusal_text(self.set_id, verdict), code="invalid_code")
        return super().clean(verdict.code, model_instance)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": CodeFormField, "set_id": self.set_id, **options})


class CodeFormField(forms.CharField):
    """Takes code, name or alias."""

    def __init__(self, *, set_id: str, **options: Any) -> None:
        self.set_id = set_id
        options.pop("max_length", None)
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        written = super().clean(value)
        if written in self.empty_values:
            return written
        verdict = service.validate(self.set_id, written)
        if not verdict.ok:
            raise ValidationError(refusal_text(self.set_id, verdict), code="invalid_code")
        return verdict.code


def is_short(set_id: str) -> bool:
    """Whether the set fits into a select."""
    return len(service.choices(set_id)) <= LONGEST_SELECT


def refusal_text(set_id: str, verdict: Validated) -> str:
    """The reason and what was perhaps meant, for the person at the form."""
    if not verdict.suggestions:
        return verdict.reason
    names = "、".join(f"{service.full_name_of(set_id, code)}（{code}）" for code in verdict.suggestions)
    return f"{verdict.reason}；可能是：{names}"


def _display(row: models.Model, field: CodeField) -> str:
    return field.name_of(getattr(row, field.attname))
