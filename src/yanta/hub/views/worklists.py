"""Rows that were held back, pairs in doubt, corrections: one at a time, decided on the spot."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub import queries, rules, services
from yanta.hub.elements import ELEMENTS
from yanta.hub.models import Correction, DoubtfulPair, QuarantinedRow
from yanta.hub.services.replays import layout_of
from yanta.hub.views.runs import HubPage
from yanta.kernel.base import Refused, ciphers

COMPARED = (
    "name", "former_name", "sex", "birth_on", "id_no", "phone", "home_phone", "email", "org_name", "staff_no", "ug_no",
    "grad_no", "former_ug_no", "exam_no", "major_name", "class_name", "bank_account", "address", "entry_year", "status",
)  # fmt: skip


class QuarantineView(HubPage):
    """The original row with its reason; cells are put right in place."""

    template = "hub/quarantined.html"
    permission = "hub.quarantinedrow.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._item(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = self._item(pk)
        labels = layout_of(item.row)
        original = queries.payload_of(item.row)["original"]
        given = {label: request.POST.get(f"cell_{place}", "").strip() for place, label in enumerate(labels)}
        changed = {label: value for label, value in given.items() if value != original.get(label, "").strip()}
        try:
            if "dismiss" in request.POST:
                services.dismiss(
                    item, actor=self.actor, reason=request.POST.get("reason", "").strip() or "不是本校人员"
                )
            else:
                services.correct(item, actor=self.actor, cells=orjson.dumps(changed).decode())
        except Refused as refusal:
            return self._show(item, refusal)
        following = self._open().filter(pk__gt=item.pk).first()
        messages.success(request, f"已记下：{item.get_state_display()}")
        return HttpResponseRedirect(
            f"/hub/quarantine/{following.pk}/" if following else "/hub/quarantinedrow/"
        )

    def _item(self, pk: int) -> QuarantinedRow:
        rows = QuarantinedRow.objects.visible_to(self.actor).select_related("row__source", "run")
        return get_object_or_404(rows, pk=pk)

    def _open(self) -> QuerySet[QuarantinedRow]:
        rows: QuerySet[QuarantinedRow] = (
            QuarantinedRow.objects.visible_to(self.actor).filter(state="open").order_by("pk")
        )
        return rows

    def _show(self, item: QuarantinedRow, refusal: Refused | None = None) -> HttpResponse:
        original = queries.payload_of(item.row)["original"]
        corrected = orjson.loads(ciphers.unseal(bytes(item.corrected))) if item.corrected else {}
        cells = [
            (label, original.get(label, ""), corrected.get(label, original.get(label, "")))
            for label in layout_of(item.row)
        ]
        return self.page(
            422 if refusal else 200, item=item, cells=cells, refusal=refusal, waiting=self._open().count(),
            may=item.state in ("open", "corrected") and self.actor.may(services.correct.permission),
        )  # fmt: skip


class DoubtView(HubPage):
    """Two rows side by side, what differs marked, why the engine hesitates; s, d and l decide."""

    template = "hub/doubt.html"
    permission = "hub.doubtfulpair.view"
    verbs = {"same": services.decide_same, "different": services.decide_different}

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if pk is None:
            first = self._open().first()
            return HttpResponseRedirect(f"/hub/doubts/{first.pk}/" if first else "/hub/doubtfulpair/")
        pair = get_object_or_404(DoubtfulPair.objects.select_related("left__source", "right__source"), pk=pk)
        return self.page(
            pair=pair,
            facts=_compared(pair),
            waiting=self._open().count(),
            may=self.actor.may("hub.doubtfulpair.decide_same"),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        pair = get_object_or_404(DoubtfulPair, pk=pk)
        verdict = request.POST.get("verdict", "later")
        if verdict in self.verbs:
            self.verbs[verdict](pair, actor=self.actor, reason=request.POST.get("reason", ""))
        else:
            services.put_off(pair, actor=self.actor)
        following = self._open().exclude(pk=pk).first()
        return HttpResponseRedirect(f"/hub/doubts/{following.pk}/" if following else "/hub/doubtfulpair/")

    def _open(self) -> QuerySet[DoubtfulPair]:
        due = Q(put_off_until=None) | Q(put_off_until__lte=timezone.localdate())
        return DoubtfulPair.objects.filter(due, state=DoubtfulPair.State.OPEN).order_by("-score", "pk")


def _compared(pair: DoubtfulPair) -> list[tuple[str, str, str, str]]:
    """Label, left, right and whether they agree, differ or cannot be compared."""
    from yanta.hub.schema import LABELS

    left, right = (queries.payload_of(row)["clean"] or {} for row in (pair.left, pair.right))
    facts = []
    for name in COMPARED:
        one, other = str(left.get(name) or ""), str(right.get(name) or "")
        if one or other:
            mark = "alone" if not (one and other) else "same" if one == other else "differs"
            facts.append((LABELS[name], _shown(name, one), _shown(name, other), mark))
    return facts


def _shown(name: str, value: str) -> str:
    if name in ("id_no", "phone", "bank_account", "home_phone"):
        return rules.as_shown(name, value)
    return queries.wording(ELEMENTS[name], value) if name in ELEMENTS else value


class CorrectionView(HubPage):
    """What stands, what is said to be right, who says otherwise; the owning department decides."""

    template = "hub/correction.html"
    permission = "hub.correction.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._found(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        correction, note = self._found(pk), request.POST.get("note", "").strip()
        try:
            if "accept" in request.POST:
                services.accept(correction, actor=self.actor, note=note)
            elif not note:
                raise Refused("请写明不予核准的理由，会告诉提出人", field="note")
            else:
                services.refuse(correction, actor=self.actor, reason=note)
        except Refused as refusal:
            return self._show(correction, refusal)
        messages.success(
            request, "已核准，写回源头并处处生效" if "accept" in request.POST else "已答复提出人"
        )
        return HttpResponseRedirect("/hub/correction/?state=open")

    def _found(self, pk: int) -> Correction:
        rows = Correction.objects.visible_to(self.actor).select_related("person", "owner", "evidence")
        return get_object_or_404(rows, pk=pk)

    def _show(self, correction: Correction, refusal: Refused | None = None) -> HttpResponse:
        element = ELEMENTS[correction.element]
        mine = correction.person_id == self.actor.person_id
        said: list[Any] = queries.record_of(correction.person, with_others=not mine)
        view = next((one for one in said if one.element == element), None)
        may = correction.state == "open" and not mine and self.actor.may(services.accept.permission)
        current, proposed = (
            services.read_in_full(correction, actor=self.actor) if may or mine
            else [queries.ends_of(correction, one) for one in (correction.current, correction.proposed)]
        )  # fmt: skip
        return self.page(
            422 if refusal else 200, correction=correction, element=element, view=view, refusal=refusal,
            current=current, proposed=proposed, may=may,
        )  # fmt: skip
