"""The keyword parameters of an operation, which become its form and its API schema."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from django.db import models


@dataclass(frozen=True, slots=True)
class Label:
    """What the form calls a parameter, and a word of help."""

    text: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Long:
    """A text of several lines."""

    rows: int = 4


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a set, chosen by name."""

    set_id: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file of one of these types, stored before the operation is called."""

    allow: tuple[str, ...] = ("pdf", "png", "jpg")


@dataclass(frozen=True, slots=True)
class FromElement:
    """Filled from what the university knows of the person (`yanta.kernel.base.elements`), and locked where it does."""

    name: str


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An answer that the audit entry leaves out: it is given without a name (好差评)."""


# Words that every operation uses in one sense.
COMMON_LABELS = {
    "reason": "原因", "note": "备注", "on": "日期", "document": "依据文件", "opinion": "意见", "name": "名称",
    "valid_from": "自", "valid_to": "至", "amount": "金额", "evidence": "证明材料", "starts_on": "开始日期",
    "ends_on": "结束日期", "until": "截止日期",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One question that the operation asks."""

    name: str
    label: str
    help: str
    kind: type[Any]
    required: bool
    default: Any
    many: bool = False
    marker: Long | Code | Upload | None = None
    element: str = ""
    recorded: bool = True

    @property
    def is_model(self) -> bool:
        return issubclass(self.kind, models.Model)

    @property
    def is_choice(self) -> bool:
        return issubclass(self.kind, Enum)


def _unwrapped(hint: Any) -> tuple[Any, bool, tuple[Any, ...]]:
    """The bare type, whether None is allowed, and the markers."""
    markers: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        markers = tuple(rest)
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        bare = [option for option in get_args(hint) if option is not type(None)]
        optional = len(bare) < len(get_args(hint))
        inner, _, more = _unwrapped(bare[0])
        return inner, optional, markers + more
    return hint, optional, markers


def _label(name: str, markers: tuple[Any, ...], model: type[models.Model] | None) -> tuple[str, str]:
    for marker in markers:
        if isinstance(marker, Label):
            return marker.text, marker.help
    if model is not None and name in {field.name for field in model._meta.get_fields()}:
        return str(getattr(model._meta.get_field(name), "verbose_name", name)), ""
    return COMMON_LABELS.get(name, name), ""


def _parameter(name: str, hint: Any, default: Any, model: type[models.Model] | None) -> Parameter:
    bare, optional, markers = _unwrapped(hint)
    many = get_origin(bare) in (list, tuple)
    kind = get_args(bare)[0] if many else bare
    label, help_text = _label(name, markers, model)
    marker = next((m for m in markers if isinstance(m, Long | Code | Upload)), None)
    element = next((m.name for m in markers if isinstance(m, FromElement)), "")
    given = default is not inspect.Parameter.empty
    required = not given and not optional and kind is not bool
    return Parameter(
        name=name, label=label, help=help_text, kind=kind, required=required,
        default=default if given else None, many=many, marker=marker, element=element,
        recorded=not any(isinstance(m, Unrecorded) for m in markers),
    )  # fmt: skip


def subject_of(function: Callable[..., Any]) -> type[models.Model] | None:
    """The model of the positional subject, or None for an operation on the whole collection."""
    hints = get_type_hints(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            kind: type[models.Model] = hints[parameter.name]
            return kind
    return None


def parameters_of(function: Callable[..., Any], model: type[models.Model] | None) -> Iterator[Parameter]:
    """Every keyword-only parameter but the actor, in order."""
    hints = get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.name != "actor":
            yield _parameter(parameter.name, hints[parameter.name], parameter.default, model)
