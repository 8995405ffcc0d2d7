"""Open to everybody: is this document genuine? And what programs ask about our certificates."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yanta.kernel.identity.devices import address_of
from yanta.sso.seals import authority, issuers, papers, rules, status, verifying
from yanta.sso.seals.models import Certificate

# A person with a pile of papers, not a program that guesses numbers.
LOOKS_A_MINUTE, UPLOADS_A_MINUTE, QUESTIONS_A_MINUTE = 30, 6, 600
MOST_BYTES = papers.MEGABYTES * 2 * 1024 * 1024
OCSP_BYTES = 10_000


def _too_often(request: HttpRequest, what: str, most: int) -> bool:
    key = f"seals-{what}:{address_of(request)}:{timezone.now():%H%M}"
    cache.add(key, 0, 70)
    return cache.incr(key) > most


def _page(
    request: HttpRequest, verdict: verifying.Verdict | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    known = verdict is not None and verdict.document is not None
    told = issuers.told_of(verdict.document.number, whole=verdict.whole) if known else None  # type: ignore[union-attr]  # known
    context = {"verdict": verdict, "told": told, "refusal": refusal, "megabytes": MOST_BYTES // 1024 // 1024}
    answer = render(request, "seals/verify.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """A number or digest typed in, or the file itself, which is looked at and not kept."""
    if request.method != "POST":
        return _page(request)
    given = request.FILES.get("document")
    if given is None:
        return _looked_up(request, request.POST.get("number", "").strip())
    if _too_often(request, "upload", UPLOADS_A_MINUTE):
        return _page(request, refusal="验证太频繁，请一分钟后再试", status=429)
    if (given.size or 0) > MOST_BYTES:
        return _page(
            request, refusal=f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请改用编号或摘要验证", status=422
        )
    content = given.read()
    if content[:5] != b"%PDF-":
        return _page(request, refusal="请上传 PDF 文件", status=422)
    return _page(request, verifying.by_content(content))


@require_safe
def verify_number(request: HttpRequest, number: str) -> HttpResponse:
    """Where the code on paper leads."""
    return _looked_up(request, number)


def _looked_up(request: HttpRequest, text: str) -> HttpResponse:
    if _too_often(request, "look", LOOKS_A_MINUTE):
        return _page(request, refusal="验证太频繁，请一分钟后再试", status=429)
    if not text:
        return _page(request, refusal="请输入验证编号或摘要，或上传文件", status=422)
    if rules.is_digest(text):
        return _page(request, verifying.by_digest(text))
    return _page(request, verifying.by_number(issuers.number_behind(text) or text))


def _asked_too_often(request: HttpRequest) -> HttpResponse | None:
    return HttpResponse(status=429) if _too_often(request, "status", QUESTIONS_A_MINUTE) else None


@require_safe
def revocation_list(request: HttpRequest, serial: str) -> HttpResponse:
    """The list that our certificates point to."""
    rows = Certificate.objects.filter(
        serial=serial, kind__in=(Certificate.Kind.ROOT, Certificate.Kind.ISSUING), outside=False
    )
    row = rows.exclude(algorithm=Certificate.Algorithm.SM2).first()
    if row is None:
        raise Http404
    content = authority.revocation_list(row, at=timezone.now()).public_bytes(Encoding.DER)
    return _asked_too_often(request) or HttpResponse(content, content_type="application/pkix-crl")


@csrf_exempt
@require_POST
def ocsp(request: HttpRequest) -> HttpResponse:
    """RFC 6960 over HTTP, by POST."""
    content = status.answer(request.body[:OCSP_BYTES], at=timezone.now())
    return _asked_too_often(request) or HttpResponse(content, content_type="application/ocsp-response")


@require_safe
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """A certificate with those above it; certificates are public by nature, persons' only with their serial number."""
    row = Certificate.objects.filter(serial=serial).exclude(pem="").first()
    if row is None:
        raise Http404
    return HttpResponse(row.pem + row.chain, content_type="application/x-pem-file")
