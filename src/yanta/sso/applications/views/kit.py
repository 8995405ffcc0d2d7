"""The test kit of an application: endpoints, configurations to copy, and why its last requests failed; its logo."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.files import storing
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.records import reaches
from yanta.sso.applications import access, protocols
from yanta.sso.applications.models import Application
from yanta.sso.applications.people import releases_of
from yanta.sso.applications.resources import ApplicationResource
from yanta.sso.applications.services import refusal_to_change

SHOWN = 25


class AboutApplication(PortalPage):
    """A page about one application within reach."""

    def application(self, pk: int, verb: str = "view") -> Application:
        found = (
            ApplicationResource()
            .visible_to(self.actor, verb)
            .select_related("owner", "contact")
            .filter(pk=pk)
            .first()
        )
        if found is None:
            raise OutOfScope("没有这个应用，或它不在您的管理范围内")
        app: Application = found
        return app


class KitView(AboutApplication):
    """Everything that who connects an application needs, and what went wrong of late, in words."""

    template = "applications/kit.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        app = self.application(pk)
        return self.page(
            app=app, kits=protocols.kits_of(app), settings=protocols.settings_of(app),
            protocols=protocols.protocols() if reaches(ApplicationResource(), app, self.actor, "edit") else [],
            releases=releases_of(app), terms=access.terms_of(app), last=_last(app),
        )  # fmt: skip


def _last(app: Application) -> list[Any]:
    return list(app.decisions.select_related("account").order_by("-at")[:SHOWN])


class LogoView(AboutApplication):
    """Another logo; only the picture itself is kept."""

    template = "applications/logo.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(app=self.application(pk, "edit"), refusal="")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        app = self.application(pk, "edit")
        given = request.FILES.get("logo")
        try:
            refusal = refusal_to_change(app, self.actor)
            if refusal or given is None:
                raise Refused(refusal or "请选择一张图片")
            app.logo = storing.store(
                given.name or "logo.png", given, actor=self.actor, purpose="applications.logo", allow=("png", "jpg"),
                megabytes=1, org_unit=app.owner,
            )  # fmt: skip
        except Refused as told:
            return self.page(422, app=app, refusal=told.message)
        app.save(update_fields=["logo", "updated_at"])
        record("applications.application.edit", actor=self.actor, subject=app, summary="更换标志")
        return HttpResponseRedirect(f"/applications/application/{app.pk}/")
