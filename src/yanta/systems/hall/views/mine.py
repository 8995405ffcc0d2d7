"""我的办件: what I asked for, how far it is, what I may do, what I have to say of it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.kernel import workflow
from yanta.kernel.base import Refused
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow.models import WorkItem
from yanta.kernel.workflow.offering import Service, service_named
from yanta.kernel.workflow.papers import papers_of
from yanta.systems.hall import services
from yanta.systems.hall.models import Affair, Draft, Matter, Rating
from yanta.systems.hall.queries import mine
from yanta.systems.hall.services import handing_in
from yanta.systems.hall.views.asking import Asking, asking_for

SHOWN = 20
TABS = {"": "全部", "open": "办理中", "rate": "待评价", "over": "已结束", "draft": "草稿"}


class MineView(PortalPage):
    """All my matters, whichever system keeps them."""

    template = "hall/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("tab", "")
        rows, person_id = mine.of_person(self.actor.person_id), self.actor.person_id
        counts = {"open": mine.under_way(person_id).count(), "rate": mine.to_rate(person_id).count()}
        kept: dict[str, dict[str, Any]] = {
            "open": {"state__in": Matter.UNDER_WAY}, "over": {"ended_at__isnull": False},
            "rate": {"pk__in": mine.to_rate(person_id).values("pk")},
        }  # fmt: skip
        drafts = [
            (one, _service(one.service))
            for one in Draft.objects.filter(person_id=person_id).order_by("-updated_at")[:SHOWN]
        ]
        page = Paginator(rows.filter(**kept.get(tab, {})), SHOWN).get_page(request.GET.get("page"))
        return self.page(
            tab=tab, tabs=TABS, counts={**counts, "draft": len(drafts)}, rows=page, drafts=drafts, affairs=list(
                Affair.objects.filter(applicant_id=person_id).prefetch_related("matters")[:3]
            ) if not tab else [],
        )  # fmt: skip


def _service(key: str) -> Service | None:
    try:
        return service_named(key)
    except LookupError:
        return None


class MatterPage(PortalPage):
    """A page about one matter, for whom it concerns."""

    matter: Matter

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None:
            rows = Matter.objects.select_related(
                "department", "applicant", "handed_in_by", "instance", "version__design", "affair"
            )
            found = rows.annotate(awaits_mending=mine.AWAITS_MENDING).filter(pk=kwargs["pk"]).first()
            if found is None or not mine.is_shown_to(found, self.actor):
                raise Http404("没有这个办件，或它与您无关")
            self.matter = found
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_mine(self) -> bool:
        return self.matter.applicant_id == self.actor.person_id


class MatterView(MatterPage):
    """Where it stands on one line, who has it, what I can do; the trace below."""

    template = "hall/matter.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show()

    def show(self, refusal: str = "") -> HttpResponse:
        matter, service = self.matter, _service(self.matter.service)
        rating = Rating.objects.filter(matter=matter).first() if self.is_mine else None
        return self.page(
            422 if refusal else 200, matter=matter, service=service, stages=mine.stages(matter), history=mine.history(matter),
            answers=mine.answers_of(matter), rating=rating, refusal=refusal, is_mine=self.is_mine, verbs=self._verbs(),
            may_rate=self.is_mine and matter.ended_at is not None and rating is None and matter.state != Matter.State.WITHDRAWN,
            subject_url=matter.instance.link if matter.instance and not matter.version_id else "", stars=Rating.Stars.choices,
            sent=self.request.GET.get("sent"), mend_url=self._mend_url(), turn=self._turn(),
            papers=papers_of(matter.instance, self.actor),
        )  # fmt: skip

    def _verbs(self) -> list[Any]:
        """What the applicant may do to a process that is under way."""
        if self.matter.instance is None or not self.is_mine:
            return []
        offered = workflow.choices(self.matter.instance, self.actor)
        return [one for one in offered if one.verb in (workflow.Verb.WITHDRAW, workflow.Verb.URGE)]

    def _turn(self) -> WorkItem | None:
        """The step that asks the applicant: to confirm, to sign; not what was sent back."""
        items = WorkItem.objects.filter(instance=self.matter.instance_id, person_id=self.actor.person_id)
        return items.filter(state=WorkItem.State.TODO).exclude(kind=WorkItem.Kind.RESUBMIT).first()

    def _mend_url(self) -> str:
        """Where what was sent back is mended: in its form, or in the step of its process; empty if it was not."""
        item = open_resubmission(self.matter, self.actor.person_id)
        if item is None:
            return ""
        return (
            f"/hall/mine/{self.matter.pk}/mend/" if self.matter.version_id else f"/workflow/items/{item.pk}/"
        )


def open_resubmission(matter: Matter, person_id: int | None) -> WorkItem | None:
    """The to-do of an applicant whose matter was sent back."""
    items = WorkItem.objects.filter(
        instance_id=matter.instance_id, person_id=person_id, state=WorkItem.State.TODO
    )
    found: WorkItem | None = items.filter(kind=WorkItem.Kind.RESUBMIT).first() if matter.instance_id else None
    return found


class ActView(MatterView):
    """Take back, urge: the applicant's verbs."""

    def post(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        if self.matter.instance is None or verb not in ("withdraw", "urge"):
            raise Http404
        try:
            workflow.act(
                self.matter.instance, verb, actor=self.actor, opinion=request.POST.get("opinion", "")
            )
        except Refused as refusal:
            return self.show(refusal.message)
        return HttpResponseRedirect(f"/hall/mine/{pk}/")


class RateView(MatterView):
    """好差评."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        stars = request.POST.get("stars", "")
        if stars not in {str(one) for one in Rating.Stars.values}:
            return self.show("请先点选星级")
        try:
            services.rating.rate_own(
                self.matter, stars=int(stars), text=request.POST.get("text", ""), actor=self.actor
            )
        except Refused as refusal:
            return self.show(refusal.message)
        return HttpResponseRedirect(f"/hall/mine/{pk}/")


class MendView(MatterPage):
    """A matter that was sent back: the same form, filled as it was, goes on where the process says."""

    template = "hall/apply.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._asking().sheet(self.matter.answers.get("values", {})))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        filled, sheet = self._asking().read(request.POST, request.FILES)
        if filled is None:
            return self._show(sheet, "还有几处需要补充，已经标在下面。")
        try:
            handing_in.hand_in_mended(self.matter, filled, item=self._item(), actor=self.actor)
        except Refused as refusal:
            return self._show(sheet, refusal.message)
        return HttpResponseRedirect(f"/hall/mine/{pk}/?sent=1")

    def _item(self) -> WorkItem:
        item = open_resubmission(self.matter, self.actor.person_id)
        if item is None or self.matter.version is None:
            raise Refused("这个办件没有退回补正")
        return item

    def _asking(self) -> Asking:
        self._item()
        found = asking_for(
            service_named(self.matter.service), actor=self.actor, applicant=self.matter.applicant
        )
        if found is None:
            raise Refused("这一事项已经停办，请联系主管部门")
        return found

    def _show(self, sheet: Any, refusal: str = "") -> HttpResponse:
        return self.page(
            422 if refusal else 200, service=service_named(self.matter.service), sheet=sheet, refusal=refusal, draft=None, about=0,
            token=self.matter.token, mending=self.matter, materials=[],
        )  # fmt: skip
