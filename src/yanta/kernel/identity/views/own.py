"""账号与安全: what one sees of one's own account and may do to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.identity import devices, factors, lockout, passkeys, passwords, signing_in, tokens, visiting
from yanta.kernel.identity.models import Account, ApiToken
from yanta.kernel.identity.rules import SHORTEST
from yanta.kernel.identity.views.activation import typed_twice
from yanta.kernel.portal.pages import PortalPage

SIGN_INS_SHOWN = 20
# A token of a gate tells who somebody is; those are issued by the information centre.
OWN_SCOPES = (ApiToken.Scope.READ, ApiToken.Scope.WRITE)


def account_of(request: HttpRequest) -> Account:
    """The signed-in account with its person."""
    return Account.objects.select_related("person").get(pk=request.user.pk)


def confirm_password(request: HttpRequest, account: Account) -> None:
    """An open browser is not enough to change how one signs in; guessing here counts like at the door."""
    at = timezone.now()
    keys = lockout.name_key("", account.pk), lockout.address_key(devices.address_of(request))
    lockout.check(*keys, at=at)
    if not passwords.is_right(account, request.POST.get("current", "")):
        lockout.count_failure(*keys, at=at)
        raise Refused("当前密码不正确", field="current")


def owes_factor(request: HttpRequest) -> bool:
    """Whether a second factor comes before everything else: a role demands it, or somebody has asked for one."""
    asked: bool = request.user.must_enrol_factor  # type: ignore[union-attr]  # an account, since somebody is signed in
    return asked or bool(request.session.get("must_enrol"))


class OwnPage(PortalPage):
    """A page of one's own account; what it shows is never kept by the browser."""

    def shown(self, refusal: Refused | None = None, **context: Any) -> HttpResponse:
        said = {"refusal": refusal.message if refusal else "", "field": refusal.field if refusal else None}
        answer = self.page(422 if refusal else 200, **said, **context)
        answer["Cache-Control"] = "no-store"
        return answer


class AccountView(OwnPage):
    """Password, second factor, sessions, tokens, recent sign-ins on one page."""

    template = "identity/account.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.overview()

    def overview(self, refusal: Refused | None = None, secret: str = "") -> HttpResponse:
        account, here = account_of(self.request), self.request.session.row.pk  # type: ignore[attr-defined]
        sessions = account.sessions.filter(expires_at__gt=timezone.now()).order_by("-seen_at")
        return self.shown(
            refusal, account=account, here=here, secret=secret, now=timezone.now(),
            sessions=[(one, devices.described(one.agent)) for one in sessions],
            sign_ins=[(one, devices.described(one.agent)) for one in account.sign_ins.all()[:SIGN_INS_SHOWN]],
            tokens=account.tokens.order_by("-pk"), scopes=[one for one in ApiToken.Scope.choices if one[0] in OWN_SCOPES],
            enrolled=factors.is_enrolled(account), passkeys=passkeys.passkeys_of(account), **factors.kinds_of(account),
            codes_left=factors.recovery_codes_left(account), pages=visiting.account_pages(),
        )  # fmt: skip


class TokenView(AccountView):
    """Issue a token for oneself; its secret is shown on this answer and never again."""

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        try:
            confirm_password(request, account)
            token, secret = self._issued(request, account)
        except Refused as refusal:
            return self.overview(refusal)
        record("identity.apitoken.issue", actor=self.actor, subject=token, summary="签发个人令牌")
        return self.overview(secret=secret)

    @staticmethod
    def _issued(request: HttpRequest, account: Account) -> tuple[ApiToken, str]:
        name, days, scope = (
            request.POST.get("name", "").strip()[:60],
            request.POST.get("days", ""),
            request.POST.get("scope", ""),
        )
        if not name or not days.isdecimal() or scope not in OWN_SCOPES:
            raise Refused("请写明令牌用途、权限和有效天数", field="name")
        return tokens.issue(
            account, name=name, scope=scope, valid_for=timedelta(days=min(int(days), 9999)), at=timezone.now()
        )


class ChangePasswordView(OwnPage):
    template = "identity/change_password.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(shortest=SHORTEST, account=account_of(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        try:
            confirm_password(request, account)
            passwords.set_password(account, typed_twice(request))
        except Refused as refusal:
            return self.shown(refusal, shortest=SHORTEST, account=account)
        record("identity.account.change_password", actor=self.actor, subject=account, summary="修改密码")
        signing_in.open_session(request, account, method="password")
        return HttpResponseRedirect(reverse("account"))


class EnrolFactorView(OwnPage):
    """Scan, type the code, keep the recovery codes."""

    template = "identity/enrol_factor.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        request.session["factor_secret"] = factors.new_secret()
        return self._asked(request)

    def _asked(self, request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
        secret = request.session["factor_secret"]
        drawn = factors.qr_svg(account_of(request), secret)
        return self.shown(refusal, secret=secret, drawn=drawn, codes=[], duty=owes_factor(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        account = account_of(request)
        if "factor_secret" not in request.session:
            return HttpResponseRedirect(reverse("enrol-factor"))
        try:
            confirm_password(request, account)
            codes = factors.enrol(
                account, secret=request.session["factor_secret"], code=request.POST.get("code", "")
            )
        except Refused as refusal:
            return self._asked(request, refusal)
        record("identity.account.enrol_factor", actor=self.actor, subject=account, summary="启用二次验证")
        account.sessions.exclude(pk=request.session.row.pk).delete()  # type: ignore[attr-defined]
        del request.session["factor_secret"]
        request.session["must_enrol"] = False
        return self.shown(secret="", drawn="", codes=codes, duty=False)


class RecoveryCodesView(OwnPage):
    """Fresh recovery codes, or no second factor any more."""

    template = "identity/enrol_factor.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        account, wanted = account_of(request), request.POST.get("wanted", "")
        try:
            confirm_password(request, account)
            if wanted == "remove" and signing_in.is_guarded(account):
                raise Refused("您的角色必须使用二次验证，不能关闭")
        except Refused as refusal:
            page = AccountView()
            page.setup(request)
            return page.overview(refusal)
        if wanted == "remove":
            factors.remove(account)
            record(
                "identity.account.remove_factor", actor=self.actor, subject=account, summary="关闭二次验证"
            )
            return HttpResponseRedirect(reverse("account"))
        if not factors.is_enrolled(account):
            return HttpResponseRedirect(reverse("account"))
        record(
            "identity.account.new_recovery_codes", actor=self.actor, subject=account, summary="重新生成恢复码"
        )
        return self.shown(secret="", drawn="", codes=factors.new_recovery_codes(account), duty=False)


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """One other session, or all others."""
    here = request.session.row.pk  # type: ignore[attr-defined]
    others = account_of(request).sessions.exclude(pk=here)
    which = request.POST.get("session", "")
    if which != "others":
        others = others.filter(pk=int(which) if which.isdecimal() else 0)
    others.delete()
    return HttpResponseRedirect(reverse("account"))


@require_POST
def revoke_own_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, account_id=request.user.pk)
    tokens.revoke(token, at=timezone.now())
    record("identity.apitoken.revoke", actor=request.actor, subject=token, summary="吊销个人令牌")  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("account"))


@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """Work in one of one's roles from now on; an empty choice takes all of them together."""
    role = request.POST.get("role", "")
    request.session.pop("acting_as", None)
    if role in request.roles:  # type: ignore[attr-defined]
        request.session["acting_as"] = role
    return HttpResponseRedirect("/")
