"""What a person has filled for oneself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.kernel.base import Refused
from yanta.kernel.base.elements import known, where_disputed
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.documents import Filled, printing
from yanta.kernel.people.models import Person
from yanta.kernel.portal.pages import PortalPage
from yanta.systems.paperwork import queries, services
from yanta.systems.paperwork.models import Edition, Issued
from yanta.systems.paperwork.queries import opinions
from yanta.systems.paperwork.services import producing
from yanta.systems.paperwork.views.showing import as_file, lines_of, previews

# Whoever may be asked to decide about others.
SIGNERS = ("teacher", "counsellor", "clerk", "head", "leader")


@dataclass(frozen=True, slots=True)
class Offer:
    """A form with what would be missing in it today."""

    edition: Edition
    filled: Filled


class MyPage(PortalPage):
    def me(self) -> Person:
        if self.actor.person_id is None:
            raise NotAllowed("这个账号没有对应的人员", rule="paperwork.person")
        found: Person = get_object_or_404(Person, pk=self.actor.person_id)
        return found

    def edition(self) -> Edition:
        found: Edition = get_object_or_404(queries.for_person(self.actor.person_id), pk=self.kwargs["pk"])
        return found

    def filled(self, edition: Edition) -> Filled:
        person = self.me()
        return producing.sheet_for(edition, [person.pk], actor=self.actor, on=timezone.localdate()).fill(
            person
        )


class MineView(MyPage):
    """What I can have filled, and what is missing where."""

    template = "paperwork/mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = self.me()
        offers = [Offer(one, self.filled(one)) for one in queries.for_person(person.pk)]
        photo = known([person.pk], [producing.PHOTO], on=timezone.localdate())[person.pk]
        issued = Issued.objects.filter(person=person).select_related("edition__form")[:10]
        return self.page(
            offers=offers, has_photo=bool(photo), issued=issued, signs=self.actor.has_role(*SIGNERS),
            has_signature=bool(opinions.signatures_of([person.pk])),
        )  # fmt: skip


class OwnView(MyPage):
    """One form as it would be today: its pages, every value with its source, what is missing."""

    template = "paperwork/own.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, person = self.edition(), self.me()
        filled = self.filled(edition)
        return self.page(
            edition=edition, filled=filled, lines=lines_of(edition, filled, person.pk), pages=previews(filled),
            may_print=printing.is_available(),
            mend=_mend(person.pk, filled),
        )  # fmt: skip


def _mend(person_id: int, filled: Filled) -> dict[str, str]:
    """Where a person supplies what is missing; a portrait is given on the page of all forms."""
    missing = {one.element for one in filled.problems if one.kind == "missing"}
    photo = {producing.PHOTO: "/paperwork/mine/"} if producing.PHOTO in missing else {}
    return where_disputed(person_id, missing) | photo


class OwnFileView(MyPage):
    """The file itself; from now on it is known that it was produced, and from what."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition, person = self.edition(), self.me()
        filled = services.produce(edition, actor=self.actor, person=person, on=timezone.localdate())
        return as_file(filled, f"{edition.form.title}_{person.name}", request.POST.get("as", ""))


class PictureView(MyPage):
    """A picture of one's own that forms take from now on."""

    name: str
    keep: Callable[..., Any]
    said: str

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.FILES.get(self.name)
        if given is None:
            messages.error(request, "请选择一张图片")
        else:
            try:
                type(self).keep(actor=self.actor, name=given.name or f"{self.name}.jpg", content=given)
                messages.success(request, self.said)
            except Refused as refusal:
                messages.error(request, refusal.message)
        return HttpResponseRedirect("/paperwork/mine/")


class PhotoView(PictureView):
    name, said = "photo", "照片已保存，各表的照片栏都用它"
    keep = services.keep_photo


class SignatureView(PictureView):
    name, said = "signature", "签名图已保存，以后您同意的表上都用它"
    keep = services.keep_signature
