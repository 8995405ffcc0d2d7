"""`/api/v1/peer/sharing/…`: what another school asks of this one. Requests and answers are signed by the nodes' keys.

A stranger, an old request, a repeated one, a wrong signature are turned away by the nodes' own door and kept in its log
of refusals; who asks for what was not agreed with it is turned away here, and stands in the read log too.
"""

from __future__ import annotations

import time
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from yanta.hub.nodes import public as nodes
from yanta.hub.sharing import queries
from yanta.hub.sharing.models import Agreement, Dataset, Grant
from yanta.hub.sharing.rest.access import Caller, Denied, check_running
from yanta.hub.sharing.rest.views import document_of, log, note_denied, served
from yanta.hub.sharing.services import agreements
from yanta.kernel.base import Refused, ciphers
from yanta.kernel.identity.devices import address_of
from yanta.kernel.identity.gate import public_page

MOST = 200


@method_decorator([csrf_exempt, public_page], name="dispatch")
class PartnerPage(View):
    """Another node, proven; refusals in words, signed like any answer."""

    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            self.peer = nodes.asking(request)
            return nodes.answer(request, super().dispatch(request, *args, **kwargs))  # type: ignore[arg-type]  # handlers give data
        except Denied as denied:
            note_denied(request, denied, began)
            return nodes.refusal(request, Refused(denied.detail, rule=f"sharing.{denied.status}"))
        except Refused as refusal:
            return nodes.refusal(request, refusal)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        raise Refused("不接受这种请求", rule="sharing.405")

    def told(self) -> dict[str, str]:
        try:
            found = orjson.loads(self.request.body)
        except orjson.JSONDecodeError as error:
            raise Refused("不是 JSON", rule="sharing.400") from error
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise Refused("应为一组文字", rule="sharing.400")
        return found

    def agreement(self, number: str) -> Agreement:
        """That which was agreed with this very node."""
        rows = Agreement.objects.filter(number=number, side=Agreement.Side.GIVES)
        one = rows.select_related("grant__dataset", "grant__consumer__unit", "grant__application").first()
        if one is not None and one.node == self.peer.code:
            return one
        if one is not None and one.grant is not None:
            raise Denied(403, "不是协议方", f"协议 {number} 不是与{self.peer.name}签订的", grant=one.grant)
        raise Refused(f"没有与{self.peer.name}的协议 {number}", rule="nodes.wrong-node")


class OfferedView(PartnerPage):
    """The catalogue as another school sees it: published datasets, nothing of what is in them."""

    def get(self, request: HttpRequest) -> dict[str, Any]:
        rows = Dataset.objects.filter(state=Dataset.State.PUBLISHED).select_related("owner").order_by("code")
        return {
            "datasets": [
                {
                    "code": one.code, "title": one.title, "subject": one.subject, "fields": one.names, "meaning": one.meaning,
                    "level": one.level, "owner": one.owner.name, "version": one.version, "refresh": one.get_refresh_display(),
                }
                for one in rows[:MOST]
            ]
        }  # fmt: skip


class ProposalsView(PartnerPage):
    """A proposal comes in; sent twice it is one."""

    def post(self, request: HttpRequest) -> dict[str, Any]:
        told = self.told()
        terms, signature = told.get("terms", ""), told.get("signature", "")
        return standing(agreements.take_in(self.peer, terms, signature, by=told.get("by", "")))


class StandingView(PartnerPage):
    """How it stands here."""

    def get(self, request: HttpRequest, number: str) -> dict[str, Any]:
        return standing(self.agreement(number))


class SignatureView(PartnerPage):
    """The using school signs what it was offered; from now on it may read."""

    def post(self, request: HttpRequest, number: str) -> dict[str, Any]:
        told = self.told()
        one = agreements.take_signature(
            self.agreement(number), told.get("signature", ""), by=told.get("by", "")
        )
        return standing(one)


class EndView(PartnerPage):
    """The using school wants it no longer."""

    def post(self, request: HttpRequest, number: str) -> dict[str, Any]:
        return standing(agreements.take_end(self.agreement(number), self.told().get("reason", "")))


class RowsView(PartnerPage):
    """One page of what was agreed; what is given stands in the read log, what is refused as well."""

    def get(self, request: HttpRequest, number: str) -> dict[str, Any]:
        began, one = time.monotonic(), self.agreement(number)
        caller = Caller(_running(one, request), True, address_of(request))
        contents, asked, page, _ = served(request, caller)
        log(caller, contents, asked, page, 200, began, about=f"协议 {number}")
        told = document_of(contents, asked, page)
        digest = ciphers.sm3_hex(orjson.dumps(told["rows"], option=orjson.OPT_SORT_KEYS))
        return {
            **told,
            "receipt": {
                "agreement": number,
                "rows": len(page.rows),
                "removed": len(page.removed),
                "sm3": digest,
            },
        }


def _running(one: Agreement, request: HttpRequest) -> Grant:
    if one.grant is None:
        raise Refused(f"协议{one.get_state_display()}，还不能取数", rule="sharing.403")
    if not one.runs_on(timezone.localdate()):
        why = f"：{one.reason}" if one.reason else ""
        raise Denied(403, "协议不在有效期", f"协议{one.get_state_display()}{why}", grant=one.grant)
    check_running(one.grant, address_of(request))
    return one.grant


def standing(one: Agreement) -> dict[str, Any]:
    """What the other side is told: the state, and once we have signed, the text."""
    offered = one.state in (Agreement.State.OFFERED, Agreement.State.ACTIVE)
    return {
        "number": one.number, "state": one.state, "reason": one.reason, "terms": one.terms if offered else "",
        "signature": one.own_signature if offered else "", "by": one.own_signer if offered else "",
        "version": one.version, **queries.forewarning(one),
    }  # fmt: skip
