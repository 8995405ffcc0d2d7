"""A grant from the inside: key, files, door, pushes, use; secrets are told once, on the answer itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from yanta.hub.sharing import owners, queries, rules
from yanta.hub.sharing.contents import contents_of, reach_in_words
from yanta.hub.sharing.delivery import files
from yanta.hub.sharing.models import (
    FileDelivery,
    FileKind,
    Grant,
    ReadEntry,
    SchemaAccess,
    Subscription,
    UsageDay,
    Way,
)
from yanta.hub.sharing.services import applications, deliveries, grants
from yanta.hub.sharing.views.base import SharingPage
from yanta.hub.subjects import conditions
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.identity.devices import address_of


class GrantView(SharingPage):
    """For everyone on the staff the terms; for the consumer and the owners the rest."""

    template = "sharing/grant.html"
    permission = "sharing.grant.view"

    def _grant(self, pk: int) -> Grant:
        rows = Grant.objects.select_related(
            "dataset__owner", "consumer__unit", "consumer__responsible", "application"
        )
        return get_object_or_404(rows, pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self._grant(pk))

    def _show(self, grant: Grant, *, refusal: Refused | None = None, **told: Any) -> HttpResponse:
        about = grant.dataset.about
        is_mine = applications.speaks_for_consumer(self.actor, grant.consumer)
        is_owner = grants.may_stop(self.actor, grant)
        subscription = Subscription.objects.filter(grant=grant).first()
        log = ReadEntry.objects.filter(grant=grant).order_by("-pk")[:8] if is_mine or is_owner else []
        address = settings.SITE_ADDRESS.rstrip("/")
        return self.page(
            422 if refusal else 200, grant=grant, about=about, is_mine=is_mine, is_owner=is_owner, refusal=refusal,
            is_responsible=self.actor.person_id == grant.consumer.responsible_id, told=told, log=log,
            contents=contents_of(grant), reach=reach_in_words(grant.consumer, about), owners=owners, levels=rules.LEVEL_WORDS,
            rows_said=conditions.words(about, rules.all_of(grant.dataset.condition, grant.condition)) or "全部",
            usage=queries.usage(UsageDay.objects.filter(grant=grant), on=timezone.localdate()), kinds=FileKind.choices,
            latency=queries.latency_of(grant), files=grant.files.select_related("file")[:10], subscription=subscription,
            pushes=subscription.pushes.order_by("-sequence")[:6] if subscription else [], address=address,
            access=SchemaAccess.objects.filter(consumer=grant.consumer).first(), database=connection.settings_dict,
            ways={way.value: way.label for way in Way},
            stops=[one for one in (grants.suspend, grants.resume, grants.revoke) if is_owner and one.offered_to(self.actor, grant)],
            renewals=[one for one in (applications.renew, grants.schedule_file, grants.give_back) if is_mine and one.offered_to(self.actor, grant)],
        )  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        grant = self._grant(pk)
        try:
            told = self._do(request, grant)
        except Refused as refusal:
            return self._show(grant, refusal=refusal)
        if told:
            answer = self._show(self._grant(pk), **told)
            answer["Cache-Control"] = "no-store"
            return answer
        return HttpResponseRedirect(request.path)

    def _do(self, request: HttpRequest, grant: Grant) -> dict[str, Any]:
        wish, data = request.POST.get("do"), request.POST
        if wish == "key":
            secret = grants.issue_key(grant, actor=self.actor)
            return {"key_id": grant.key_id, "secret": secret}
        if wish == "schema":
            return dict(deliveries.open_schema(grant, actor=self.actor))
        if wish == "file":
            deliveries.make_file(grant, actor=self.actor, kind=FileKind(data.get("kind") or "csv"))
        elif wish == "subscribe":
            deliveries.subscribe(grant, actor=self.actor, address=data.get("address", "").strip())
        elif wish == "test":
            deliveries.test_push(grant, actor=self.actor)
        elif wish == "replay":
            after = data.get("after", "0").strip() or "0"
            if not after.isdecimal():
                raise Refused("序号应为整数")
            deliveries.replay(grant, actor=self.actor, after=int(after))
        return {}


class DownloadView(SharingPage):
    """A file for who answers for the consumer, as long as the grant runs."""

    permission = "sharing.grant.view"

    def get(self, request: HttpRequest, pk: int) -> Any:
        rows = FileDelivery.objects.select_related("grant__dataset", "grant__consumer__unit", "file")
        delivery = get_object_or_404(rows, pk=pk)
        if not applications.speaks_for_consumer(self.actor, delivery.grant.consumer):
            raise NotAllowed("文件只给使用方的责任人和使用单位")
        content = files.opened(delivery, actor_name=self.actor.name, address=address_of(request))
        name = delivery.file.name if delivery.file else "data"
        answer = FileResponse(content, as_attachment=True, filename=name)
        answer["Cache-Control"] = "private, no-store"
        return answer
