"""The workbench of drawings: list, draw, check, publish, compare, files in and out. Engineers and the owning department's head."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.functional import cached_property

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.workflow import declare, migrating, versions
from yanta.kernel.workflow.bpmn.checking import tried
from yanta.kernel.workflow.bpmn.comparing import compare
from yanta.kernel.workflow.bpmn.coverage import doubts_of
from yanta.kernel.workflow.bpmn.decisions import decisions_in
from yanta.kernel.workflow.bpmn.findings import Finding, errors
from yanta.kernel.workflow.bpmn.laying import with_drawing
from yanta.kernel.workflow.bpmn.preparing import prepare
from yanta.kernel.workflow.bpmn.reading import XML_LIMIT, read
from yanta.kernel.workflow.bpmn.tables import carry_over
from yanta.kernel.workflow.models import Process, Version
from yanta.kernel.workflow.views import words

ENGINEER = "engineer"


def may_draw(process: Process, actor: Actor) -> bool:
    """Engineers draw everything, a head what the own department answers for."""
    if actor.is_system or actor.has_role(ENGINEER):
        return True
    owner = process.owner
    return bool(owner) and any(one.role == "head" and one.unit_name == owner for one in actor.grants)


def drawn_by(actor: Actor) -> list[Process]:
    """The processes this person may draw; those of files are registered on the way."""
    versions.register_files()
    return [one for one in Process.objects.prefetch_related("versions") if may_draw(one, actor)]


def checked(xml: bytes | str, process: Process) -> list[Finding]:
    """Everything to be said of a drawing of this process."""
    known = {*declare.declared(), *Process.objects.values_list("key", flat=True)}
    ready = prepare(read(xml), known=known)
    found = tried(ready).findings
    open_ends = [Finding("warning", said) for table in ready.decisions.values() for said in doubts_of(table)]
    return [*found, *words.doubts(ready, process), *open_ends]


class ProcessesView(PortalPage):
    template = "workflow/processes.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = drawn_by(self.actor)
        if not found and not self.actor.has_role(ENGINEER, "head"):
            raise NotAllowed("流程设计由信息中心工程师和归口部门负责人使用", rule="workflow.draw")
        return self.page(rows=[(one, *_state(one)) for one in found])


def _state(process: Process) -> tuple[Version | None, Version | None]:
    """What is in use, and the draft."""
    by_state = {one.state: one for one in process.versions.all()}
    return by_state.get(Version.State.CURRENT), by_state.get(Version.State.DRAFT)


class DesignPage(PortalPage):
    """One process, for those who may draw it; others learn not even that it exists."""

    @cached_property
    def process(self) -> Process:
        found = Process.objects.filter(key=self.kwargs["key"]).first()
        if found is None or not may_draw(found, self.actor):
            raise Http404("没有这个流程，或它不归您设计")
        return found

    @property
    def draft(self) -> Version | None:
        return self.process.versions.filter(state=Version.State.DRAFT).first()

    def numbered(self, number: int | str) -> Version:
        found = self.process.versions.filter(number=number).first()
        if found is None:
            raise Http404("没有这个版本")
        return found

    def xml_of(self, asked: str) -> str:
        """`draft`, a number, or what is being drawn: the draft, else what is in use."""
        if asked.isdecimal():
            return self.numbered(int(asked)).xml
        draft = self.draft
        return draft.xml if draft else versions.current(self.process.key).xml

    def save(self, xml: str) -> Version:
        document = read(xml)
        return versions.draw(self.process.key, self.process.title, base=self.process.base, xml=document.text)

    def with_tables(self, xml: str) -> str:
        """Tables are changed on their own pages; the canvas may have been open since before that."""
        document = read(xml)
        carry_over(read(self.xml_of("")), document)
        return document.text


class ProcessView(DesignPage):
    template = "workflow/process.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        rows = self.process.versions.defer("xml").order_by("-number")
        counts = {one.pk: one.instances.exclude(state="ended").count() for one in rows}
        return self.page(
            process=self.process, rows=[(one, counts[one.pk]) for one in rows if one.number], draft=self.draft
        )


class DrawView(DesignPage):
    template = "workflow/draw.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.page(
            process=self.process, version=request.GET.get("version", ""), base=f"/workflow/processes/{key}/"
        )


class DraftView(DesignPage):
    """What the designer opens, and where it keeps what was drawn."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        xml = with_drawing(read(self.xml_of(request.GET.get("version", "")))).decode()
        known = words.words_of(self.process)
        known["tables"] = [[one.key, one.name] for one in decisions_in(read(xml).root)]
        return JsonResponse({"xml": xml, "findings": told(checked(xml, self.process)), "words": known})

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            draft = self.save(self.with_tables(_body(request)))
        except Refused as refusal:
            return JsonResponse({"refusal": refusal.message}, status=422)
        return JsonResponse({"findings": told(checked(draft.xml, self.process))})


