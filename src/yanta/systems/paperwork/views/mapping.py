"""The form as it is drawn, and what each slot is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from yanta.kernel.base import Refused
from yanta.kernel.base.elements import Element, declared
from yanta.kernel.documents.model import Binding, Grid, Line, Slot
from yanta.kernel.documents.values import STYLES
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.paperwork import rules, services
from yanta.systems.paperwork.models import Edition
from yanta.systems.paperwork.queries import applications
from yanta.systems.paperwork.services import producing


class EditionPage(PortalPage):
    """An edition in the actor's scope."""

    permission = "paperwork.edition.view"

    def edition(self) -> Edition:
        reachable = Edition.objects.visible_to(self.actor, self.permission).select_related(
            "form__owner", "file"
        )
        found: Edition = get_object_or_404(reachable, pk=self.kwargs["pk"])
        return found

    @property
    def may_bind(self) -> bool:
        return self.actor.may(services.bind.permission)


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot on the drawn form: what fills it, and how sure that is."""

    slot: Slot
    binding: Binding | None
    confirmed: bool
    trust: float
    names: Mapping[str, str]

    @property
    def state(self) -> str:
        if self.confirmed:
            return "hand" if self.binding is not None and self.binding.by_hand else "sure"
        return "guess" if self.binding is not None else "none"

    @property
    def says(self) -> str:
        """What the cell shows."""
        one = self.binding
        if one is None:
            return "未对应"
        if one.by_hand:
            return "手填"
        if one.step:
            return f"意见：{self.names.get(one.step, one.step)}"
        return one.text or self.names.get(one.element, one.element)


def choices_of(edition: Edition) -> dict[str, Choice]:
    kept = {one["slot"]: one for one in edition.bindings}
    service = edition.form.service
    more = applications.elements(service)
    names = {name: one.label for name, one in {**declared(), **more}.items()} | dict(
        applications.steps(service)
    )
    return {
        slot.key: Choice(
            slot, rules.binding_of(kept[slot.key]) if slot.key in kept else None,
            bool(kept.get(slot.key, {}).get("confirmed")), float(kept.get(slot.key, {}).get("trust", 0)), names,
        )
        for slot in edition.found
    }  # fmt: skip


class MapView(EditionPage):
    """The form as it is drawn, every slot a button; beside it what the chosen one is filled with."""

    template = "paperwork/map.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.edition()
        choices = choices_of(edition)
        chosen = request.GET.get("slot", "")
        first = next(
            (one for one in choices.values() if not one.confirmed), next(iter(choices.values()), None)
        )
        before = edition.form.editions.filter(pk__lt=edition.pk).order_by("-pk").first()
        return self.page(
            edition=edition, blocks=drawn(edition, choices), choices=choices, chosen=choices.get(chosen, first),
            may_bind=self.may_bind, before=before, difference=_difference(before, edition) if before else None,
            services=applications.services() if self.may_bind else {}, **_options(edition),
        )  # fmt: skip


def _difference(before: Edition, edition: Edition) -> dict[str, Sequence[str]]:
    """Labels that the new edition has and has no more."""
    old, new = [one.label for one in before.found], [one.label for one in edition.found]
    return {"new": [one for one in new if one not in old], "gone": [one for one in old if one not in new]}


def _options(edition: Edition) -> dict[str, Any]:
    service = edition.form.service
    groups: dict[str, list[Element]] = {
        "本次申请": list(applications.elements(service).values()), "学生": [], "教职工": [], "个人": [], "其他": [],
    }  # fmt: skip
    titles = {"student": "学生", "staff": "教职工", "person": "个人"}
    for name, element in sorted(declared().items(), key=lambda item: item[1].label):
        groups[titles.get(name.partition(".")[0], "其他")].append(element)
    return {"groups": groups, "styles": STYLES, "steps": applications.steps(service)}


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell of the drawing: words and the slots in it."""

    text: str
    rows: int
    columns: int
    choices: tuple[Choice, ...]


def drawn(edition: Edition, choices: dict[str, Choice]) -> list[dict[str, Any]]:
    """Lines and tables to be drawn by the template, in the form's own order."""
    form = producing.opened(edition)
    by_place: dict[str, list[Choice]] = {}
    for key, choice in choices.items():
        by_place.setdefault(key.partition("#")[0].rstrip("*"), []).append(choice)
    return [_drawn_block(block, by_place) for block in form.blocks]


def _drawn_block(block: Grid | Line, by_place: dict[str, list[Choice]]) -> dict[str, Any]:
    if isinstance(block, Line):
        return {"text": block.text, "choices": by_place.get(block.key, [])}
    rows: dict[int, list[DrawnCell]] = {}
    for cell in sorted(block.cells, key=lambda one: (one.row, one.column)):
        inner = [choice for one in cell.inner for part in one.cells for choice in by_place.get(part.key, [])]
        mine = (*by_place.get(cell.key, []), *inner)
        rows.setdefault(cell.row, []).append(DrawnCell(cell.text, cell.rows, cell.columns, mine))
    last = max(rows, default=-1)
    return {
        "rows": [rows.get(number, []) for number in range(last + 1)],
        "widths": block.widths,
        "name": block.name,
    }


class SlotView(EditionPage):
    """The panel of one slot."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self.edition()
        chosen = choices_of(edition).get(request.GET.get("slot", ""))
        if chosen is None:
            raise Http404
        context = {
            "actor": self.actor,
            "edition": edition,
            "chosen": chosen,
            "may_bind": self.may_bind,
            **_options(edition),
        }
        return render(request, "paperwork/slot.html", context)


class DecideView(EditionPage):
    """One slot decided; the page comes back with the next one that waits."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, given = self.edition(), request.POST
        address = f"/paperwork/editions/{edition.pk}/map/"
        try:
            if "service" in given:
                services.connect(edition.form, actor=self.actor, service=given["service"])
                return HttpResponseRedirect(address)
            if "all" in given:
                services.confirm_all(edition, actor=self.actor)
                messages.success(request, "已全部采用建议，没有建议的留给手填")
                return HttpResponseRedirect(address)
            services.bind(
                edition, actor=self.actor, slot=given.get("slot", ""), element=given.get("element", ""),
                text=given.get("text", ""), when=given.get("when", ""), style=given.get("style", ""),
                by_hand="by_hand" in given, is_required="is_required" in given, step=given.get("step", ""),
            )  # fmt: skip
        except Refused as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(f"{address}?slot={quote(given.get('slot', ''))}")
        return HttpResponseRedirect(address)
