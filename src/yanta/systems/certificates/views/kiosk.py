"""The machine in the hall: big buttons, a code from the phone, and a screen that forgets."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yanta.kernel.access.actors import actor_of
from yanta.kernel.base import Actor, Refused
from yanta.systems.certificates import services
from yanta.systems.certificates.models import Certificate, Kiosk
from yanta.systems.certificates.rules import limits
from yanta.systems.certificates.services import kiosks
from yanta.systems.certificates.views.own import pdf_answer

MACHINE, PERSON = "certificates_kiosk", "certificates_kiosk_person"
PATH, YEAR = "/certificates/terminal/", 365 * 24 * 3600


def _machine(request: HttpRequest) -> Kiosk:
    found = kiosks.machine_by(request.COOKIES.get(MACHINE, ""))
    if found is None:
        raise Http404("这台设备没有登记为自助终端")
    return found


def _keep(request: HttpRequest, answer: HttpResponse, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name, value, max_age=seconds, path=PATH, httponly=True, samesite="Strict", secure=request.is_secure()
    )


def _person(request: HttpRequest, machine: Kiosk) -> Actor | None:
    """Who gave a code at this machine less than a minute ago, or touched the screen since."""
    try:
        text = signing.TimestampSigner(salt=PERSON).unsign(
            request.COOKIES.get(PERSON, ""), max_age=limits.WAKE_SECONDS
        )
    except signing.BadSignature:
        return None
    account, _, kiosk = text.partition(":")
    if kiosk != str(machine.pk):
        return None
    row = get_user_model()._default_manager.filter(pk=int(account)).first()
    return actor_of(row) if row is not None and row.is_active else None


def _page(request: HttpRequest, name: str, machine: Kiosk, status: int = 200, **context: Any) -> HttpResponse:
    answer = render(
        request,
        f"certificates/kiosk_{name}.html",
        {"kiosk": machine, "seconds": limits.WAKE_SECONDS, **context},
        status=status,
    )
    answer["Cache-Control"] = "no-store"
    if name != "welcome":
        answer["Refresh"] = f"{limits.WAKE_SECONDS}; url={PATH}end/"
    return answer


@require_safe
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """Opened once on the machine by whoever sets it up."""
    if kiosks.machine_by(key) is None:
        raise Http404
    answer = HttpResponseRedirect(PATH)
    _keep(request, answer, MACHINE, key, YEAR)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Asks for the code."""
    machine = _machine(request)
    if request.method != "POST":
        return _page(request, "welcome", machine, refusal="")
    try:
        account = kiosks.account_of(request.POST.get("code", ""), kiosk=machine)
    except Refused as refusal:
        return _page(request, "welcome", machine, 422, refusal=refusal.message)
    answer = HttpResponseRedirect(f"{PATH}menu/")
    _keep(
        request,
        answer,
        PERSON,
        signing.TimestampSigner(salt=PERSON).sign(f"{account}:{machine.pk}"),
        limits.WAKE_SECONDS,
    )
    return answer


def _awake(request: HttpRequest, answer: HttpResponse, actor: Actor, machine: Kiosk) -> HttpResponse:
    """Every touch gives another minute."""
    _keep(
        request,
        answer,
        PERSON,
        signing.TimestampSigner(salt=PERSON).sign(f"{actor.account_id}:{machine.pk}"),
        limits.WAKE_SECONDS,
    )
    return answer


@require_safe
def menu(request: HttpRequest) -> HttpResponse:
    """What can be printed."""
    machine = _machine(request)
    actor = _person(request, machine)
    if actor is None:
        return HttpResponseRedirect(PATH)
    return _awake(request, _menu(request, machine, actor), actor, machine)


def _menu(
    request: HttpRequest, machine: Kiosk, actor: Actor, status: int = 200, refusal: str = ""
) -> HttpResponse:
    today = timezone.localdate()
    choices = [
        one
        for one in services.kinds_for(actor.person_id, on=today)
        if one.refusal is None and not one.kind.needs_approval
    ]
    good = Certificate.objects.filter(person=actor.person_id, state=Certificate.State.ISSUED).exclude(
        valid_to__lt=today
    )
    mine = good.select_related("kind").order_by("-pk")[:6]
    return _page(request, "menu", machine, status, actor=actor, choices=choices, mine=mine, refusal=refusal)


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """One touch, one certificate."""
    machine = _machine(request)
    actor = _person(request, machine)
    if actor is None:
        return HttpResponseRedirect(PATH)
    try:
        made = services.ask(actor=actor, kind=request.POST.get("kind", ""), purpose="办理个人事务")
    except Refused as refusal:
        return _awake(request, _menu(request, machine, actor, 422, refusal.message), actor, machine)
    return _awake(request, HttpResponseRedirect(f"{PATH}{made.pk}/paper.pdf"), actor, machine)


@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """For the machine's printer."""
    machine = _machine(request)
    actor = _person(request, machine)
    if actor is None:
        return HttpResponseRedirect(PATH)
    found = (
        Certificate.objects.filter(pk=pk, person=actor.person_id, state=Certificate.State.ISSUED)
        .select_related("kind", "file")
        .first()
    )
    if found is None or found.file is None:
        raise Http404
    kiosks.note_print(machine, found)
    return pdf_answer(found)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """The screen forgets who stood there."""
    answer = HttpResponseRedirect(PATH)
    answer.delete_cookie(PERSON, path=PATH)
    return answer
