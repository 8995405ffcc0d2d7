"""Our metadata for everybody, and the page that takes an application's."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.views.decorators.http import require_GET

from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.sso.applications.views.kit import AboutApplication
from yanta.sso.saml import arriving, keys, metadata, services
from yanta.sso.saml.documents import written

LONGEST_FILE = 1024 * 1024


@require_GET
def own_metadata(request: HttpRequest) -> HttpResponse:
    """Signed, and with the keys that will sign and those that did until lately."""
    top = OrgUnit.objects.filter(depth=1).order_by("path").first()
    us = metadata.Ourselves(
        arriving.entity_id(), top.name if top else settings.SSO_SCOPE, settings.SITE_ADDRESS, scope=settings.SSO_SCOPE,
        sign_on=arriving.here("sso"), logout=arriving.here("slo"),
    )  # fmt: skip
    made = metadata.of_identity_provider(us, keys.current(), keys.published(), at=timezone.now())
    return HttpResponse(written(made), content_type="application/samlmetadata+xml; charset=utf-8")


class MetadataView(AboutApplication):
    """Metadata pasted or as a file becomes the registration."""

    template = "saml/metadata.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._asked(_number(request.GET))

    def post(self, request: HttpRequest) -> HttpResponse:
        pk = _number(request.POST)
        app = self.application(pk, "edit")
        try:
            services.import_metadata(
                application=app, metadata_xml=_given(request), entity_id=request.POST.get("entity_id", "").strip(), actor=self.actor
            )  # fmt: skip
        except Refused as refusal:
            return self._asked(pk, refusal)
        return HttpResponseRedirect(f"/applications/application/{app.pk}/kit/")

    def _asked(self, pk: int, refusal: Refused | None = None) -> HttpResponse:
        typed, entity = self.request.POST.get("metadata", ""), self.request.POST.get("entity_id", "")
        return self.page(
            422 if refusal else 200, app=self.application(pk, "edit"), refusal=refusal.message if refusal else "", typed=typed,
            entity_id=entity, ours=arriving.entity_id(),
        )  # fmt: skip


def _number(given: QueryDict) -> int:
    text = given.get("application", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def _given(request: HttpRequest) -> str:
    """The file where there is one, else what was pasted."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("metadata", "")
    if (upload.size or 0) > LONGEST_FILE:
        raise Refused("元数据文件超过 1 MB", field="file")
    try:
        return upload.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("元数据文件不是 UTF-8 编码的 XML", field="file") from error
