"""Applying: the form that shrinks, its draft, handing in once; for oneself or, where the service allows it, for another."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow.offering import Service, service_named
from yanta.masterdata.models import StaffMember, Student
from yanta.systems.hall.models import Draft, Matter
from yanta.systems.hall.queries import catalogue
from yanta.systems.hall.services import handing_in
from yanta.systems.hall.views.asking import Asking, Sheet, asking_for, draft_values

LONGEST = 60_000
MARKED = "还没有提交，请改下面标出的地方。"


def service_or_404(key: str) -> Service:
    try:
        return service_named(key)
    except LookupError:
        raise Http404 from None


class ApplyView(PortalPage):
    """One service's form."""

    template = "hall/apply.html"
    service: Service
    applicant: Person

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.service = service_or_404(kwargs["key"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.person_id is None:
            return super().dispatch(request, *args, **kwargs)
        refusal = self.service.why_not(self.actor, on=timezone.localdate())
        if refusal:
            return HttpResponseRedirect(f"/hall/service/{self.service.key}/")
        self.applicant = self._applicant(request.GET.get("for") or request.POST.get("for") or "")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        asking = self._asking()
        draft = self._draft()
        # A link may bring what is already known: the room whose code was scanned, the class to be moved; it is meant now.
        sheet = asking.sheet((draft_values(draft.answers) if draft else {}) | request.GET.dict())
        return self._show(sheet, draft.token if draft else uuid4(), draft=draft)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        token = read_token(request.POST.get("token", ""))
        filled, sheet = self._asking().read(request.POST, request.FILES)
        if filled is None:
            return self._show(sheet, token, refusal="还有几处需要补充，已经标在下面。")
        try:
            matter = handing_in.hand_in(
                self.service, filled, actor=self.actor, applicant=self.applicant, token=token
            )
        except Refused as refusal:
            is_marked = sheet.mark(refusal.field, refusal.message)
            return self._show(sheet, token, refusal=MARKED if is_marked else refusal.message)
        return HttpResponseRedirect(f"/hall/mine/{matter.pk}/?sent=1")

    def _asking(self) -> Asking:
        found = asking_for(self.service, actor=self.actor, applicant=self.applicant)
        if found is None:
            raise Refused("这一事项不在这里受理")
        return found

    def _applicant(self, number: str) -> Person:
        me = Person.objects.get(pk=self.actor.person_id)
        if not number:
            if not self.service.is_for(self.actor):
                raise Refused(f"“{self.service.title}”需要说明替谁办理，请从事项页填写学号或工号")
            return me
        if not self.service.is_taken_for_others_by(self.actor):
            raise Refused(f"“{self.service.title}”须本人申请")
        return person_in_reach(self.actor, number)

    def _draft(self) -> Draft | None:
        return Draft.objects.filter(
            person_id=self.actor.person_id, service=self.service.key, about=self._about()
        ).first()

    def _about(self) -> int:
        return 0 if self.applicant.pk == self.actor.person_id else self.applicant.pk

    def _show(
        self, sheet: Sheet, token: UUID, *, draft: Draft | None = None, refusal: str = ""
    ) -> HttpResponse:
        for_other = self.applicant if self._about() else None
        materials = catalogue.materials_for(self.service, self.applicant.pk, on=timezone.localdate())
        return self.page(
            422 if refusal else 200, service=self.service, sheet=sheet, token=token, refusal=refusal, draft=draft,
            for_other=for_other, about=self._about(), materials=[one for one, known in materials if known is None],
        )  # fmt: skip


def person_in_reach(actor: Any, number: str) -> Person:
    """Whom a helper may act for: somebody of those the helper reaches anyway."""
    number = number.strip()
    students = Student.objects.visible_to(actor).filter(number=number).values("person_id")
    staff = StaffMember.objects.visible_to(actor).filter(number=number).values("person_id")
    found = Person.objects.filter(Q(pk__in=students) | Q(pk__in=staff)).first()
    if found is None:
        raise Refused(f"您的管理范围内没有学号或工号是 {number} 的人")
    return found


def read_token(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("页面已过期，请刷新后重新提交；已填的内容在草稿里") from None


class DraftView(PortalPage):
    """What is typed, kept on the server; whoever comes with an older revision is told, not overwritten."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        service_key = key if key.startswith("affair:") else service_or_404(key).key
        sent = _sent(request)
        with transaction.atomic():
            kept = Draft.objects.select_for_update().filter(
                person_id=self.actor.person_id, service=service_key, about=sent["about"]
            ).first()  # fmt: skip
            if Matter.objects.filter(token=sent["token"]).exists():
                return JsonResponse({"handed_in": True}, status=410)
            if kept is not None and kept.revision > sent["revision"] and not sent["force"]:
                return JsonResponse({"revision": kept.revision, "answers": kept.answers}, status=409)
            draft = kept or Draft(
                person_id=self.actor.person_id, service=service_key, about=sent["about"], token=sent["token"]
            )
            draft.answers, draft.revision = sent["answers"], draft.revision + 1
            draft.save()
        return JsonResponse({"revision": draft.revision, "token": str(draft.token)})


class DropDraftView(PortalPage):
    """Begin anew."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        Draft.objects.filter(person_id=self.actor.person_id, service=key).delete()
        return HttpResponseRedirect(
            request.POST.get("back", "") if request.POST.get("back", "").startswith("/hall/") else "/hall/"
        )


def _sent(request: HttpRequest) -> dict[str, Any]:
    """The body of a draft, bounded."""
    if len(request.body) > LONGEST:
        raise Refused("草稿太长，没有保存到服务器；这台设备上还有")
    try:
        sent = json.loads(request.body)
        answers = sent["answers"]
        token, revision, about = UUID(sent["token"]), int(sent["revision"]), int(sent.get("about") or 0)
    except (ValueError, KeyError, TypeError):
        raise Refused("草稿的格式不对") from None
    if not isinstance(answers, dict) or not all(isinstance(one, list) for one in answers.values()):
        raise Refused("草稿的格式不对")
    return {
        "answers": answers, "token": token, "revision": revision, "about": about, "force": bool(sent.get("force")),
    }  # fmt: skip
