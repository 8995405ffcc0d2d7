"""Services that departments designed, as the catalogue shows them beside those of code."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from yanta.kernel import workflow
from yanta.kernel.workflow.models import Process
from yanta.kernel.workflow.offering import Material, Service
from yanta.systems.hall.models import Design, Matter, Version
from yanta.systems.hall.rules import forms

HELPERS = ("counsellor", "clerk", "head")


def service_of(design: Design) -> Service:
    """A design as a service."""
    return Service(
        key=design.key, title=design.title, area=design.area, owner=design.department.name, process=design.process,
        who=design.who, guide=design.guide, basis=_lines(design.basis), days=design.days, icon=design.icon,
        materials=tuple(_material(line) for line in _lines(design.materials)), channel=design.channel, fee=design.fee,
        words=tuple(design.words.split()), for_others=HELPERS if design.by_others else (), opens_on=design.opens_on,
        closes_on=design.closes_on, url=f"/hall/service/{design.key}/apply/",
    )  # fmt: skip


def open_designs() -> list[Service]:
    """Those that take applications."""
    rows = Design.objects.filter(state=Design.State.OPEN).select_related("department")
    return [service_of(one) for one in rows]


def processes() -> dict[str, str]:
    """Those that can decide a designed service, key and name: of the code, and drawn on their ground."""
    found = {key: one.title for key, one in workflow.declared().items() if one.subject is Matter}
    drawn = Process.objects.filter(base__in=found, is_drawn=True).order_by("title")
    return found | dict(drawn.values_list("key", "title"))


def process_name(design: Any) -> str:
    """What the process of a design is called; `drawn_title` is joined by whoever lists many."""
    declared = workflow.declared().get(design.process)
    return gettext(declared.title if declared else design.drawn_title)


def version_in_force(key: str) -> Version | None:
    """The form that is filled in today."""
    found = Version.objects.filter(design__key=key, design__state=Design.State.OPEN).order_by("-number")
    return found.select_related("design__department").first()


def form_of(version: Version) -> forms.Form:
    return forms.read(version.layout)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _material(line: str) -> Material:
    name, _, element = (part.strip() for part in line.partition("|"))
    return Material(name, element)
