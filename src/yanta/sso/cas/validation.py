"""Judging a ticket that a service brings: once, in time, for this very service, of a session that lives."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from yanta.sso.applications import public as sso
from yanta.sso.cas import tickets
from yanta.sso.cas.models import Ticket
from yanta.sso.cas.rules import Failure, Success, is_ticket, with_parameters

CALLBACK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """What a service asks; `proxied` whether it accepts somebody who came through a proxy."""

    ticket: str
    service: str
    renew: bool = False
    proxied: bool = False
    pgt_url: str = ""
    step: str = "validate"


def judge(request: HttpRequest, question: Question) -> Success | Failure:
    """The answer, which is also in the log."""
    if not question.ticket or not question.service:
        return _refused(request, question, None, Failure("INVALID_REQUEST", "缺少 ticket 或 service 参数"))
    known = is_ticket(question.ticket)
    ticket, is_first = tickets.use_up(question.ticket, at=timezone.now()) if known else (None, False)
    failure = _fault(question, ticket, is_first)
    if failure is not None or ticket is None:
        return _refused(request, question, ticket, failure or Failure("INVALID_TICKET", "没有这张票据"))
    iou = _granted_iou(question, ticket)
    if isinstance(iou, Failure):
        return _refused(request, question, ticket, iou)
    sso.granted(
        "cas", question.step, request=request, application=ticket.application, account=ticket.account,
        service=question.service,
    )  # fmt: skip
    return _success(ticket, iou)


def _fault(question: Question, ticket: Ticket | None, is_first: bool) -> Failure | None:
    """The first thing that is wrong with a ticket, or None."""
    at = timezone.now()
    if ticket is None:
        return Failure("INVALID_TICKET", "没有这张票据")
    if not is_first:
        return Failure("INVALID_TICKET", "票据已经用过，每张票据只能校验一次")
    if ticket.expires_at <= at:
        return Failure("INVALID_TICKET", "票据已过期，应在发出后一分钟内校验")
    if ticket.service != question.service:
        return Failure("INVALID_SERVICE", "票据是发给另一个地址的")
    if ticket.kind == Ticket.Kind.PROXY and not question.proxied:
        return Failure("INVALID_TICKET_SPEC", "这个校验地址不接受代理票据")
    if question.renew and not ticket.is_fresh:
        return Failure("INVALID_TICKET_SPEC", "要求重新验证身份，而这张票据来自单点登录")
    if not ticket.application.is_active or not sso.is_live(ticket.session, at=at):
        return Failure("INVALID_TICKET", "会话已结束，或应用已停用")
    return None


def _granted_iou(question: Question, ticket: Ticket) -> str | Failure:
    """The IOU of a proxy-granting ticket that its callback took; empty when none was asked for."""
    if not question.pgt_url:
        return ""
    service = tickets.service_at(ticket.service)
    if service is None or not service.may_proxy or not sso.is_under(service.proxy_callback, question.pgt_url):
        return Failure("UNAUTHORIZED_SERVICE_PROXY", "应用没有登记这个代理回调地址")
    if not is_safe_callback(question.pgt_url):
        return Failure("INVALID_PROXY_CALLBACK", "代理回调地址须为 https")
    text, iou = tickets.issue_granting(ticket, question.pgt_url)
    if not _took(with_parameters(question.pgt_url, pgtId=text, pgtIou=iou)):
        Ticket.objects.filter(digest=tickets.digest_of(text)).delete()
        return Failure("INVALID_PROXY_CALLBACK", "代理回调地址没有应答 200")
    return iou


def is_safe_callback(url: str) -> bool:
    """A proxy is proved by its certificate; plain http only on this machine, and only where that is switched on."""
    place = sso.place_of(url)
    if place is None:
        return False
    return place.scheme == "https" or (settings.SSO_HTTP_LOOPBACK and _is_loopback(place.host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _took(url: str) -> bool:
    try:
        return httpx.get(url, timeout=CALLBACK_SECONDS, follow_redirects=False).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _success(ticket: Ticket, iou: str) -> Success:
    holder = sso.Holder(ticket.account, timezone.localdate())
    return Success(
        user=sso.subject_for(ticket.application, ticket.account),
        attributes=sso.named_for_cas(holder, sso.releases_of(ticket.application)),
        shown_at=ticket.shown_at, is_fresh=ticket.is_fresh, pgt_iou=iou, proxies=tuple(ticket.proxies),
    )  # fmt: skip


def _refused(request: HttpRequest, question: Question, ticket: Ticket | None, failure: Failure) -> Failure:
    sso.refused(
        "cas", question.step, request=request, application=ticket.application if ticket else None,
        account=ticket.account if ticket else None, rule=failure.code, reason=failure.text, service=question.service,
    )  # fmt: skip
    return failure


def exchange(request: HttpRequest, *, pgt: str, target: str) -> str | Failure:
    """A proxy ticket for another service, if that service may be entered by whom the proxy acts for."""
    if not pgt or not target:
        return _not_proxied(request, target, Failure("INVALID_REQUEST", "缺少 pgt 或 targetService 参数"))
    granting = tickets.granting(pgt, at=timezone.now()) if is_ticket(pgt) else None
    if granting is None:
        return _not_proxied(request, target, Failure("INVALID_TICKET", "代理授权票据无效、过期或会话已结束"))
    service = tickets.service_at(target)
    if service is None:
        return _not_proxied(request, target, Failure("UNAUTHORIZED_SERVICE", "目标地址没有登记"), granting)
    verdict = sso.decide(service.application, sso.Holder(granting.account, timezone.localdate()))
    if not verdict.allowed:
        return _not_proxied(request, target, Failure("UNAUTHORIZED_SERVICE", verdict.reason), granting)
    ticket = tickets.issue_proxy(granting, target, service.application)
    sso.granted("cas", "proxy", request=request, application=service.application, account=granting.account, service=target)  # fmt: skip
    return ticket


def _not_proxied(
    request: HttpRequest, target: str, failure: Failure, ticket: Ticket | None = None
) -> Failure:
    sso.refused(
        "cas", "proxy", request=request, application=ticket.application if ticket else None,
        account=ticket.account if ticket else None, rule=failure.code, reason=failure.text, service=target,
    )  # fmt: skip
    return failure
