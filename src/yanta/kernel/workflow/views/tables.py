"""Decision tables of a process in the browser: a plain form, kept in the draft of the drawing, published with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from yanta.kernel.base import Refused
from yanta.kernel.workflow import declare, tables
from yanta.kernel.workflow.bpmn.decisions import Decision, decisions_in, read_decisions
from yanta.kernel.workflow.bpmn.feel import value_of
from yanta.kernel.workflow.bpmn.preparing import prepare
from yanta.kernel.workflow.bpmn.reading import XML_LIMIT, Document, read
from yanta.kernel.workflow.bpmn.tables import as_file, drop, put
from yanta.kernel.workflow.conditions import NotACondition
from yanta.kernel.workflow.tables import Line, Sheet
from yanta.kernel.workflow.views import words
from yanta.kernel.workflow.views.designer import DesignPage

NEW = "new"


class TablesPage(DesignPage):
    """Tables of the draft, else of the version in use; `?version=3` shows those of a version."""

    @property
    def version(self) -> str:
        asked = self.request.GET.get("version", "")
        return asked if asked.isdecimal() and len(asked) < 9 else ""

    @property
    def base(self) -> str:
        return f"/workflow/processes/{self.process.key}/"

    def document(self) -> Document:
        return read(self.xml_of(self.version))

    def table_of(self, document: Document, key: str) -> Decision:
        for one in decisions_in(document.root):
            if one.key == key:
                return one
        raise Http404("没有这张表")

    def names(self) -> dict[str, str]:
        """What a condition of this process may read."""
        return {**declare.declared(self.process.base).names, "verdict": "上一步的结论"}

    def keep(self, document: Document) -> None:
        self.save(document.text)


class TablesView(TablesPage):
    template = "workflow/tables.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._shown()

    def _shown(self, refusal: str = "") -> HttpResponse:
        document = self.document()
        asking = steps_asking(document)
        rows = [(one, asking.get(one.key, [])) for one in decisions_in(document.root)]
        return self.page(
            422 if refusal else 200, process=self.process, base=self.base, rows=rows, version=self.version, refusal=refusal,
            is_draft=self.draft is not None,
        )  # fmt: skip

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """A file of another tool: its tables come into the draft, in the place of those with their keys."""
        given = request.FILES.get("file")
        try:
            if given is None or (given.size or 0) > XML_LIMIT:
                raise Refused("请选择一个不超过 8 MB 的 .dmn 文件")
            document = self.document()
            for table in read_decisions(given.read()):
                put(document, table)
            self.keep(document)
        except Refused as refusal:
            return self._shown(refusal.message)
        return HttpResponseRedirect(f"{self.base}tables/")


def steps_asking(document: Document) -> dict[str, list[str]]:
    """By table, the steps that ask it."""
    found: dict[str, list[str]] = {}
    for node in prepare(document).settings.values():
        for one in (*node.assignees, *node.copies, *filter(None, (node.fallback, node.escalate))):
            if one.kind == "decision":
                found.setdefault(one.value, []).append(node.name)
    return found


class TableView(TablesPage):
    template = "workflow/table.html"

    def get(self, request: HttpRequest, key: str, table: str) -> HttpResponse:
        if table == NEW:
            return self._shown(tables.fresh(_free_key(self.document()), self.names()), is_new=True)
        return self._shown(tables.sheet_of(self.table_of(self.document(), table)))

    def post(self, request: HttpRequest, key: str, table: str) -> HttpResponse:
        document = self.document()
        is_new = table == NEW
        sheet = posted(request.POST, _free_key(document) if is_new else self.table_of(document, table).key)
        done = request.POST.get("do", "save")
        if done == "try":
            return self._shown(sheet, is_new=is_new, hits=self._hits(sheet))
        if done != "save":
            sheet.change(done)
            return self._shown(sheet, is_new=is_new)
        return self._saved(document, sheet, is_new=is_new)

    def _saved(self, document: Document, sheet: Sheet, *, is_new: bool) -> HttpResponse:
        if self._reading(sheet).faults:
            return self._shown(sheet, is_new=is_new, refusal="有格子看不懂，改好后再保存")
        decision = sheet.decision()
        if not is_new:
            # Totals are for tables of figures; no form asks for them, and none takes them away.
            decision = replace(decision, aggregation=self.table_of(document, sheet.key).aggregation)
        put(document, decision)
        self.keep(document)
        return HttpResponseRedirect(f"{self.base}tables/{sheet.key}/?saved=1")

    def _reading(self, sheet: Sheet) -> tables.Reading:
        document = self.document()
        known = {key: {name for name, *_ in rows} for key, rows in words.words_of(self.process).items()}
        known |= {"tables": set(), "nodes": set(prepare(document).settings)}
        return tables.read(sheet, names=self.names(), unknown=lambda one: words.unknown(one, known))

    def _hits(self, sheet: Sheet) -> list[int] | str:
        given = {
            name: self.request.POST.get(f"try-{name}", "") for name in tables.names_read(sheet, self.names())
        }
        try:
            return tables.tried(sheet, {name: value_of(text) for name, text in given.items()})
        except (NotACondition, Refused) as refusal:
            return str(refusal)

    def _shown(
        self, sheet: Sheet, *, is_new: bool = False, refusal: str = "", hits: list[int] | str | None = None
    ) -> HttpResponse:
        reading = self._reading(sheet)
        return self.page(
            422 if refusal else 200, process=self.process, base=self.base, sheet=sheet, reading=reading, is_new=is_new,
            refusal=refusal, hits=hits, names=self.names(), asked=tables.names_read(sheet, self.names()), known=tables.answers_known(),
            policies={**tables.HITS, **({} if sheet.hit in tables.HITS else {sheet.hit: sheet.hit})},
            tries={name: self.request.POST.get(f"try-{name}", "") for name in tables.names_read(sheet, self.names())},
            version=self.version, is_saved="saved" in self.request.GET, asking=steps_asking(self.document()).get(sheet.key, []),
        )  # fmt: skip


class DropView(TablesPage):
    """Out of the draft; a step that still asks it shows when the drawing is checked."""

    def post(self, request: HttpRequest, key: str, table: str) -> HttpResponse:
        document = self.document()
        self.table_of(document, table)
        drop(document, table)
        self.keep(document)
        return HttpResponseRedirect(f"{self.base}tables/")


class TableFileView(TablesPage):
    def get(self, request: HttpRequest, key: str, table: str) -> HttpResponse:
        answer = HttpResponse(
            as_file(self.table_of(self.document(), table)), content_type="application/xml; charset=utf-8"
        )
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{table}.dmn"
        return answer


def _free_key(document: Document) -> str:
    return next(key for number in range(1, 1000) if document.node(key := f"table_{number}") is None)


def posted(asked: Mapping[str, Any], key: str) -> Sheet:
    """The form as it was sent, however much of it is nonsense."""
    columns, outputs, rows = (
        range(min(_count(asked.get(name, "")), most))
        for name, most in (
            ("columns", tables.MOST_COLUMNS),
            ("outputs", tables.MOST_COLUMNS),
            ("rows", tables.MOST_ROWS),
        )
    )

    def text(name: str) -> str:
        return str(asked.get(name, "")).replace("\x00", "").strip()

    return Sheet(
        key, text("title")[:80], text("hit") if text("hit") in tables.HITS else "UNIQUE",
        [(text(f"label-{at}")[:80], text(f"in-{at}")) for at in columns], [text(f"out-{at}")[:40] or tables.ANSWER for at in outputs],
        [
            Line([text(f"t-{row}-{at}") for at in columns], [text(f"a-{row}-{at}") for at in outputs], text(f"n-{row}")[:200])
            for row in rows
        ],
    )  # fmt: skip


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
