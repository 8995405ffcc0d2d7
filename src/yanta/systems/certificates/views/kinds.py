"""The owner writes the text and sees the paper."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.elements import declared
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.certificates import services
from yanta.systems.certificates.adapters import typesetting
from yanta.systems.certificates.models import Certificate, Kind
from yanta.systems.certificates.queries import filling
from yanta.systems.certificates.rules import limits, wording
from yanta.systems.certificates.services import editing, issuing


class AboutKind(PortalPage):
    """A kind within the actor's reach."""

    def found(self, pk: int) -> Kind:
        found: Kind | None = Kind.objects.visible_to(self.actor).select_related("unit").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class TextView(AboutKind):
    """Text at the left, paper at the right; every problem is named before it is kept."""

    template = "certificates/text.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._shown(self.found(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        kind, given = self.found(pk), request.POST
        try:
            services.write(
                kind, actor=self.actor, title=given.get("title", ""), body=given.get("body", "").replace("\r\n", "\n"),
                closing=given.get("closing", ""),
            )  # fmt: skip
        except Refused as refusal:
            kind.title, kind.body, kind.closing = (
                given.get("title", ""),
                given.get("body", ""),
                given.get("closing", ""),
            )
            return self._shown(kind, 422, refusal.message)
        return HttpResponseRedirect(request.path)

    def _shown(self, kind: Kind, status: int = 200, refusal: str = "") -> HttpResponse:
        offered = [one for one in declared().values() if one.kind != "photo"]
        groups: dict[str, list[Any]] = {}
        for one in offered:
            groups.setdefault(one.owner or "学校", []).append(one)
        return self.page(
            status, kind=kind, refusal=refusal, groups=groups, problems=editing.problems_of(kind.body),
            may_edit=self.actor.may(services.write.permission), version=f"{kind.updated_at:%H%M%S}",
        )  # fmt: skip


class SampleView(AboutKind):
    """The paper with the names of the elements in place of values: nobody's data."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        kind, today = self.found(pk), timezone.localdate()
        offered = declared()
        wanted = wording.elements_of(wording.blocks_in(kind.body))
        texts = {name: f"〔{offered[name].label}〕" for name in wanted if name in offered}
        rows = {
            name: [{column.name: column.label for column in offered[name].columns}] * 3
            for name in wanted
            if name in offered and offered[name].kind == "rows"
        }
        draft = Certificate(kind=kind, purpose="〔用途〕", valid_to=limits.valid_to(today, kind.valid_days))
        paper = filling.paper_of(kind, filling.Filled(texts=texts, rows=rows), issuing.own_of(draft, today))
        picture = typesetting.pictures_of(paper, ppi=80)[0]
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, no-store"})
