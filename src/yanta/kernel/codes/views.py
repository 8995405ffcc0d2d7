"""Pages that a resource cannot express: the tree of a code set, its use, the dictionary, coverage."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from yanta.kernel.codes import exports, pages, queries
from yanta.kernel.codes.models import CodeSet
from yanta.kernel.codes.rules import compare
from yanta.kernel.codes.sight import require, table_for
from yanta.kernel.portal.pages import PortalPage

TABS = (
    ("codes", "代码"),
    ("use", "使用情况"),
    ("changes", "变更"),
    ("editions", "版本"),
    ("about", "来源与核对"),
)


class CodesPage(PortalPage):
    """Open to whoever may see code sets."""

    permission = "codes.codeset.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None:
            require(self.actor, self.permission)
        return super().dispatch(request, *args, **kwargs)

    def code_set(self, set_id: str) -> CodeSet:
        found = CodeSet.objects.select_related("owner").filter(set_id=set_id).first()
        if found is None:
            raise Http404(f"没有代码集 {set_id}")
        return found


class BrowseView(CodesPage):
    """A code set: its codes as a tree, where they are used, what will change, how far it was checked."""

    template = "codes/browse.html"

    def get(self, request: HttpRequest, set_id: str) -> HttpResponse:
        tab = request.GET.get("tab", "codes")
        show = {"use": self._use, "changes": self._changes, "editions": self._editions, "about": self._about}
        code_set = self.code_set(set_id)
        context = show.get(tab, self._codes)(code_set)
        tabs = [(label, f"?tab={key}", None, key == (tab if tab in show else "codes")) for key, label in TABS]
        return self.page(
            code_set=code_set, tone=pages.tone_of(code_set), tabs=tabs, tab=tab if tab in show else "codes",
            kinds=exports.kinds(), **context,
        )  # fmt: skip

    def _codes(self, code_set: CodeSet) -> dict[str, Any]:
        query = self.request.GET
        text, under = query.get("q", "").strip(), query.get("under", "")
        number = int(query["page"]) if query.get("page", "").isdecimal() else 1
        used = pages.used_codes(queries.usages_of(code_set.set_id))
        table = table_for(self.actor, code_set.set_id)
        found = pages.code_page(table, under=under, text=text, page=max(number, 1), used=used)
        return {
            "found": found,
            "text": text,
            "under": under,
            "number": max(number, 1),
            "per_page": pages.MOST_ROWS,
        }

    def _use(self, code_set: CodeSet) -> dict[str, Any]:
        code = self.request.GET.get("code", "")
        usages = queries.usages_of(code_set.set_id, [code] if code else None)
        # What is off a live set cannot be told from the rows that this person happens to see.
        strange = (
            [] if code_set.is_live else pages.off_standard(table_for(self.actor, code_set.set_id), usages)
        )
        return {"usages": usages, "strange": strange, "crosswalks": code_set.crosswalks.all(), "code": code}

    def _changes(self, code_set: CodeSet) -> dict[str, Any]:
        return {
            "proposals": code_set.proposals.order_by("-pk")[:50],
            "effects": pages.open_effects(code_set),
            "revisions": code_set.revisions.order_by("-number")[:20],
        }

    def _editions(self, code_set: CodeSet) -> dict[str, Any]:
        return {"editions": pages.editions_of(code_set)}

    def _about(self, code_set: CodeSet) -> dict[str, Any]:
        return {}


class ExportView(CodesPage):
    """The set as a file."""

    def get(self, request: HttpRequest, set_id: str, kind: str) -> HttpResponse:
        self.code_set(set_id)
        if kind not in exports.kinds():
            raise Http404
        return handed_out(exports.code_set(table_for(self.actor, set_id), kind))


class CompareView(CodesPage):
    """What changed from one edition to another."""

    template = "codes/compare.html"

    def get(self, request: HttpRequest, old: str, new: str) -> HttpResponse:
        before, after = self.code_set(old), self.code_set(new)
        difference = compare(table_for(self.actor, old), table_for(self.actor, new))
        return self.page(before=before, after=after, difference=difference, most=pages.MOST_ROWS)


class SuggestView(PortalPage):
    """What a box for codes offers while one types; open to everyone who fills in forms."""

    def get(self, request: HttpRequest, set_id: str) -> HttpResponse:
        found = pages.suggestions(table_for(self.actor, set_id), request.GET.get("q", ""))
        if not request.headers.get("HX-Request"):
            return JsonResponse({"set_id": set_id, "codes": found})
        options = [(one["code"], one["path"]) for one in found]
        return render(request, "resource/options.html", {"options": options})


class DictionaryView(CodesPage):
    """The subsets of the dictionary, standard by standard."""

    template = "codes/dictionary.html"
    permission = "codes.dataelement.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        sources = pages.subsets(text)
        wanted = request.GET.get("source", "")
        shown = [one for one in sources if one[0] == wanted] or sources[:1]
        tabs = [
            (source, "?" + urlencode({"source": source, "q": text}), len(lines), source == shown[0][0])
            for source, lines in sources
        ]
        return self.page(text=text, tabs=tabs, lines=shown[0][1] if shown else [])


class SubsetView(CodesPage):
    """The elements of one subset, each with where it is kept."""

    template = "codes/subset.html"
    permission = "codes.dataelement.view"

    def get(self, request: HttpRequest, subset: str) -> HttpResponse:
        lines = pages.elements_of(subset)
        if not lines:
            raise Http404(f"没有子类 {subset}")
        return self.page(subset=lines[0].element, lines=lines, kept=sum(bool(line.kept) for line in lines))


class DictionaryExportView(CodesPage):
    """The whole dictionary as a file."""

    permission = "codes.dataelement.view"

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        if kind not in ("xlsx", "json"):
            raise Http404
        return handed_out(exports.dictionary(kind))


class CoverageView(CodesPage):
    """How far each system keeps to the standard."""

    template = "codes/coverage.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(systems=queries.coverage())


def handed_out(export: exports.Export) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{export.name}"'}
    return HttpResponse(export.content, content_type=export.content_type, headers=headers)
