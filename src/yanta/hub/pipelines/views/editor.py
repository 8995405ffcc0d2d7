"""The mapping workbench: columns with samples on the left, fields of the subject on the right, confirmed pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import pyarrow as pa
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.hub.pipelines import documents, lookups, queries, services, steps, suggesting
from yanta.hub.pipelines.documents import Document, Pair
from yanta.hub.pipelines.models import Pipeline, Version
from yanta.hub.pipelines.services.pipelines import crosswalks, document_of, keep
from yanta.hub.pipelines.targets import Target, TargetField, target
from yanta.hub.pipelines.views.base import PipelinePage
from yanta.kernel.base import Refused


@dataclass(frozen=True, slots=True)
class Line:
    """One source column, its pair, and what the samples become."""

    column: suggesting.Column
    samples: list[str]
    pair: Pair | None
    field: TargetField | None
    results: list[tuple[str, str, bool]]
    match: str

    @property
    def cleaning(self) -> str:
        """The steps as people call them."""
        return "、".join(steps.title_of(one) for one in self.pair.steps) if self.pair else ""

    @property
    def state(self) -> str:
        if self.pair is None:
            return "matched" if self.match else "free"
        return "suggested" if self.pair.suggested else "confirmed"


class EditorView(PipelinePage):
    """The whole workbench; its POSTs are verbs on the draft."""

    template = "pipelines/editor.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        pipeline = self.pipeline(code)
        wanted = request.GET.get("version", "")
        version = pipeline.versions.filter(number=wanted).first() if wanted.isdecimal() else None
        version = version or queries.draft(pipeline) or queries.published(pipeline)
        if version is None and self._may() and not pipeline.is_declared:
            version = services.begin_draft(pipeline, actor=self.actor)
        return self._show(pipeline, version)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        pipeline = self.pipeline(code)
        try:
            told = self._done(request, pipeline)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, told)
            if request.POST.get("verb") == "publish":
                return HttpResponseRedirect(f"/pipelines/of/{code}/")
        return HttpResponseRedirect(request.path)

    def _done(self, request: HttpRequest, pipeline: Pipeline) -> str:
        verb = request.POST.get("verb", "")
        if verb == "edit":
            return f"草稿第 {services.begin_draft(pipeline, actor=self.actor).number} 版"
        draft = queries.draft(pipeline)
        if draft is None:
            raise Refused("没有正在编辑的草稿")
        if verb == "publish":
            services.publish_draft(draft, actor=self.actor, note=request.POST.get("note", "").strip())
            return f"第 {draft.number} 版已发布"
        if verb == "discard":
            services.discard_draft(draft, actor=self.actor)
            return "草稿已放弃"
        if verb == "accept":
            return self._accept_all(draft)
        return self._ruled(request, draft)

    def _accept_all(self, draft: Version) -> str:
        """Every suggestion at once, for who has looked at them."""
        _require(self.actor.may(services.change_pair.permission))
        document = document_of(draft)
        waiting = sum(pair.suggested for pair in document.pairs)
        keep(draft, replace(document, pairs=tuple(replace(pair, suggested=False) for pair in document.pairs)))
        return f"已确认 {waiting} 个建议"

    def _ruled(self, request: HttpRequest, draft: Version) -> str:
        given = request.POST
        number = {
            name: given.get(name, "0") for name in ("threshold_percent", "threshold_rows", "removal_percent")
        }
        if not all(text.isdecimal() for text in number.values()):
            raise Refused("上限应为整数")
        services.rule(
            draft, actor=self.actor, creates="creates" in given, absent=given.get("absent", "keep"),
            mark_field=given.get("mark_field", ""), mark_value=given.get("mark_value", "").strip(), is_whole="is_whole" in given,
            partition=given.get("partition", ""), threshold_percent=int(number["threshold_percent"]),
            threshold_rows=int(number["threshold_rows"]), removal_percent=int(number["removal_percent"]),
        )  # fmt: skip
        return "规则已保存"

    def _may(self) -> bool:
        return self.actor.may(services.change_pair.permission)

    def _show(self, pipeline: Pipeline, version: Version | None) -> HttpResponse:
        goal = target(pipeline.subject)
        document = document_of(version) if version else Document(goal.key)
        columns = suggesting.columns_of(pipeline)
        lines = lines_of(goal, document, columns)
        fed = {pair.field for pair in document.pairs} | {match.field for match in document.matches}
        return self.page(
            pipeline=pipeline, version=version, document=document, lines=lines, goal=goal, columns=columns,
            open_fields=[one for one in goal.fields if one.name not in fed],
            constants=[(goal.field(pair.field), pair) for pair in document.pairs if pair.is_constant],
            waiting=sum(pair.suggested for pair in document.pairs), absent=documents.ABSENT,
            may=bool(version and version.status == Version.Status.DRAFT and self._may()),
            may_edit=self._may() and not pipeline.is_declared, **choices(goal),
        )  # fmt: skip


class ColumnView(PipelinePage):
    """One row of the workbench; a POST sets, confirms or drops its pair and answers with the row."""

    template = "pipelines/editor_row.html"

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        pipeline = self.pipeline(code)
        draft = queries.draft(pipeline)
        _require(draft is not None and self.actor.may(services.change_pair.permission))
        assert draft is not None  # noqa: S101 - required just now
        source, refusal = request.POST.get("source", ""), None
        try:
            self._change(request, draft, source)
        except Refused as found:
            refusal = found
            draft.refresh_from_db()
        if "constant" in request.POST:
            return HttpResponseRedirect(f"/pipelines/of/{code}/mapping/")
        goal, document = target(pipeline.subject), document_of(draft)
        columns = [one for one in suggesting.columns_of(pipeline) if one.name == source]
        answer = self.page(
            pipeline=pipeline, version=draft, line=lines_of(goal, document, columns)[0], goal=goal, may=True, refusal=refusal,
            is_open=request.POST.get("verb") == "set", **choices(goal),
        )  # fmt: skip
        answer["HX-Trigger"] = "mapping-changed"
        return answer

    def _change(self, request: HttpRequest, draft: Version, source: str) -> None:
        given = request.POST
        verb, known = given.get("verb", "set"), _pair_of(document_of(draft), source)
        if verb == "drop" or not given.get("field", known.field if known else ""):
            if known is not None:
                services.drop_pair(draft, actor=self.actor, field=known.field)
            return
        if verb == "confirm" and known is not None:
            services.change_pair(
                draft, actor=self.actor, field=known.field, source=source, cleaning=" ".join(known.steps),
                crosswalk=known.crosswalk, mode=known.mode, erases=known.erases,
            )  # fmt: skip
            return
        services.change_pair(
            draft, actor=self.actor, field=given["field"], source=source, constant=given.get("constant", "").strip(),
            cleaning=_cleaning(given, known, target(draft.pipeline.subject)), crosswalk=given.get("crosswalk", ""),
            mode=given.get("mode", "write"), erases="erases" in given,
        )  # fmt: skip


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused("没有可编辑的草稿，或没有编辑映射的权限")


def _pair_of(document: Document, source: str) -> Pair | None:
    return next((pair for pair in document.pairs if pair.source == source), None)


def _cleaning(given: Any, known: Pair | None, goal: Target) -> str:
    """The chosen steps; another field begins with the steps that its kind wants."""
    if known is None or known.field != given["field"]:
        return " ".join(suggesting.steps_for(goal.field(given["field"])))
    chosen = [name for name in given.getlist("steps") if name in steps.STEPS]
    with_arguments = [
        f"{name}:{given.get(f'argument_{name}', '').strip()}" if steps.STEPS[name].argument else name
        for name in chosen
    ]
    return " ".join(with_arguments)


def choices(goal: Target) -> dict[str, Any]:
    """What the selects of a row offer."""
    return {
        "steps": list(steps.STEPS.values()), "modes": documents.MODES, "crosswalks": crosswalks(), "fields": goal.fields,
    }  # fmt: skip


def lines_of(goal: Target, document: Document, columns: Sequence[suggesting.Column]) -> list[Line]:
    """Every column with its pair and its samples, raw and as they would go in."""
    pairs = {pair.source: pair for pair in document.pairs if pair.source}
    cleaned = _cleaned(columns, pairs)
    facts = {
        name: goal.field(match.field).title for match in document.matches for name in match.columns.values()
    }
    return [
        Line(
            one, [suggesting.shown(text) for text in one.samples[:4]], pairs.get(one.name),
            goal.field(pairs[one.name].field) if one.name in pairs else None,
            _results(goal, pairs[one.name], one.samples[:4], cleaned[one.name]) if one.name in pairs else [], facts.get(one.name, ""),
        )
        for one in columns
    ]  # fmt: skip


def _cleaned(columns: Sequence[suggesting.Column], pairs: dict[str, Pair]) -> dict[str, list[str | None]]:
    """The first samples of every paired column through its steps, all in one query."""
    mapped = [one for one in columns if one.name in pairs and one.samples]
    if not mapped:
        return {name: [] for name in pairs}
    cells = {f"c{turn}": [*one.samples[:4], None, None, None, None][:4] for turn, one in enumerate(mapped)}
    schema = pa.schema([("n", pa.int64()), *((name, pa.string()) for name in cells)])
    table = ibis.memtable(pa.table({"n": list(range(4)), **cells}, schema=schema))
    written = {f"c{turn}": pairs[one.name].steps for turn, one in enumerate(mapped)}
    backend = ibis.duckdb.connect(threads=1)
    try:
        found = backend.to_pyarrow(steps.applied(table, written).order_by("n")).to_pydict()
    finally:
        backend.disconnect()
    return {name: [] for name in pairs} | {one.name: found[f"c{turn}"] for turn, one in enumerate(mapped)}


def _results(
    goal: Target, pair: Pair, samples: Sequence[str], cleaned: Sequence[str | None]
) -> list[tuple[str, str, bool]]:
    """What becomes of each sample: the value, or why it would be held back."""
    values = [text for text in cleaned[: len(samples)] if text]
    verdicts = lookups.judge_values(goal, pair, values)
    told = []
    for raw, text in zip(samples, cleaned, strict=False):
        if not text:
            told.append((suggesting.shown(raw), "空", True))
            continue
        verdict = verdicts[text]
        told.append(
            (
                suggesting.shown(raw),
                verdict.reason or suggesting.shown(verdict.value or ""),
                not verdict.reason,
            )
        )
    return told
