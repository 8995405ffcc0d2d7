"""One inbox for all systems: to do, done, started, copied; approving many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import urlencode

from yanta.kernel.base import Actor
from yanta.kernel.portal import todos
from yanta.kernel.portal.navigation import areas_for
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.portal.shell import shell_of
from yanta.kernel.workflow import front, queries
from yanta.kernel.workflow.models import Instance, OutsideTodo, WorkItem
from yanta.kernel.workflow.outside import open_of
from yanta.kernel.workflow.verbs import Verb
from yanta.kernel.workflow.views import listing
from yanta.kernel.workflow.views.access import may_see

MOST_EXPORTED = 20000
MOST_OUTSIDE = 50
# The page where services are found; a school without the hall has no such place.
HALL = "/hall/"


class InboxView(PortalPage):
    """`?tab=`; what other systems ask stands below what processes ask, and counts with it.

    As on the home page, the list stands before the systems are asked: `_part=others` brings what they say, and
    `_part=whole` everything at once for a browser that runs no scripts.
    """

    template = "workflow/inbox.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.dict()
        part, tab = asked.pop("_part", ""), asked.get("tab", "")
        if part == "others":
            return self._others(request)
        return self._list(request, asked, tab if tab in listing.TABS else "todo", is_whole=part == "whole")

    def _list(self, request: HttpRequest, asked: dict[str, str], tab: str, *, is_whole: bool) -> HttpResponse:
        is_sought = bool(asked.get("q") or asked.get("process") or asked.get("overdue"))
        found = listing.listed(tab, self.actor, asked)
        has_others = tab == "todo" and not is_sought and not asked.get("from")
        # Whoever has nothing else is told at once whether that is all.
        is_later = has_others and bool(found.lines) and not is_whole
        others = self._further(request) if has_others and not is_later else {"others": (), "outside": ()}
        return self.page(
            tab=tab, tabs=tabs_of(tab, request, is_later=is_later), found=found, is_later=is_later,
            query={"q": "", "process": "", "overdue": "", **asked}, is_sought=is_sought, kept=_kept(asked),
            processes=listing.processes() if is_sought or found.next or tab != "todo" else [],
            did=_did(asked, self.actor), bulk=any(line.may_bulk for line in found.lines),
            begin_at=begin_at(self.actor) if tab == "started" else "", **({"counts_later": False} if is_later else {}), **others,
        )  # fmt: skip

    def _further(self, request: HttpRequest) -> dict[str, Any]:
        """What awaits the person beside processes; with it the whole is counted."""
        further = further_of(self.actor)
        shell_of(request).know_todos(further.count + queries.count_todo(self.actor.person_id or 0))
        return {"others": further.others, "outside": further.outside}

    def _others(self, request: HttpRequest) -> HttpResponse:
        self.template = "workflow/others_part.html"
        others = self._further(request)
        waiting, unread = shell_of(request).counts
        return self.page(tabs=tabs_of("todo", request), waiting=waiting, unread=unread, **others)


def _did(asked: dict[str, str], actor: Actor) -> dict[str, Any] | None:
    """The matter just acted on, and who has it now."""
    key = asked.get("did", "")
    found = Instance.objects.filter(pk=key).first() if key.isdecimal() and len(key) < 18 else None
    if found is None or not may_see(found, actor):
        return None
    return {
        "pk": found.pk,
        "title": found.title,
        "now": listing.waiting_at([found.pk]).get(found.pk) or listing.said_of(found),
    }


def tabs_of(
    current: str, request: HttpRequest, *, is_later: bool = False
) -> list[tuple[str, str, int | None, bool]]:
    """The to-dos count here as they do in the frame of every page; a page that is counted later shows what is known."""
    frame = shell_of(request)
    known = frame.kept_counts if is_later else frame.counts
    count = known[0] if known else None
    found = [
        (
            label,
            f"/todos/?tab={key}" if key != "todo" else "/todos/",
            count if key == "todo" else None,
            key == current,
        )
        for key, label in listing.TABS.items()
    ]
    return [*found, ("委托", "/workflow/delegations/", None, current == "delegations")]


def begin_at(actor: Actor) -> str:
    """Where one begins something new, for whom that place is in the menu."""
    places = (place.url for area in areas_for(actor) for place in area.places)
    return HALL if HALL in places else ""


def _kept(asked: dict[str, str]) -> str:
    kept = {key: asked[key] for key in ("tab", "q", "process", "overdue") if asked.get(key)}
    return urlencode(kept)


@dataclass(frozen=True, slots=True)
class Further:
    """What awaits the person beside processes: `others` is said by systems of the school, `outside` was put by others."""

    others: Sequence[todos.Todo] = ()
    outside: Sequence[OutsideTodo] = ()
    count: int = 0


def further_of(actor: Actor) -> Further:
    from yanta.kernel.workflow.cards import asked  # which needs this package's lists

    others = todos.todos_of(actor, but=asked)
    rows = open_of(actor.person_id or 0)
    outside = list(rows[:MOST_OUTSIDE])
    put = rows.count() if len(outside) == MOST_OUTSIDE else len(outside)
    return Further(others, outside, sum(one.count for one in others) + put)


class BulkView(PortalPage):
    """Approve what was ticked, or the one whose button was pressed; every item gets its answer."""

    template = "workflow/outcomes.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        keys = [key for key in request.POST.getlist("one") or request.POST.getlist("keys") if key.isdecimal()]
        rows = WorkItem.objects.filter(pk__in=keys, person_id=self.actor.person_id).select_related("instance")
        opinion = request.POST.get("opinion", "").strip() or "同意"
        outcomes = front.act_on_each(rows, Verb.APPROVE, actor=self.actor, opinion=opinion)
        return self.page(outcomes=outcomes, left=[one for one in outcomes if not one.done])


class ExportView(PortalPage):
    """What the tab lists, as a sheet."""

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        asked = request.GET.dict()
        tab = asked.get("tab", "todo") if asked.get("tab", "todo") in listing.TABS else "todo"
        asked.pop("before", None)
        found = listing.listed(tab, self.actor, asked, most=MOST_EXPORTED)
        return _sheet(tab, found.lines)


def _sheet(tab: str, lines: list[listing.Line]) -> HttpResponse:
    import io

    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(listing.TABS[tab])
        sheet.write_row(0, 0, [column for column, _ in _COLUMNS], book.add_format({"bold": True}))
        for number, line in enumerate(lines, 1):
            sheet.write_row(number, 0, [value(line) for _, value in _COLUMNS])
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 5, 18)
    answer = HttpResponse(
        made.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''todos-{tab}.xlsx"
    return answer


_COLUMNS: list[tuple[str, Any]] = [
    ("事项", lambda line: line.title),
    ("环节", lambda line: line.node),
    ("申请人", lambda line: line.who),
    ("时间", lambda line: f"{line.at:%Y-%m-%d %H:%M}" if line.at else ""),
    ("期限", lambda line: line.word),
    ("状态", lambda line: line.state),
]
