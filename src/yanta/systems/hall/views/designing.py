"""The form designer: the draft, what keeps it from being published, and how a certain person would see it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from yanta.kernel.base import Refused, elements
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource import resource_of, writing
from yanta.systems.hall.models import Design, Version
from yanta.systems.hall.queries import designed, mine
from yanta.systems.hall.rules import forms
from yanta.systems.hall.services import designing
from yanta.systems.hall.views.applying import person_in_reach
from yanta.systems.hall.views.asking import DesignedAsking


class DesignPage(PortalPage):
    """A page about one design, for whoever may edit it."""

    design: Design

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        resource = resource_of(Design)
        if self.actor.account_id is not None and resource is not None:
            self.design = writing.row_for(resource, self.actor, kwargs["pk"], "edit")
        return super().dispatch(request, *args, **kwargs)


class DesignerView(DesignPage):
    """Fields by tap or drag; every change is kept as the draft."""

    template = "hall/designer.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        declared = sorted(elements.declared().values(), key=lambda one: one.name)
        return self.page(
            design=self.design, schema=self.design.layout or {"parts": []}, kinds=forms.KINDS, version=self.design.versions.first(),
            elements=[{"name": one.name, "label": one.label, "owner": one.owner} for one in declared if one.kind not in ("photo", "rows")],
            faults=designing.faults_of(self.design.layout) if self.design.layout else [],
            may_publish=self.actor.may(designing.publish.permission),
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            designing.draw(self.design, json.loads(request.body), actor=self.actor)
        except ValueError:
            return JsonResponse({"message": "内容读不懂，没有保存"}, status=400)
        except Refused as refusal:
            return JsonResponse({"message": refusal.message}, status=409)
        return JsonResponse({"faults": designing.faults_of(self.design.layout)})


class PreviewView(DesignPage):
    """The draft as somebody would see it; nothing is stored."""

    template = "hall/preview.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        number = request.GET.get("number", "").strip()
        person = person_in_reach(self.actor, number) if number else mine.person(self.actor.person_id)
        faults = designing.faults_of(self.design.layout)
        if faults:
            raise Refused("表单还不能预览：" + "；".join(faults))
        draft = Version(design=self.design, number=0, layout=self.design.layout)
        service = designed.service_of(self.design)
        asking = DesignedAsking(service, draft, actor=self.actor, applicant=person)
        return self.page(design=self.design, service=service, person=person, sheet=asking.sheet())