class CheckView(DesignPage):
    """What is to be said of a drawing that is not kept."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            return JsonResponse({"findings": told(checked(self.with_tables(_body(request)), self.process))})
        except Refused as refusal:
            return JsonResponse({"refusal": refusal.message}, status=422)


def _body(request: HttpRequest) -> str:
    if len(request.body) > XML_LIMIT:
        raise Refused(f"流程图超过 {XML_LIMIT // 2**20} MB")
    return request.body.decode("utf-8", errors="replace")


def told(findings: list[Finding]) -> list[dict[str, str]]:
    """The gravest first."""
    order = ("error", "warning", "info")
    found = sorted(findings, key=lambda one: order.index(one.severity))
    return [
        {"severity": one.severity, "reason": one.reason, "node": one.node_id, "name": one.name}
        for one in found
    ]


class PublishView(DesignPage):
    template = "workflow/publish.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._shown()

    def _shown(self, refusal: str = "") -> HttpResponse:
        draft = self.draft
        if draft is None:
            return HttpResponseRedirect(f"/workflow/processes/{self.process.key}/")
        findings = checked(draft.xml, self.process)
        current = self.process.versions.filter(state=Version.State.CURRENT).first()
        changes = compare(read(current.xml), read(draft.xml)) if current else []
        return self.page(
            422 if refusal else 200, process=self.process, findings=findings, wrong=errors(findings), changes=changes,
            refusal=refusal, current=current,
        )  # fmt: skip

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        draft = self.draft
        if draft is None:
            raise Http404
        if wrong := errors(checked(draft.xml, self.process)):
            return self._shown(f"还有 {len(wrong)} 处不能执行，改好后再发布")
        note = request.POST.get("note", "").strip()
        if not note:
            return self._shown("请写一句这一版改了什么")
        try:
            versions.publish(draft, actor=self.actor, note=note[:200])
        except Refused as refusal:
            return self._shown(refusal.message)
        return HttpResponseRedirect(f"/workflow/processes/{key}/")


class ImportView(DesignPage):
    """A file of another tool becomes the draft."""

    template = "workflow/import.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self.page(process=self.process)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        given = request.FILES.get("file")
        try:
            if given is None or (given.size or 0) > XML_LIMIT:
                raise Refused("请选择一个不超过 8 MB 的 .bpmn 文件")
            self.save(read(given.read()).text)
        except Refused as refusal:
            return self.page(422, process=self.process, refusal=refusal.message)
        return HttpResponseRedirect(f"/workflow/processes/{key}/draw/")


class FileView(DesignPage):
    """A version as a file, as it was drawn."""

    def get(self, request: HttpRequest, key: str, number: int) -> HttpResponse:
        answer = HttpResponse(self.numbered(number).xml, content_type="application/xml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{key}-{number}.bpmn"'
        return answer


class CompareView(DesignPage):
    """`?from=1&to=2`; `draft` is the draft."""

    template = "workflow/compare.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        first, second = request.GET.get("from", ""), request.GET.get("to", "draft")
        before, after = read(self.xml_of(first)), read(self.xml_of(second))
        changes = compare(before, after)
        if request.GET.get("data"):
            return JsonResponse(_drawn(before, after, changes))
        return self.page(process=self.process, first=first, second=second, changes=changes)


def _drawn(before: Any, after: Any, changes: Any) -> dict[str, Any]:
    marks = {
        kind: [one.node_id for one in changes if one.kind == kind] for kind in ("added", "removed", "changed")
    }
    return {"before": with_drawing(before).decode(), "after": with_drawing(after).decode(), "marks": marks}


class MoveView(DesignPage):
    """Running matters taken over into the version in use: first what would become of each, then on purpose."""

    template = "workflow/move.html"

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._shown(migrating.preview(versions.current(key)), is_done=False)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        return self._shown(migrating.migrate(versions.current(key), actor=self.actor), is_done=True)

    def _shown(self, rows: list[migrating.Moving], *, is_done: bool) -> HttpResponse:
        stays = [one for one in rows if one.reason]
        moves = [one for one in rows if not one.reason]
        version = versions.current(self.process.key)
        return self.page(process=self.process, version=version, moves=moves, stays=stays, is_done=is_done)
