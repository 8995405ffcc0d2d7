"""A file on screen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from yanta.kernel.portal.pages import PortalPage
from yanta.systems.dossiers import services
from yanta.systems.dossiers.models import Dossier, Loan
from yanta.systems.dossiers.queries import reading
from yanta.systems.dossiers.services import lending


class DossierPage(PortalPage):
    """A file that the actor may read on some ground; every look of others is noted."""

    template = "dossiers/dossier.html"

    def opened(self, pk: int) -> tuple[Dossier, lending.Pass]:
        found = Dossier.objects.select_related("person", "unit").filter(pk=pk).first()
        ground = lending.pass_of(found, self.actor) if found else None
        if found is None or ground is None:
            raise Http404("没有这份档案，或您无权查看；需要时请申请借阅")
        return found, ground

    def note(self, found: Dossier, ground: lending.Pass, what: str) -> None:
        if not ground.is_own:
            lending.note_reading(found, self.actor, ground.basis, what)

    def shown(self, found: Dossier, ground: lending.Pass, status: int = 200, **more: Any) -> HttpResponse:
        stages = reading.stages_of(found, ground.periods)
        mine = Dossier.objects.filter(person_id=found.person_id).order_by("kind") if ground.is_own else []
        context = {
            "dossier": found, "ground": ground, "stages": stages, "mine": mine, "versions": reading.versions_before(found),
            "readings": found.readings.order_by("-pk")[:20] if ground.is_own else [],
            "loans": found.loans.filter(state=Loan.State.GRANTED).select_related("borrower") if ground.is_own else [],
            "inspection": found.inspections.order_by("-pk").first(), "secrecy": reading.SECRECY, "shown_on": {}, **more,
            "may_inspect": ground.is_own or self.actor.may(services.inspect.permission), "count": sum(len(one.entries) for one in stages),
            "lacks": [lack for one in stages for lack in one.lacks],
        }  # fmt: skip
        return self.page(status, **context)


class OwnView(DossierPage):
    """My own file; who is both student and staff has two."""

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = (
            Dossier.objects.filter(person_id=self.actor.person_id or 0)
            .select_related("person", "unit")
            .order_by("kind")
        )
        wanted = [one for one in rows if one.kind == request.GET.get("kind", "")] or list(rows)
        if not wanted:
            return self.page(dossier=None)
        return self.shown(
            wanted[0],
            lending.Pass("本人", tuple(services.collecting.period_names(wanted[0].kind)), is_own=True),
        )


class DossierView(DossierPage):
    """Another's, or one's own by its number."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, ground = self.opened(pk)
        self.note(
            found,
            ground,
            f"查看目录：{'、'.join(one.title for one in reading.stages_of(found, ground.periods))}",
        )
        return self.shown(found, ground)
