"""What was applied for, as elements that the form of the service can be filled with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from yanta.kernel import workflow
from yanta.kernel.base.elements import Element, Known
from yanta.kernel.documents.values import day
from yanta.kernel.workflow import rights
from yanta.kernel.workflow.models import Instance
from yanta.kernel.workflow.offering import Service, offered, service_of_process
from yanta.kernel.workflow.versions import base_of_key

PREFIX = "application."
# What a row knows of itself and nobody applied for.
OWN = frozenset({"id", "created_at", "updated_at", "token"})


def services() -> dict[str, Service]:
    """Services that a process decides, by key."""
    return {one.key: one for one in offered() if one.process is not None}


def service_of(instance: Instance) -> str:
    """The service that this matter is about; "" where it is about none, or its process is no longer installed."""
    process = workflow.declared().get(rights.base_of(instance))
    if process is not None and process.answers is not None:
        return str(process.answers.service(rights.subject_of(instance)))
    found = service_of_process(instance.process)
    return found.key if found else ""


def steps(service: str) -> list[tuple[str, str]]:
    """The steps of people in the process of this service: identifier and name, in the order of the drawing."""
    found = services().get(service)
    return workflow.nodes_ahead(found.process) if found is not None and found.process else []


def elements(service: str) -> dict[str, Element]:
    """The answers of an application by name, such as `application.destination`."""
    found = services().get(service)
    if found is None or not found.process:
        return {}
    process = workflow.declared(base_of_key(found.process))
    if process.answers is not None:
        return {
            PREFIX + one.name: replace(one, name=PREFIX + one.name) for one in process.answers.asked(service)
        }
    asked = {one.name: one.verbose_name for one in _fields(process.subject)} | dict(process.names)
    return {
        PREFIX + name: Element(PREFIX + name, str(label), owner=process.owner or found.owner, aliases=_aliases(found, label))
        for name, label in asked.items()
    }  # fmt: skip


def _aliases(service: Service, label: str) -> tuple[str, ...]:
    """请假's 类别 is called 请假类别 on paper."""
    return (f"{service.title}{label}",)


def facts_of(instance: Instance) -> Mapping[str, Known]:
    """The answers of this application."""
    subject = rights.subject_of(instance)
    process = workflow.declared(rights.base_of(instance))
    if process.answers is not None:
        return {PREFIX + name: one for name, one in process.answers.said(subject).items()}
    said = {name: (value, _shown(value)) for name, value in process.data(subject).items()}
    said |= dict(_said(subject))
    return {
        PREFIX + name: Known(value, shown, f"{instance.title} 的申请", process.owner, f"{instance.subject_type}:{instance.subject_id}")
        for name, (value, shown) in said.items() if shown
    }  # fmt: skip


def _fields(model: type[models.Model]) -> list[Any]:
    return [
        one
        for one in model._meta.concrete_fields
        if one.name not in OWN and not isinstance(one, models.JSONField)
    ]


def _said(subject: models.Model) -> Iterator[tuple[str, tuple[Any, str]]]:
    for one in _fields(type(subject)):
        value = getattr(subject, one.name)
        shown = getattr(subject, f"get_{one.name}_display")() if one.choices else _shown(value)
        yield one.name, (timezone.localdate(value) if isinstance(value, datetime) else value, shown)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return day(timezone.localdate(value), "zh")
    if isinstance(value, date):
        return day(value, "zh")
    return "" if value is None else str(value)
