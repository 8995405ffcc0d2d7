"""One's own certificates, on a phone first."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.base.elements import declared
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.certificates import services
from yanta.systems.certificates.adapters import typesetting
from yanta.systems.certificates.models import Certificate, Kind, Share
from yanta.systems.certificates.queries import filling, telling
from yanta.systems.certificates.rules import limits
from yanta.systems.certificates.services import issuing, sharing

VIEW = "certificates.certificate.view"


def pdf_answer(certificate: Certificate, *, download: bool = False) -> HttpResponseBase:
    """The sealed paper; a browser shows it, nothing in it can run."""
    if certificate.file is None:
        raise Http404
    answer = FileResponse(
        files.open_file(certificate.file), as_attachment=download, filename=f"{certificate.kind.name} {certificate.number}.pdf",
        content_type="application/pdf",
    )  # fmt: skip
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


class MineView(PortalPage):
    """What I can have, what I have."""

    template = "certificates/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        mine = (
            Certificate.objects.filter(person=self.actor.person_id or 0)
            .select_related("kind")
            .order_by("-pk")[:50]
        )
        choices = services.kinds_for(self.actor.person_id, on=today)
        return self.page(
            choices=choices, mine=mine, today=today, may_ask=self.actor.may(services.ask.permission)
        )


class AskPage(PortalPage):
    """A kind that is meant for this person."""

    def kind(self, code: str) -> Kind:
        found = Kind.objects.select_related("unit").filter(code=code).first()
        if found is None or self.actor.person_id is None:
            raise Http404
        return found


class AskView(AskPage):
    """What will stand on it, whence it comes, what for."""

    template = "certificates/ask.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self._shown(self.kind(code))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        kind = self.kind(code)
        purpose = request.POST.get("other", "").strip() or request.POST.get("purpose", "").strip()
        try:
            made = services.ask(actor=self.actor, kind=kind.code, purpose=purpose)
        except Refused as refusal:
            return self._shown(kind, 422, refusal.message, purpose)
        return HttpResponseRedirect(f"/certificates/{made.pk}/")

    def _shown(self, kind: Kind, status: int = 200, refusal: str = "", purpose: str = "") -> HttpResponse:
        person, today = self.actor.person_id or 0, timezone.localdate()
        filled = filling.filled_for(kind, [person], on=today)[person]
        offered = declared()
        known = [
            (offered[name], filled.rows.get(name), filled.texts.get(name) or one.shown, one)
            for name, one in filled.values.items()
        ]
        choice = next((one for one in services.kinds_for(person, on=today) if one.kind.pk == kind.pk), None)
        refused = choice.refusal if choice else f"{kind.name}只给{limits.WORDS[kind.audience]}开具"
        return self.page(
            status,
            kind=kind,
            known=known,
            refused=refused,
            refusal=refusal,
            purpose=purpose,
            purposes=issuing.PURPOSES,
        )


class PreviewView(AskPage):
    """The first page as a picture, without number and seal."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kind, person, today = self.kind(code), self.actor.person_id or 0, timezone.localdate()
        filled = filling.filled_for(kind, [person], on=today)[person]
        draft = Certificate(
            kind=kind, person_id=person, purpose="——", valid_to=limits.valid_to(today, kind.valid_days)
        )
        own = issuing.own_of(draft, today)
        picture = typesetting.pictures_of(filling.paper_of(kind, filled, own), ppi=110)[0]
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, no-store"})


class AboutCertificate(PortalPage):
    """A certificate of one's own, or of one's people."""

    def found(self, pk: int) -> Certificate:
        rows = Certificate.objects.visible_to(self.actor, VIEW).select_related(
            "kind__unit", "person", "file", "unit"
        )
        found = rows.filter(pk=pk).first() or rows.model.objects.select_related("kind__unit", "person", "file", "unit").filter(
            pk=pk, person_id=self.actor.person_id or 0
        ).first()  # fmt: skip
        if found is None:
            raise Http404
        return found


class CertificateView(AboutCertificate):
    """What it is worth now, who looked, to whom it is shown."""

    template = "certificates/certificate.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(self.found(pk))

    def shown(
        self, found: Certificate, status: int = 200, refusal: str = "", given: Any = None
    ) -> HttpResponse:
        now = timezone.now()
        is_own = found.person_id == self.actor.person_id
        shares = found.shares.prefetch_related(Prefetch("opened")) if is_own else []
        return self.page(
            status, one=found, worth=telling.worth_of(found, on=timezone.localdate(now)) if found.is_sealed else None, is_own=is_own,
            shares=[(one, one.standing(at=now), sharing.REASONS.get(one.standing(at=now), "")) for one in shares],
            site=self.request.build_absolute_uri("/certificates/shared/"), refusal=refusal, given=given or {},
            sources=sorted({(fact["source"], fact["owner"]) for fact in found.facts if fact["source"]}),
        )  # fmt: skip


class PaperView(AboutCertificate):
    """The file; who reads another person's leaves an entry."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        found = self.found(pk)
        if found.file is None:
            raise Http404
        if found.person_id != self.actor.person_id:
            record(
                "certificates.certificate.read",
                actor=self.actor,
                subject=found,
                summary=f"查看证明 {found.number}",
            )
        return pdf_answer(found, download="download" in request.GET)


class ShareView(CertificateView):
    """A link for somebody outside."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, given = self.found(pk), request.POST
        try:
            services.share(
                found, actor=self.actor, recipient=given.get("recipient", ""), days=_number(given.get("days", "")),
                most_views=_number(given.get("most_views", "")),
            )  # fmt: skip
        except Refused as refusal:
            return self.shown(found, 422, refusal.message, given)
        return HttpResponseRedirect(f"/certificates/{pk}/#shares")


class TakeBackView(PortalPage):
    """The holder changes their mind."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = Share.objects.filter(pk=pk, certificate__person_id=self.actor.person_id or 0).first()
        if found is None:
            raise Http404
        services.take_back(found, actor=self.actor)
        return HttpResponseRedirect(f"/certificates/{found.certificate_id}/#shares")


class PhoneCodeView(PortalPage):
    """Eight digits for a machine in the hall."""

    template = "certificates/phone_code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(code="", minutes=limits.PHONE_CODE_SECONDS // 60)

    def post(self, request: HttpRequest) -> HttpResponse:
        code = services.phone_code(actor=self.actor)
        return self.page(code=f"{code[:4]} {code[4:]}", minutes=limits.PHONE_CODE_SECONDS // 60)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
