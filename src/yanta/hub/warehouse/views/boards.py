"""Boards: the finding first, every number a door."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from yanta.hub.warehouse import boards, reading
from yanta.hub.warehouse.models import Board, Indicator
from yanta.hub.warehouse.services import composing
from yanta.hub.warehouse.sight import Sight
from yanta.kernel.access.roles import ROLES
from yanta.kernel.audit import record
from yanta.kernel.base import Refused
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.portal.pages import PortalPage
from yanta.kernel.resource.sheets import EXCEL_TYPE


class FiguresPage(PortalPage):
    """For those who may see figures."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.actor.account_id is not None:
            self.sight = Sight(self.actor)
            self.sight.require()
        return super().dispatch(request, *args, **kwargs)


class BoardView(FiguresPage):
    """One board for one unit; `?wall=1` is for a screen on the wall."""

    template = "warehouse/board.html"

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        board, own = boards.board_for(self.sight, code)
        unit = boards.unit_of(board, self.sight, request.GET.get("unit", ""))
        against = request.GET.get("against", "year")
        shown = boards.show(board, unit, self.sight, against=against)
        if request.GET.get("as") == "xlsx":
            return self._excel(shown)
        if "wall" in request.GET:
            self.template = "warehouse/wall.html"
        return self.page(
            shown=shown, boards=own, against=against, units=self._units(board), unit_code=unit.code if unit.depth > 1 else "",
            query=urlencode({"unit": unit.code}) if unit.depth > 1 else "", now=timezone.localtime(),
            may_change=composing.may_change(board, self.actor), periods=[(name, words) for name, (words, _) in reading.PERIODS.items()],
        )  # fmt: skip

    def _units(self, board: Board) -> list[OrgUnit]:
        """Which units one may turn the board to."""
        if self.sight.is_whole:
            return list(OrgUnit.objects.filter(depth=2, kind=OrgUnit.Kind.COLLEGE, valid_to=None))
        return self.sight.own_units if board.code != boards.DEAN else []

    def _excel(self, shown: boards.Shown) -> HttpResponse:
        record(
            "warehouse.board.export", actor=self.actor, subject=shown.board, summary=f"导出看板 {shown.board.name}",
            data={"unit": shown.unit.name, "indicators": [one.indicator.code for one in shown.figures]},
        )  # fmt: skip
        answer = HttpResponse(board_sheet(shown, self.actor.name), content_type=EXCEL_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="board-{shown.board.code}-{shown.on}.xlsx"'
        return answer


def board_sheet(shown: boards.Shown, who: str) -> bytes:
    """Figures with target, past and basis; then the findings; who took it and when stands below."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False})
    sheet = book.add_worksheet("指标")
    head = book.add_format({"bold": True, "bg_color": "#1f3a5f", "font_color": "#ffffff"})
    titles = [
        "指标",
        "单位",
        "数值",
        "计量单位",
        "目标",
        shown.figures[0].than if shown.figures else "此前",
        "全校",
        "结论",
        "主管部门",
        "依据",
    ]
    sheet.write_row(0, 0, titles, head)
    sheet.set_column(0, len(titles) - 1, 16)
    for at, one in enumerate(shown.figures, start=1):
        numbers = [
            None if value is None else float(value)
            for value in (one.value, one.indicator.target, one.before, one.school)
        ]
        sheet.write_row(at, 0, [
            one.indicator.name, shown.unit.name, numbers[0], one.indicator.unit_label, numbers[1], numbers[2], numbers[3],
            one.sentence, one.indicator.owner, one.indicator.basis,
        ])  # fmt: skip
    below = len(shown.figures) + 2
    for at, one in enumerate(shown.findings):
        sheet.write(below + at, 0, one.sentence)
    sheet.write(
        below + len(shown.findings) + 1,
        0,
        f"{who} 于 {timezone.localtime():%Y-%m-%d %H:%M} 导出；数字算于 {shown.on}",
    )
    book.close()
    return buffer.getvalue()


class ComposeView(FiguresPage):
    """One's own board: which indicators, in which order, for whom."""

    template = "warehouse/compose.html"

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        return self._show(code, None)

    def _show(self, code: str, refusal: Refused | None) -> HttpResponse:
        board = composing.board_to_change(code, self.actor) if code else None
        indicators = list(Indicator.objects.filter(is_open=True))
        places = {item: at for at, item in enumerate(board.items if board else [])}
        chosen = sorted((one for one in indicators if one.code in places), key=lambda one: places[one.code])
        left = [one for one in indicators if one.code not in places]
        return self.page(
            422 if refusal else 200, board=board, chosen=chosen, left=left, refusal=refusal,
            roles=[(role.code, role.title) for role in ROLES.values() if role.code not in ("student", "teacher")],
            units=self.sight.own_units or list(OrgUnit.objects.filter(depth__lte=2, valid_to=None)),
        )  # fmt: skip

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        try:
            if "delete" in request.POST:
                composing.drop_board(composing.board_to_change(code, self.actor), actor=self.actor)
                return HttpResponseRedirect("/warehouse/boards/")
            board = composing.keep_board(
                code, actor=self.actor, name=request.POST.get("name", "").strip(), note=request.POST.get("note", "").strip(),
                items=request.POST.get("items", "").split() or request.POST.getlist("item"),
                role=request.POST.get("role", ""), unit_code=request.POST.get("unit", ""), sight=self.sight,
            )  # fmt: skip
        except Refused as refusal:
            return self._show(code, refusal)
        return HttpResponseRedirect(f"/warehouse/boards/{board.code}/")
