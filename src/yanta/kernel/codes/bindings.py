"""Which field of which model keeps which data element: read from the models' `class Standard`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from yanta.kernel.base import System


@dataclass(frozen=True, slots=True)
class Standard:
    """What a model's inner `Standard` says."""

    source: str
    subject: str
    subset: str
    owner: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Binding:
    """One field that keeps one element."""

    model: type[models.Model]
    field: str
    identifier: str
    source: str
    subject: str
    subset: str
    owner: str

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def keeps(self, *, source: str, subset: str, identifier: str) -> bool:
        """Whether this is the field of that use of an element."""
        same = self.identifier == identifier and source.startswith(self.source)
        return same and self.subset in ("", subset)

    @property
    def system(self) -> str:
        """The title of the system, or of the kernel package, that the model belongs to."""
        config = apps.get_app_config(self.model._meta.app_label)
        return config.title if isinstance(config, System) else str(config.verbose_name)

    @property
    def field_title(self) -> str:
        return f"{self.model._meta.verbose_name} · {self.model._meta.get_field(self.field).verbose_name}"  # type: ignore[union-attr]


def standard_of(model: type[models.Model]) -> Standard | None:
    """The declaration of a model, or None."""
    declared = vars(model).get("Standard")
    if declared is None:
        return None
    return Standard(
        source=declared.source,
        subject=getattr(declared, "subject", model._meta.label_lower),
        subset=getattr(declared, "subset", ""),
        owner=getattr(declared, "owner", ""),
        fields=declared.fields,
    )


def bindings() -> list[Binding]:
    """Every bound field of every installed model, in the order of installation."""
    return [
        _binding(model, field, name, declared)
        for model in apps.get_models()
        if (declared := standard_of(model)) is not None
        for field, name in declared.fields.items()
    ]


def _binding(model: type[models.Model], field: str, name: str, declared: Standard) -> Binding:
    """`XH` lies in the declared subset, `JCXS0101.XH` in the one it names."""
    subset, _, identifier = name.rpartition(".")
    return Binding(
        model, field, identifier, declared.source, declared.subject, subset or declared.subset, declared.owner
    )


def bound_to(*, source: str, subset: str, identifier: str) -> list[Binding]:
    """The fields that keep one use of an element: same identifier, standard and, when named, subset."""
    return [one for one in bindings() if one.keeps(source=source, subset=subset, identifier=identifier)]
