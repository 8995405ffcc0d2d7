"""Applying for a seal, signing, the receipt of an application, the picture of a seal."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.files import storing
from yanta.kernel.identity import passwords
from yanta.kernel.identity.models import Account
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage
from yanta.sso.seals import access, papers, registering, services
from yanta.sso.seals.models import RequestFile, Seal, SealRequest
from yanta.sso.seals.services.applying import APPLY, SIGN

PASSWORDS_A_MINUTE = 5
PKCS12_BYTES = 100_000
FILES_A_PAGE = 50


def _handed(request: HttpRequest, name: str) -> list[services.Handed]:
    return [services.Handed(one.name or "", _read(one)) for one in request.FILES.getlist(name)]


def _read(given: UploadedFile) -> bytes:
    most = 300 if (given.name or "").lower().endswith(".zip") else papers.MEGABYTES
    if (given.size or 0) > most * 1024 * 1024:
        raise Refused(f"“{given.name}”超过 {most} MB", field="documents")
    content: bytes = given.read()
    return content


def _check_password(request: HttpRequest, typed: str) -> None:
    """A signature needs the person, not only an open browser."""
    account: Account = request.user  # type: ignore[assignment]  # our middleware sets it
    key = f"seals-password:{account.pk}:{timezone.now():%H%M}"
    cache.add(key, 0, 70)
    if cache.incr(key) > PASSWORDS_A_MINUTE:
        raise Refused("口令尝试太频繁，请一分钟后再试", rule="seals.password")
    if not passwords.is_right(account, typed):
        raise Refused("登录口令不对，没有签名", field="password", rule="seals.password")


class SealPage(PortalPage):
    """Closed to whoever lacks the permission."""

    permission = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and self.permission and not self.actor.may(self.permission):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class ApplyView(SealPage):
    """用印申请."""

    template = "seals/apply.html"
    permission = APPLY

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(seals=services.seals_for(self.actor), refusal="", given={})

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        seals = services.seals_for(self.actor)
        try:
            seal = next((one for one in seals if str(one.pk) == given.get("seal")), None)
            if seal is None:
                raise Refused("请选择印章", field="seal")
            wish = services.Wish(
                given.get("title", "").strip(),
                given.get("purpose", "").strip(),
                places_of(given),
                _number(given.get("copies", "")),
            )
            documents = services.taken_in(_handed(request, "documents"), actor=self.actor)
            made = services.apply(seal, documents, wish, actor=self.actor)
        except Refused as refusal:
            return self.page(422, seals=seals, refusal=refusal.message, given=given)
        return HttpResponseRedirect(f"/seals/sealrequest/{made.pk}/papers/")


def places_of(given: Any) -> str:
    """The form's answers as `rules.places_in` reads them."""
    parts = [given.get("other", "").strip()]
    word = given.get("word", "").strip()
    if word:
        parts.append(f"关键字：{word}")
    if given.get("corner"):
        parts.append("末页右下")
    if given.get("seam"):
        parts.append("骑缝")
    return "；".join(part for part in parts if part)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


class SignView(SealPage):
    """A person signs a document."""

    template = "seals/sign.html"
    permission = SIGN

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        try:
            _check_password(request, given.get("password", ""))
            documents = services.taken_in(_handed(request, "document")[:1], actor=self.actor)
            title = given.get("title", "").strip() or documents[0].name.removesuffix(".pdf")
            signed = services.sign_paper(documents[0], actor=self.actor, title=title, places=places_of(given))
        except Refused as refusal:
            return self._shown(422, refusal.message, given)
        return HttpResponseRedirect(f"/seals/signeddocument/{signed.pk}/")

    def _shown(self, status: int = 200, refusal: str = "", given: Any = None) -> HttpResponse:
        try:
            row = registering.own_certificate(self.actor.person_id)
        except Refused:
            row = None
        return self.page(status, certificate=row, refusal=refusal, given=given or {})


