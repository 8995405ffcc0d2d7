"""Who read whom: for auditors and owners, for each person about oneself; usage; whose copy leaked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from yanta.hub.sharing import queries
from yanta.hub.sharing.delivery import files
from yanta.hub.sharing.models import Consumer, Dataset, FileDelivery, ReadEntry, UsageDay
from yanta.hub.sharing.views.base import SharingPage
from yanta.kernel import audit
from yanta.kernel.base import Refused
from yanta.kernel.portal.pages import PortalPage

MOST_EXPORTED = 200_000
MOST_COMPARED = 20_000


def _day(text: str, default: date | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        return default


class ReadsView(SharingPage):
    """Last month unless asked otherwise; by person, by consumer, by dataset, by way."""

    template = "sharing/reads.html"
    permission = "sharing.readentry.view"

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        people = queries.persons_called(request.GET.get("person", ""))
        asked = self._asked(request, tuple(one.pk for one in people))
        is_nobody = bool(request.GET.get("person", "").strip()) and not people
        rows = queries.log(self.actor, asked) if not is_nobody else ReadEntry.objects.none()
        if people:
            said = "、".join(one.number for one in people)
            audit.record("sharing.readentry.view", actor=self.actor, summary=f"查询谁读过 {said}")
        if request.GET.get("format") == "csv":
            return self._export(rows)
        found = list(rows[: queries.PAGE + 1])
        query = request.GET.copy()
        query.pop("before", None)
        return self.page(
            rows=found[: queries.PAGE], more=found[queries.PAGE - 1].pk if len(found) > queries.PAGE else None,
            people=people, is_nobody=is_nobody, asked=asked, query=query.urlencode(), person=request.GET.get("person", ""),
            consumers=Consumer.objects.order_by("title"), datasets=Dataset.objects.order_by("title"),
            hows=ReadEntry.How.choices, title_of=queries.titles,
        )  # fmt: skip

    def _asked(self, request: HttpRequest, persons: tuple[int, ...]) -> queries.Asked:
        data, today = request.GET, timezone.localdate()

        def number(name: str) -> int | None:
            return int(data[name]) if data.get(name, "").isdecimal() else None

        how = data.get("how", "") if data.get("how") in ReadEntry.How.values else ""
        return queries.Asked(
            persons, number("consumer"), number("dataset"), how, _day(data.get("since", ""), today - timedelta(days=30)),
            _day(data.get("until", ""), today), number("before"),
        )  # fmt: skip

    def _export(self, rows: Any) -> StreamingHttpResponse:
        audit.record("sharing.readentry.export", actor=self.actor, summary="导出读取记录")
        answer = StreamingHttpResponse(_lines(rows[:MOST_EXPORTED]), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="reads.csv"'
        return answer


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(rows: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(
        [
            "时间",
            "使用方",
            "数据集",
            "方式",
            "结果",
            "行数",
            "逐行准确",
            "字段",
            "用途",
            "来源地址",
            "经手人",
            "说明",
        ]
    )
    for one in rows.iterator(chunk_size=2000):
        at = timezone.localtime(one.at).strftime("%Y-%m-%d %H:%M:%S")
        yield writer.writerow([
            at, one.consumer.title, one.dataset.title, one.get_how_display(), one.get_outcome_display(), one.count,
            "是" if one.is_exact else "上限", "、".join(one.names), one.grant.application.purpose, one.address or "",
            one.person_name, one.detail,
        ])  # fmt: skip


class OwnReadsView(PortalPage):
    """Who read my data: who, what, for what, how often; not from which address, not by which colleague."""

    template = "sharing/own_reads.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = queries.who_read([self.actor.person_id]) if self.actor.person_id else []
        return self.page(rows=rows, days=queries.OWN_DAYS)


class UsageView(SharingPage):
    """Reads, rows, failures, latency; what is popular; what nobody uses."""

    template = "sharing/usage.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        league = queries.league(on=today)
        return self.page(
            usage=queries.usage(UsageDay.objects.all(), on=today), league=league, zombies=queries.zombies(on=today),
            most=max((pop.reads for _, pop in league), default=0) or 1,
        )  # fmt: skip


class LeakView(SharingPage):
    """A file turned up where it should not be: the order of its rows tells for whom it was made."""

    template = "sharing/leak.html"
    permission = "sharing.readentry.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(found=None, refusal=None)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            keys = [line.strip() for line in request.POST.get("keys", "").splitlines() if line.strip()]
            if len(keys) < 20:
                raise Refused("至少要 20 行，行数越多越确定")
        except Refused as refusal:
            return self.page(422, found=None, refusal=refusal)
        rows = FileDelivery.objects.select_related("grant__consumer__unit", "grant__dataset").order_by("-pk")
        found = files.whose(keys[:MOST_COMPARED], rows.iterator())
        audit.record("sharing.readentry.view", actor=self.actor, summary=f"按行序比对 {len(keys)} 行")
        return self.page(found=found, refusal=None, count=len(keys))
