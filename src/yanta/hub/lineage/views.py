"""Pages of lineage: search and graph, impact, rows behind a figure, a value's way back, records and subjects as they were."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.lineage import asof, drawing, graph, tracing
from yanta.hub.lineage.cards import GRAPH, HISTORY
from yanta.hub.lineage.shapes import KINDS, Traced, tracer_of
from yanta.hub.quality import public as quality
from yanta.hub.subjects import Subject
from yanta.hub.subjects.showing import shown
from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.opening import opens

DEEPEST, SHOWN_ROWS = 6, 100
TONES = {"blocking": "danger", "severe": "danger", "normal": "warning", "hint": "info", "": "success"}


class LineagePage(PortalPage):
    """For those who may read where data go."""

    permission = GRAPH

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None and not self.actor.may(self.permission):
            raise NotAllowed("您没有数据血缘的这项权限", rule=self.permission)
        return super().dispatch(request, *args, **kwargs)


def _states(keys: list[str]) -> dict[str, dict[str, Any]]:
    """The quality of the fields among the nodes, as a mark to draw on them."""
    fields = {key.removeprefix("field:"): key for key in keys if key.startswith("field:")}
    return {
        fields[name]: {"tone": TONES[state.severity], "rules": state.rules, "failed": state.failed}
        for name, state in quality.states(fields).items()
    }


def _steps(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return min(DEEPEST, int(text)) if text.isdecimal() else default


class GraphView(LineagePage):
    """/lineage/: one search box for everything; with `key`, what lies around it."""

    template = "lineage/graph.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        whole = graph.whole()
        key, text, kind = (request.GET.get(name, "") for name in ("key", "q", "kind"))
        counts: dict[str, int] = {}
        for node in whole.nodes.values():
            counts[node.kind] = counts.get(node.kind, 0) + 1
        context: dict[str, Any] = {
            "kinds": KINDS, "counts": counts, "q": text, "kind": kind, "silent": whole.silent, "found": None,
            "edges": sum(len(links) for links in whole.down.values()),
        }  # fmt: skip
        if not key:
            results = graph.search(whole, text, kind) if text or kind else []
            return self.page(results=results, states=_states([node.key for node in results]), **context)
        up, down = _steps(request, "up", 3), _steps(request, "down", 2)
        found = graph.around(whole, key, up=up, down=down)
        if found is None:
            raise Http404("血缘图中没有这一项")
        context["found"] = found
        return self.page(
            picture=drawing.drawn(found), states=_states(list(found.reached)), up=up, down=down, deepest=DEEPEST, box=drawing,
            nodes={key: one.node for key, one in found.reached.items()}, traced=tracer_of(key) is not None,
            reach=len(graph.impact(whole, key)), results=[], opens_centre=self._opens(found.centre.link), **context,
        )  # fmt: skip

    def _opens(self, link: str) -> bool:
        return bool(link) and not link.startswith("/lineage/") and opens(link, self.actor)


class ImpactView(LineagePage):
    """Everything that a change of a code, a column or a field reaches; as a page or a file."""

    template = "lineage/impact.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        whole, key = graph.whole(), request.GET.get("key", "")
        if key not in whole.nodes:
            raise Http404("血缘图中没有这一项")
        found = graph.impact(whole, key)
        if request.GET.get("format") == "csv":
            return self._file(whole.nodes[key].title, found)
        by_kind: dict[str, int] = {}
        for one in found:
            by_kind[one.node.kind] = by_kind.get(one.node.kind, 0) + 1
        owners = sorted({one.node.owner for one in found if one.node.owner})
        return self.page(
            node=whole.nodes[key], found=found, by_kind=by_kind, kinds=KINDS, owners=owners, nodes=whole.nodes,
            states=_states([one.node.key for one in found]), key=key,
        )  # fmt: skip

    @staticmethod
    def _file(title: str, found: list[graph.Reached]) -> HttpResponse:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("相隔", "类别", "名称", "归口", "怎样用到", "标识"))
        for one in found:
            node = one.node
            writer.writerow((one.distance, KINDS[node.kind], node.title, node.owner, one.how, node.key))
        answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'影响分析 {title}.csv')}"
        return answer


class RowsView(LineagePage):
    """The rows behind a figure or a field, each leading to its record and to each value's way back."""

    template = "lineage/rows.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        key = request.GET.get("key", "")
        tracer = tracer_of(key)
        traced = tracer(key, self.actor) if tracer else None
        if traced is None:
            raise Http404("这一项没有可以追到行的数据")
        subject = subjects.subject(traced.subject)
        return self.page(key=key, traced=traced, subject=subject, rows=self._rows(subject, traced))

    def _rows(self, subject: Subject, traced: Traced) -> list[tuple[Any, str]]:
        found = subject.rows(self.actor).filter(pk__in=list(traced.ids)[:SHOWN_ROWS])
        found = found.select_related(*subject.model.title_needs) if subject.model.title_needs else found
        return [(row, _record_url(subject, row.pk)) for row in found]