class ImportView(SealPage):
    """A certificate of an outside authority for a person."""

    template = "seals/import.html"
    permission = services.issue_certificate.permission

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(refusal="", given={})

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            person = (
                Person.objects.visible_to(self.actor, self.permission)
                .filter(number=request.POST.get("person", "").strip())
                .first()
            )
            given = request.FILES.get("document")
            if person is None or given is None or (given.size or 0) > PKCS12_BYTES:
                raise Refused("请填写人员号，并选择 PKCS#12 证书文件（.p12、.pfx）")
            row = services.import_certificate(
                person, given.read(), request.POST.get("password", ""), actor=self.actor
            )
        except Refused as refusal:
            return self.page(422, refusal=refusal.message, given=request.POST)
        return HttpResponseRedirect(f"/seals/certificate/{row.pk}/")


class PapersView(PortalPage):
    """What was handed in, where it stands, what I can do, and the receipt whose numbers add up."""

    template = "seals/papers.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = (
            SealRequest.objects.select_related("seal__keeper", "seal__org_unit", "applicant")
            .filter(pk=pk)
            .first()
        )
        if found is None or not access.may_see(found, self.actor):
            raise Http404
        states = dict(found.files.values_list("state").annotate(Count("pk")).order_by())
        counts = {state.value: (state.label, states.get(state.value, 0)) for state in RequestFile.State}
        files = Paginator(found.files.select_related("document").order_by("pk"), FILES_A_PAGE)
        return self.page(
            found=found, files=files.get_page(request.GET.get("page")), counts=counts, steps=_steps(found), may_endorse=_may_endorse(found, self.actor),
            may_press=found.state == SealRequest.State.ENDORSED and found.seal.keeper_id == self.actor.person_id,
        )  # fmt: skip


def _may_endorse(request: SealRequest, actor: Actor) -> bool:
    own = request.applicant_id == actor.person_id
    return not own and services.endorse.offered_to(actor, request)


def _steps(request: SealRequest) -> list[dict[str, Any]]:
    """申请 → 负责人 → 保管人, with who and when."""
    State = SealRequest.State  # noqa: N806 - an alias of a class
    gone = request.state in (State.REFUSED, State.WITHDRAWN)
    stands = {State.SUBMITTED: 1, State.ENDORSED: 2, State.PRESSING: 2}.get(
        State(request.state), 2 if request.endorsed_at or not request.seal.needs_head else 1 if gone else 3
    )
    steps = [
        ("提交申请", request.applicant.name if request.applicant else "系统", request.created_at),
        ("负责人审批", request.endorsed_by, request.endorsed_at), ("保管人用印", request.kept_by or request.seal.keeper.name, request.kept_at),
    ]  # fmt: skip
    if request.state in (State.SEALED, State.IN_FORCE, State.ENDED):
        stands = len(steps)
    return [
        {"label": label, "who": who, "when": when, "state": _step_state(number, stands, gone=gone)}
        for number, (label, who, when) in enumerate(steps)
    ]


def _step_state(number: int, stands: int, *, gone: bool) -> str:
    if number < stands:
        return "done"
    if number == stands:
        return "refused" if gone else "current"
    return "todo"


class AboutSeal(PortalPage):
    """A seal within the actor's scope."""

    def seal(self, pk: int, verb: str = "view") -> Seal:
        found = Seal.objects.visible_to(self.actor, f"seals.seal.{verb}").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class PictureView(AboutSeal):
    """What the seal looks like; before it is approved another picture can be brought."""

    template = "seals/picture.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(seal=self.seal(pk), refusal="")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seal = self.seal(pk, "edit")
        given = request.FILES.get("image")
        try:
            if seal.state != Seal.State.PROPOSED:
                raise Refused("批准后的印章不能更换印模")
            if given is None:
                raise Refused("请选择一张图片")
            seal.image = storing.store(
                given.name or "seal.png", given, actor=self.actor, purpose="seals.image", allow=("png",), megabytes=2,
                org_unit=seal.org_unit,
            )  # fmt: skip
        except Refused as refusal:
            return self.page(422, seal=seal, refusal=refusal.message)
        seal.save(update_fields=["image", "updated_at"])
        record("seals.seal.edit", actor=self.actor, subject=seal, summary="更换印模")
        return HttpResponseRedirect(request.path)


class DrawingView(AboutSeal):
    """The drawing as SVG; a specimen of a seal must not be one that can be pressed, so it is struck through."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        text = registering.picture_of(self.seal(pk)).as_svg(specimen=True)
        return HttpResponse(
            text, content_type="image/svg+xml", headers={"Cache-Control": "private, max-age=300"}
        )
