"""What an outsider with a link and a code sees."""

from __future__ import annotations

from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from yanta.kernel.base import Refused
from yanta.kernel.identity.devices import address_of
from yanta.systems.certificates.models import Share
from yanta.systems.certificates.queries import telling
from yanta.systems.certificates.services import sharing
from yanta.systems.certificates.views.own import pdf_answer

SALT = "certificates.shared"
SEEN_SECONDS = 1800  # a view lasts half an hour: turning the phone is not a second view
TRIES_A_MINUTE = 12


@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for the code, then shows the certificate and what it is worth today."""
    found = sharing.shared_by(token)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, opened=_is_open(request, found))
    if _too_often(request):
        return _page(request, found, refusal="尝试太频繁，请一分钟后再试", status=429)
    visitor = sharing.Visitor(address_of(request) or "", request.headers.get("User-Agent", ""))
    try:
        sharing.open_share(token, request.POST.get("code", ""), visitor=visitor)
    except Refused as refusal:
        return _page(request, sharing.shared_by(token) or found, refusal=refusal.message, status=422)
    answer = _page(request, sharing.shared_by(token) or found, opened=True)
    ticket = signing.TimestampSigner(salt=SALT).sign(str(found.pk))
    answer.set_cookie(
        f"shared_{found.pk}", ticket, max_age=SEEN_SECONDS, path="/certificates/shared/", httponly=True, samesite="Lax",
        secure=request.is_secure(),
    )  # fmt: skip
    return answer


def _is_open(request: HttpRequest, share: Share) -> bool:
    """Whether this browser gave the code a moment ago; taking the link back ends it at once."""
    try:
        seen = signing.TimestampSigner(salt=SALT).unsign(
            request.COOKIES.get(f"shared_{share.pk}", ""), max_age=SEEN_SECONDS
        )
    except signing.BadSignature:
        return False
    return seen == str(share.pk) and share.standing(at=timezone.now()) in ("open", "used")


def _too_often(request: HttpRequest) -> bool:
    key = f"certificates-shared:{address_of(request)}:{timezone.now():%H%M}"
    cache.add(key, 0, 70)
    return cache.incr(key) > TRIES_A_MINUTE


def _page(
    request: HttpRequest, share: Share, *, opened: bool = False, refusal: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    standing = share.standing(at=now)
    worth = telling.worth_of(share.certificate, on=timezone.localdate(now)) if opened else None
    context = {
        "share": share, "one": share.certificate, "opened": opened, "worth": worth, "refusal": refusal,
        "closed": "" if standing == "open" or opened else sharing.REASONS[standing],
    }  # fmt: skip
    answer = render(request, "certificates/shared.html", context, status=status)
    answer["Cache-Control"], answer["X-Robots-Tag"], answer["Referrer-Policy"] = (
        "no-store",
        "noindex",
        "same-origin",
    )
    return answer


@require_safe
def paper(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file, for who gave the code."""
    found = sharing.shared_by(token)
    if found is None or not _is_open(request, found) or found.certificate.file is None:
        raise Http404
    return pdf_answer(found.certificate)
