"""一件事: every question once, then several matters side by side, and one page for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow.offering import Bundle, Service, bundles
from yanta.systems.hall.models import Affair, Matter
from yanta.systems.hall.queries import mine
from yanta.systems.hall.services import affairs
from yanta.systems.hall.views.applying import read_token
from yanta.systems.hall.views.asking import Asking, Field, Group, Sheet, asking_for


class AffairView(PortalPage):
    """The union of the forms of several services."""

    template = "hall/affair.html"
    bundle: Bundle
    services: list[Service]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = next((pair for pair in bundles() if pair[0].key == kwargs["key"]), None)
        if found is None:
            raise Http404
        self.bundle, self.services = found

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        askings = self._askings(set())
        return self._show({key: one.sheet() for key, one in askings.items()}, uuid4(), set())

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        token, left_out = read_token(request.POST.get("token", "")), self._left_out(request.POST)
        askings = self._askings(left_out)
        data = completed(request.POST, {key: one.sheet() for key, one in askings.items()})
        read = {key: one.read(data, request.FILES) for key, one in askings.items()}
        sheets = {key: sheet for key, (_, sheet) in read.items()}
        if any(filled is None for filled, _ in read.values()):
            return self._show(sheets, token, left_out, "还有几处需要补充，已经标在下面。")
        chosen = [(one, read[one.key][0]) for one in self.services if one.key in read]
        try:
            affair = affairs.hand_in(
                self.bundle,
                [(one, filled) for one, filled in chosen if filled],
                actor=self.actor,
                token=token,
            )
        except Refused as refusal:
            return self._show(sheets, token, left_out, refusal.message)
        return HttpResponseRedirect(f"/hall/affairs/{affair.pk}/?sent=1")

    def _left_out(self, data: QueryDict) -> set[str]:
        return {key for key in self.bundle.optional if data.get(f"with-{key}") != "true"}

    def _askings(self, left_out: set[str]) -> dict[str, Asking]:
        me, today = mine.person(self.actor.person_id), timezone.localdate()
        found = {}
        for number, one in enumerate(self.services):
            if one.key in left_out or one.why_not(self.actor, on=today):
                continue
            asking = asking_for(one, actor=self.actor, applicant=me, prefix=f"s{number}")
            if asking is not None:
                found[one.key] = asking
        if not found:
            raise Refused(f"“{self.bundle.title}”里没有您现在能办的事项")
        return found

    def _show(
        self, sheets: dict[str, Sheet], token: UUID, left_out: set[str], refusal: str = ""
    ) -> HttpResponse:
        today = timezone.localdate()
        closed = {one.key: one.why_not(self.actor, on=today) for one in self.services}
        union = united(self.services, sheets)
        return self.page(
            422 if refusal else 200, bundle=self.bundle, services=self.services, union=union, token=token, refusal=refusal,
            closed=closed, left_out=left_out, asked=sum(len(group.fields) for _, group in union.groups),
        )  # fmt: skip


@dataclass(slots=True)
class Union:
    """What is known, each once; what is asked, each at the first service that asks.

    `same`: what need not be asked again, by the name that stands on the page; conditions of later services look there.
    """

    known: dict[str, Field] = field(default_factory=dict)
    groups: list[tuple[Service, Group]] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    spared: int = 0

    def is_new(self, one: Field) -> bool:
        if one.kind in ("file", "signature"):
            return True
        first = self.asked.setdefault(one.key, one.name)
        if first != one.name:
            self.same[one.name] = first
            self.spared += 1
        return first == one.name


def united(services: list[Service], sheets: dict[str, Sheet]) -> Union:
    """The forms of several services as one."""
    found = Union()
    for service in (one for one in services if one.key in sheets):
        for one in sheets[service.key].known:
            first = found.known.setdefault(one.key, one)
            if first is not one:
                found.same[one.name] = first.name
        for group in sheets[service.key].groups:
            group.fields, group.title = [one for one in group.fields if found.is_new(one)], service.title
            if group.fields or group.rows:
                found.groups.append((service, group))
    return found


def completed(data: QueryDict, sheets: dict[str, Sheet]) -> QueryDict:
    """The answer to a question that was put once, given to every service that asks it."""
    whole, first = data.copy(), dict[str, str]()
    for sheet in sheets.values():
        for group in sheet.groups:
            for one in group.fields:
                if one.key in first and one.kind not in ("file", "signature"):
                    whole.setlist(one.name, data.getlist(first[one.key]))
                first.setdefault(one.key, one.name)
    return whole


class AffairProgressView(PortalPage):
    """All matters of one 一件事 on one page."""

    template = "hall/affair_progress.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        affair = Affair.objects.filter(pk=pk, applicant_id=self.actor.person_id).first()
        if affair is None:
            raise Http404("没有这件事，或它与您无关")
        rows = list(
            Matter.objects.filter(affair=affair)
            .select_related("department", "applicant", "instance")
            .order_by("pk")
        )
        over = [one for one in rows if not one.is_under_way]
        return self.page(
            affair=affair, lines=[(one, mine.stages(one)) for one in rows], over=len(over), sent=request.GET.get("sent"),
            saved=sum(one.saved for one in rows),
        )  # fmt: skip
