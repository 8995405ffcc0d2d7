"""Start-up checks: a field names a known set, a `Standard` names known elements, one source each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from yanta.kernel.codes import packaged, providers
from yanta.kernel.codes.bindings import bindings, standard_of
from yanta.kernel.codes.fields import CodeField


@register("codes")
def check_declarations(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return [*_unknown_sets(), *_unknown_fields(), *_unknown_elements(), *_second_sources()]


def _unknown_sets() -> Iterator[CheckMessage]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, CodeField) and not _is_known(field.set_id):
                yield Error(
                    f"{field} names the code set {field.set_id!r}, which nobody provides", id="codes.E001"
                )


def _is_known(set_id: str) -> bool:
    return set_id in packaged.cards() or providers.source_of(set_id) is not None


def _unknown_fields() -> Iterator[CheckMessage]:
    for model in apps.get_models():
        declared = standard_of(model)
        names = {field.name for field in model._meta.get_fields()}
        for name in declared.fields if declared else ():
            if name not in names:
                yield Error(
                    f"{model._meta.label}.Standard names the field {name!r}, which is none", id="codes.E002"
                )


def _unknown_elements() -> Iterator[CheckMessage]:
    known = {row["element_id"] for row in packaged.elements()}
    for binding in bindings():
        if binding.identifier not in known:
            yield Error(
                f"{binding.label} is bound to {binding.identifier}, which is not in the dictionary",
                id="codes.E003",
            )


def _second_sources() -> Iterator[CheckMessage]:
    """一数一源: two fields that claim to be the source of one element of one subject."""
    first: dict[tuple[str, str], str] = {}
    for binding in bindings():
        key = (binding.subject, binding.identifier)
        if key in first:
            yield Error(
                f"{binding.label} is a second source of {binding.subject}.{binding.identifier}; "
                f"the first is {first[key]}",
                id="codes.E004",
            )
        first.setdefault(key, binding.label)
