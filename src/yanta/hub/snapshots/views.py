"""A snapshot's receipt, and two of them side by side."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from yanta.hub import subjects
from yanta.hub.snapshots import comparing, receipts
from yanta.hub.snapshots.comparing import Side
from yanta.hub.snapshots.models import Snapshot
from yanta.kernel import audit
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.api import REFUSALS, add_to_api
from yanta.kernel.resource.api import json as as_json

LOOKING = "snapshots.snapshot.view"
NOW = "now"
EXPORT_ROWS = 100_000


class SnapshotPage(PortalPage):
    """For those who may look at snapshots."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(LOOKING):
            raise NotAllowed("您没有查看数据快照的权限", rule=LOOKING)
        return super().dispatch(request, *args, **kwargs)


class SnapshotView(SnapshotPage):
    """What was frozen, how much of it, and whether it still is what was signed."""

    template = "snapshots/snapshot.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        snapshot = get_object_or_404(Snapshot.objects.visible_to(self.actor), pk=pk)
        checked = "verify" in request.GET and bool(snapshot.digest)
        return self.page(
            snapshot=snapshot, parts=snapshot.parts.order_by("-rows"), checked=checked,
            faults=receipts.faults(snapshot) if checked else [], may_remove=self.actor.may("snapshots.snapshot.remove"),
            others=Snapshot.objects.filter(state=Snapshot.State.FROZEN).exclude(pk=pk).order_by("-on")[:12],
        )  # fmt: skip


class ReceiptView(SnapshotPage):
    """The signed document, as other parties keep it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        snapshot = get_object_or_404(Snapshot.objects.visible_to(self.actor), pk=pk)
        document = {
            "document": snapshot.document, "previous": snapshot.previous, "sm3": snapshot.digest,
            "signature": snapshot.signature,
        }  # fmt: skip
        answer = HttpResponse(
            json.dumps(document, ensure_ascii=False, indent=1), content_type="application/json"
        )
        answer["Content-Disposition"] = f'attachment; filename="snapshot-{pk}.json"'
        return answer


def side_of(actor: Actor, written: str) -> Side:
    """A snapshot by its number, or `now`."""
    if written == NOW:
        return Side(None)
    rows = Snapshot.objects.visible_to(actor).filter(state=Snapshot.State.FROZEN)
    found = rows.filter(pk=written).first() if written.isdecimal() else None
    if found is None:
        raise Refused("没有这份快照，或已销毁")
    return Side(found)


class CompareView(SnapshotPage):
    """Counts first; a count opens to its rows within rights; `format=csv` takes them along."""

    template = "snapshots/compare.html"

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        asked = request.GET
        taken = list(Snapshot.objects.filter(state=Snapshot.State.FROZEN).order_by("-on", "-pk"))
        before, after = asked.get("before", ""), asked.get("after", NOW)
        if not before:
            return self._choose(taken)
        left, right = side_of(self.actor, before), side_of(self.actor, after)
        subject = subjects.subject(asked.get("subject", "student"))
        kind, unit, field = asked.get("kind", ""), asked.get("unit", ""), asked.get("field", "")
        if asked.get("format") == "csv":
            return self._file(left, right, subject, kind, unit=unit, field=field)
        page = int(asked["page"]) if asked.get("page", "").isdecimal() else 1
        found, total = (
            comparing.rows(
                left, right, subject, kind, actor=self.actor, unit=unit, field=field, page=max(1, page)
            )
            if kind
            else ([], 0)
        )
        return self.page(
            taken=taken, before=before, after=after, left=left, right=right, subject=subject, found=found, total=total,
            compared=comparing.compare(left, right, subject), kind=kind, unit=unit, field=field, number=max(1, page),
            pages=max(1, -(-total // comparing.PAGE)), kinds=comparing.KINDS, subjects=subjects.all_subjects(),
            query=f"before={before}&after={after}&subject={subject.name}",
        )  # fmt: skip

    def _choose(self, taken: list[Snapshot]) -> HttpResponse:
        return self.page(
            taken=taken, before=str(taken[0].pk) if taken else "", after=NOW, compared=None, subjects=subjects.all_subjects(),
            subject=subjects.subject("student"),
        )  # fmt: skip

    def _file(
        self, left: Side, right: Side, subject: Any, kind: str, **narrowed: Any
    ) -> StreamingHttpResponse:
        found, total = comparing.rows(
            left, right, subject, kind, actor=self.actor, size=EXPORT_ROWS, **narrowed
        )
        audit.record(
            LOOKING,
            actor=self.actor,
            summary=f"导出快照差异 {subject.title}",
            data={"rows": total, "kind": kind},
        )
        answer = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="difference-{subject.name}-{kind}.csv"'
        return answer


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(found: list[comparing.Difference]) -> Iterator[str]:
    lines = csv.writer(_Echo())
    yield "\ufeff" + str(lines.writerow(["编号", "名称", "单位", "字段", "原值", "现值"]))
    for one in found:
        for title, old, new in one.changes or (("", "", ""),):
            yield str(lines.writerow([one.key, one.name, one.unit, title, old, new]))


router = Router()


@router.get(
    "/", summary="比对两份快照", operation_id="snapshots_compare", response={200: dict[str, Any], **REFUSALS}
)
def compared(request: HttpRequest, before: str, after: str = NOW, subject: str = "student") -> HttpResponse:
    """Counts by unit and by field; `now` is the living data."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # our middleware sets it
    if not actor.may(LOOKING):
        raise NotAllowed("您没有查看数据快照的权限", rule=LOOKING)
    found = comparing.compare(side_of(actor, before), side_of(actor, after), subjects.subject(subject))
    return as_json({
        "subject": found.subject.name, "before": found.before, "after": found.after, "added": found.added,
        "gone": found.gone, "changed": found.changed, "unchanged": found.unchanged,
        "units": [dict(zip(("path", "name", "added", "gone", "changed"), one, strict=True)) for one in found.units],
        "fields": [{"field": field.name, "title": field.title, "changed": count} for field, count in found.fields],
    })  # fmt: skip


add_to_api("/snapshots/comparison", router, tag="数据 · 快照比对")
