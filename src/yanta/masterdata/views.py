"""Pages that no declaration can express: how far the first activation is, and the slips of a class."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity import handing_out
from yanta.kernel.identity.models import OneTimeCode
from yanta.kernel.jobs import start
from yanta.kernel.operation import Operation
from yanta.kernel.portal.pages import PortalPage
from yanta.masterdata import activating
from yanta.masterdata.models import AdminClass

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 120
VERBS: dict[str, Operation[..., str]] = {"hand_out": handing_out.hand_out, "remind": handing_out.remind}


class ActivationPage(PortalPage):
    """For whoever may see codes for activation, each within their own part."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(activating.VIEW):
            raise NotAllowed("激活进度给信息中心和单位、班级管理员看", rule=activating.VIEW)
        return super().dispatch(request, *args, **kwargs)

    @property
    def may_hand_out(self) -> bool:
        return self.actor.may(handing_out.hand_out.permission)


class ActivationProgressView(ActivationPage):
    """How many of a grade have activated, by college, class or counsellor."""

    template = "masterdata/activation.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        grades = activating.grades(self.actor)
        grade = _number(request.GET.get("grade", ""), grades) or (grades[0] if grades else 0)
        college = _whole(request.GET.get("college", ""))
        asked = request.GET.get("by", "")
        way = asked if asked in activating.WAYS else "class" if college or not self._is_wide else "college"
        lines = activating.progress(self.actor, grade=grade, way=way, college=college)
        return self.page(
            grades=grades, grade=grade, way=way, college=college, lines=lines[:SHOWN], count=len(lines),
            ways=[(key, title) for key, (title, _) in activating.WAYS.items()], may_hand_out=self.may_hand_out,
            total=sum(line.total for line in lines), active=sum(line.active for line in lines),
            waiting=sum(line.waiting for line in lines), holding=sum(line.holding for line in lines),
            stopped=sum(line.stopped for line in lines),
        )  # fmt: skip

    @property
    def _is_wide(self) -> bool:
        reach = self.actor.reach(activating.VIEW)
        return reach.everything or bool(reach.paths)

    def post(self, request: HttpRequest) -> HttpResponse:
        from yanta.masterdata.jobs import hand_out_codes

        if not self.may_hand_out:
            raise NotAllowed("您没有发放激活码的权限", rule=handing_out.hand_out.permission)
        grade = _number(request.POST.get("grade", ""), activating.grades(self.actor))
        if not grade:
            raise Refused("没有这个年级")
        run = start(
            hand_out_codes, actor=self.actor, grade=grade, college=_whole(request.POST.get("college", ""))
        )
        return HttpResponseRedirect(f"/jobs/{run.pk}/")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _number(text: str, known: list[int]) -> int | None:
    found = _whole(text)
    return found if found in known else None


class ClassActivationView(ActivationPage):
    """One class: who has not yet, with the verbs of the hand-out."""

    template = "masterdata/class_activation.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        admin_class, members = self._class(pk)
        waiting = [one for one in members if one.state == "pending"]
        return self.page(
            admin_class=admin_class, members=members, waiting=len(waiting), now=timezone.now(),
            holding=sum(one.code_id is not None for one in waiting), may_hand_out=self.may_hand_out,
            may_read=self.actor.may(handing_out.read_codes.permission),
        )  # fmt: skip

    def _class(self, pk: int) -> tuple[AdminClass, list[activating.Member]]:
        admin_class = get_object_or_404(AdminClass.objects.select_related("department"), pk=pk)
        members = activating.members_of(admin_class, self.actor)
        if not members:
            raise Http404
        return admin_class, members

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        admin_class, _members = self._class(pk)
        verb = VERBS.get(request.POST.get("verb", ""))
        if verb is None:
            raise Http404
        try:
            messages.success(request, verb(actor=self.actor, circle=activating.circle_of(admin_class)))
        except NotAllowed:
            raise
        except Refused as refusal:
            messages.error(request, refusal.message)
        return HttpResponseRedirect(request.path)


class ClassCodesView(ClassActivationView):
    """The slips, to be printed and cut, or a sheet; whoever opens them stands in the audit trail."""

    template = "masterdata/class_codes.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return HttpResponseRedirect(f"/activation/class/{pk}/")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        admin_class, _members = self._class(pk)
        codes: list[OneTimeCode] = handing_out.read_codes(
            actor=self.actor, circle=activating.circle_of(admin_class)
        )
        slips = activating.slips(admin_class, codes)
        if request.POST.get("as") == "xlsx":
            answer = HttpResponse(activating.workbook(admin_class, slips), content_type=EXCEL_TYPE)
            name = quote(f"{admin_class.name}激活码.xlsx")
            answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        else:
            answer = self.page(admin_class=admin_class, slips=slips, address=activating.address())
        answer["Cache-Control"] = "no-store"
        return answer