def _record_url(subject: Subject, pk: int) -> str:
    return f"/{subject.model._meta.label_lower.replace('.', '/')}/{pk}/"


class RecordPage(PortalPage):
    """About one row of a subject that the reader may see."""

    def subject(self) -> Subject:
        return subjects.subject(self.kwargs["subject"])

    def row(self, subject: Subject) -> Any:
        row = subject.rows(self.actor).filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404("没有这条记录，或它不在您的范围内")
        return row


class ValueView(RecordPage):
    """“这个值从哪里来”: from the figure down to the delivered row."""

    template = "lineage/value.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        subject = self.subject()
        row, field = self.row(subject), subject.field(kwargs["field"])
        whole, key = graph.whole(), request.GET.get("from", "")
        return self.page(
            trace=tracing.trace(subject, field, row), origin=whole.nodes.get(key), url=_record_url(subject, row.pk),
            others=self.actor.may("hub.elementvalue.view"), runs=self.actor.may("hub.run.view"), row=row, subject=subject,
            graph=self.actor.may(GRAPH),
        )  # fmt: skip


class RecordThenView(RecordPage):
    """“这一天是什么样”: a record at the end of a day, and beside another."""

    template = "lineage/record_then.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        subject = self.subject()
        deleted = not subject.rows(self.actor).filter(pk=kwargs["pk"]).exists()
        if deleted and not self.actor.may(HISTORY):
            raise Http404("没有这条记录，或它不在您的范围内")
        today = timezone.localdate()
        on, beside = _day(request, "on", today - timedelta(days=30)), _day(request, "with", today)
        then, now = (_row_at(subject, kwargs["pk"], day) for day in (on, beside))
        facts = [
            (field, shown(field, then[field.name]) if then else "", shown(field, now[field.name]) if now else "",
             bool(then and now and then[field.name] != now[field.name]))
            for field in subject.fields
        ]  # fmt: skip
        title = "" if deleted else str(self.row(subject))
        return self.page(
            subject=subject, pk=kwargs["pk"], title=title, deleted=deleted, on=on, beside=beside, then=then, now=now, facts=facts,
            changed=sum(one[3] for one in facts), url=_record_url(subject, kwargs["pk"]), today=today,
        )  # fmt: skip


def _day(request: HttpRequest, name: str, default: date) -> date:
    text = request.GET.get(name, "")
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("日期应形如 2026-09-30", field=name) from error


def end_of(day: date) -> datetime:
    """The last instant of a day in the school's time."""
    return timezone.make_aware(datetime.combine(day, time.max))


def _row_at(subject: Subject, pk: int, day: date) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = asof.as_of(subject, end_of(day), rows=[pk]).to_pylist()
    return found[0] if found else None


class SubjectThenView(LineagePage):
    """A subject at the end of two days: how many rows, which came, went and changed."""

    template = "lineage/subject_then.html"
    permission = HISTORY

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = [one for one in subjects.all_subjects() if getattr(one.model, "history", False)]
        name = request.GET.get("subject", "")
        today = timezone.localdate()
        on, beside = _day(request, "on", today - timedelta(days=30)), _day(request, "with", today)
        subject = subjects.subject(name) if name else None
        found = asof.difference(subject, end_of(on), end_of(beside)) if subject else None
        return self.page(
            kept=kept, subject=subject, on=on, beside=beside, found=found, today=today, most=SHOWN_ROWS
        )
