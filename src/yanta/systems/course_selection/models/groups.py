"""The name of a course group, where one is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from yanta.systems.course_selection.rules import groups
from yanta.systems.curricula import public as curricula


class GroupField(models.CharField):
    """Chosen from the groups of the plans in force; a column of text, for the plans are another system's."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        written = super().clean(value, model_instance)
        refusal = groups.refusal(written, curricula.group_names())
        if refusal:
            raise ValidationError(refusal, code="unknown_group")
        return written

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, form_class=GroupChoice, choices=_known, **options)


def _known() -> list[tuple[str, str]]:
    return [(name, name) for name in curricula.group_names()]


class GroupChoice(forms.ChoiceField):
    """Which names there are the field of the row says, in better words."""

    def valid_value(self, value: Any) -> bool:
        return True
