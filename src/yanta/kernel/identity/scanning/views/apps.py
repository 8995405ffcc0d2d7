"""Scanning with WeCom, DingTalk, Feishu, WeChat: there, back, and one's own links."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.identity import devices, factors, log, signing_in
from yanta.kernel.identity.models import Account, SignIn
from yanta.kernel.identity.scanning import entering
from yanta.kernel.identity.scanning.adapters import Told
from yanta.kernel.identity.scanning.asking import Distrusted
from yanta.kernel.identity.scanning.models import ScanApp, ScanAttempt, ScanLink
from yanta.kernel.identity.views.doors import let_in, onward_of
from yanta.kernel.identity.views.own import OwnPage, account_of, confirm_password


def _open_app(kind: str) -> ScanApp:
    found: ScanApp = get_object_or_404(ScanApp, kind=kind, is_open=True)
    return found


@require_GET
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """The button of the sign-in page."""
    app, onward = _open_app(kind), onward_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    try:
        signing_in.limit_rate(devices.address_of(request), at=timezone.now())
        return HttpResponseRedirect(entering.begin(request, app, onward=onward))
    except Refused as refusal:
        return _turned_away(request, app, refusal)


@require_GET
def callback(request: HttpRequest, kind: str) -> HttpResponse:
    """Back in the browser that left: somebody of ours, or turned away with the reason."""
    app, now = _open_app(kind), timezone.now()
    try:
        attempt, told = entering.arrived(request, app, request.GET.dict(), at=now)
        if attempt.account_id is not None:
            return _linked(request, app, attempt, told)
        person = entering.person_of(app, told, at=now)
        account = Account.objects.select_related("person").filter(person=person).first() if person else None
        if account is None:
            words = (
                f"这个{app}账号还没有关联到本校的人。请先用学校账号登录，在“账号与安全 › 扫码登录”里关联一次"
            )
            raise Distrusted("unknown", words)
        signing_in.check_state(request, account, method=f"qr-{app.kind}")
    except Refused as refusal:
        return _turned_away(request, app, refusal)
    enrolled = factors.is_enrolled(account)
    return let_in(request, account, method=f"qr-{app.kind}", is_enrolled=enrolled, onward=attempt.onward)


def _linked(request: HttpRequest, app: ScanApp, attempt: ScanAttempt, told: Told) -> HttpResponse:
    """Signed in here and there, in one browser, within minutes: the link is the person's own."""
    account = attempt.account
    if account is None or account.person is None or request.user.pk != account.pk:
        raise Distrusted("link", "关联要由本人在登录状态下完成，请重新登录后再试")
    made = entering.link(app, told.subject, account.person, proof=ScanLink.Proof.SELF, at=timezone.now())
    audit.record("scanning.scanlink.link", actor=request.actor, subject=made, summary=f"本人关联{app}")  # type: ignore[attr-defined]  # our middleware sets it
    return HttpResponseRedirect(reverse("scan-links"))


def _turned_away(request: HttpRequest, app: ScanApp, refusal: Refused) -> HttpResponse:
    """Said to the person, kept in the log of sign-ins, and with its rule in the audit trail."""
    device, now = devices.device_of(request), timezone.now()
    unknown = refusal.rule == "scan.unknown"
    outcome = SignIn.Outcome.UNKNOWN if unknown else SignIn.Outcome.REFUSED
    log.record(outcome, account=None, login="", device=device, at=now, method=f"qr-{app.kind}")
    audit.record(
        "scanning.scanattempt.refuse", actor=Actor.nobody(), outcome="refused", subject=app,
        summary=f"{refusal.rule}：{refusal.message}"[:500], data={"rule": refusal.rule, "address": device.address},
    )  # fmt: skip
    answer = render(
        request,
        "scanning/turned_away.html",
        {"app": app, "reason": refusal.message, "unknown": unknown},
        status=403,
    )
    answer["Cache-Control"] = "no-store"
    return answer


class LinksView(OwnPage):
    """The password is asked for once more: a link is a key to the account."""

    template = "scanning/links.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        app = get_object_or_404(ScanApp, kind=request.POST.get("app", ""), is_open=True)
        try:
            confirm_password(request, account)
            if account.person is None:
                raise Refused("服务账号不能关联")
            leading = entering.begin(request, app, onward=reverse("scan-links"), account=account)
        except Refused as refusal:
            return self._page(refusal)
        # A page in between, for the form of this one may lead nowhere but to us.
        return self.shown(links=[], others=[], leading=leading, app=app)

    def _page(self, refusal: Refused | None = None) -> HttpResponse:
        person_id = account_of(self.request).person_id
        mine = list(ScanLink.objects.filter(person_id=person_id or 0).select_related("app"))
        others = ScanApp.objects.filter(is_open=True).exclude(pk__in=[one.app_id for one in mine])
        return self.shown(refusal, links=mine, others=others, leading="")


@require_POST
def unlink_own(request: HttpRequest, pk: int) -> HttpResponse:
    """The app's user opens nothing here any more."""
    account = account_of(request)
    link = get_object_or_404(ScanLink.objects.select_related("app"), pk=pk, person_id=account.person_id or 0)
    actor: Actor = request.actor  # type: ignore[attr-defined]  # our middleware sets it
    audit.record("scanning.scanlink.unlink", actor=actor, subject=link, summary=f"本人解除关联{link.app}")
    link.delete()
    return HttpResponseRedirect(reverse("scan-links"))
