"""Which boards there are for whom, and what stands on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from yanta.hub.warehouse import reading, rules
from yanta.hub.warehouse.models import Board, Disagreement, Indicator
from yanta.hub.warehouse.reading import Reading
from yanta.hub.warehouse.sight import Sight
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.organisation.models import OrgUnit

LEADER, DEAN, DEPARTMENT = "leader", "dean", "department"
MOST_FINDINGS, MOST_MOVED, MOST_LINES = 5, 5, 3
DECLARED = (
    (LEADER, "学校一览", "leader", "开会前的一分钟：结论、五个数、变化最大的、亮红灯的", (
        "student.count", "staff.student_ratio", "staff.senior_share", "space.teaching_per_student", "equipment.value_per_student")),
    (DEAN, "本院一览", "head", "本院的数字，旁边是全校和去年", (
        "student.count", "staff.student_ratio", "staff.senior_share", "student.first_year_present", "equipment.intact_rate")),
    (DEPARTMENT, "部门指标", "clerk", "本部门主管的指标与数据健康", ()),
)  # fmt: skip
# Who else opens the boards of a role.
ALSO = {
    LEADER: ("engineer", "auditor"),
    DEAN: ("leader", "engineer"),
    DEPARTMENT: ("head", "engineer", "leader"),
}


def declare() -> None:
    """The three boards that come with the platform; what people change on them stays."""
    for code, name, role, note, items in DECLARED:
        Board.objects.get_or_create(
            code=code,
            defaults={"name": name, "role": role, "note": note, "items": list(items), "is_declared": True},
        )


def boards_for(sight: Sight) -> list[Board]:
    """The actor's boards, the nearest first: those of the role, one's own, those shared."""
    actor = sight.actor
    held = {grant.role for grant in actor.grants}
    mine = Q(person_id=actor.person_id) if actor.person_id else Q(pk__in=())
    shared = Q(is_declared=False, role__in=held, unit=None)
    within = Q(pk__in=())
    for grant in actor.grants:
        if grant.path:
            above = [
                grant.path[: OrgUnit.steplen * depth]
                for depth in range(1, len(grant.path) // OrgUnit.steplen + 1)
            ]
            within |= Q(unit__path__in=above) & (Q(role="") | Q(role=grant.role))
    found = list(
        Board.objects.filter(Q(is_declared=True) | mine | shared | within)
        .select_related("unit", "person")
        .distinct()
    )
    open_ = [one for one in found if not one.is_declared or _is_for(one, sight)]
    return sorted(open_, key=lambda one: (not one.is_declared, _rank(one, held), one.name))


def _is_for(board: Board, sight: Sight) -> bool:
    roles = (board.role, *ALSO.get(board.code, ()))
    if not sight.actor.has_role(*roles):
        return False
    return (
        board.code != DEAN
        or sight.is_whole
        or any(unit.kind == OrgUnit.Kind.COLLEGE for unit in sight.own_units)
    )


def _rank(board: Board, held: set[str]) -> int:
    """The board of one's own role before those one may open too."""
    if board.role in held:
        return 0
    return 1 + list(ALSO).index(board.code) if board.code in ALSO else 9


def board_for(sight: Sight, code: str) -> tuple[Board, list[Board]]:
    """The board and all that the actor has; refuses one that is not open to the actor."""
    boards = boards_for(sight)
    found = (
        next((one for one in boards if one.code == code), None) if code else (boards[0] if boards else None)
    )
    if found is None:
        raise OutOfScope("没有这块看板，或没有共享给您")
    return found, boards


def unit_of(board: Board, sight: Sight, code: str) -> OrgUnit:
    """The unit a board opens with: the school for leaders and departments, one's own college for deans."""
    if code or board.code != DEAN:
        return sight.unit(code)
    own = [unit for unit in sight.own_units if unit.kind == OrgUnit.Kind.COLLEGE]
    if own:
        return own[0]
    first = OrgUnit.objects.filter(kind=OrgUnit.Kind.COLLEGE, depth=2, valid_to=None).first()
    return first if first is not None else sight.unit("")


@dataclass(slots=True)
class Shown:
    """All that a board says."""

    board: Board
    unit: OrgUnit
    school: OrgUnit
    on: Any = None
    figures: list[Reading] = field(default_factory=list)
    findings: list[Reading] = field(default_factory=list)
    moved: list[Reading] = field(default_factory=list)
    red: list[Reading] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    bars: list[dict[str, Any]] = field(default_factory=list)
    disagreements: int = 0

    @property
    def is_school(self) -> bool:
        return self.unit.pk == self.school.pk


def show(board: Board, unit: OrgUnit, sight: Sight, *, against: str = "year") -> Shown:
    """Read in a fixed number of questions, whatever stands on the board."""
    school = unit if unit.depth == 1 else sight.unit("")
    indicators = reading.open_indicators()
    chosen = _chosen(board, indicators, sight)
    found = {
        one.indicator.code: one for one in reading.readings(unit, indicators, against=against, school=school)
    }
    shown = Shown(board, unit, school, next(iter(found.values())).on if found else None)
    shown.figures = [found[code] for code in chosen]
    looked_at = shown.figures if board.code == DEPARTMENT else list(found.values())
    _judge(shown, [one for one in looked_at if one.value is not None])
    if shown.on is not None:
        _draw(shown, sight)
    shown.disagreements = Disagreement.objects.filter(state=Disagreement.State.PENDING).count()
    return shown


def _chosen(board: Board, indicators: Sequence[Indicator], sight: Sight) -> list[str]:
    if board.code == DEPARTMENT and not board.items:
        owned = [one.code for one in indicators if sight.owns(one)]
        return owned or [one.code for one in indicators if sight.is_whole]
    known = {one.code for one in indicators}
    return [code for code in board.items if code in known]


def _judge(shown: Shown, looked_at: list[Reading]) -> None:
    order = {"danger": 0, "warning": 1, "success": 2, "neutral": 3}
    shown.red = sorted(
        (one for one in looked_at if one.tone in ("danger", "warning")), key=lambda one: order[one.tone]
    )
    shown.moved = sorted((one for one in looked_at if one.moved), key=lambda one: one.moved, reverse=True)[
        :MOST_MOVED
    ]
    on_board = {one.indicator.code for one in shown.figures}
    first = sorted(
        looked_at, key=lambda one: (order[one.tone], one.indicator.code not in on_board, -one.moved)
    )
    shown.findings = first[:MOST_FINDINGS]


def _draw(shown: Shown, sight: Sight) -> None:
    """Lines of the first figures; bars over the units for who sees them, else one's own beside the school."""
    drawn = [one for one in shown.figures if one.value is not None][:MOST_LINES]
    if not drawn:
        return
    indicators = [one.indicator for one in drawn]
    units = [shown.unit, *([] if shown.is_school else [shown.school])]
    trends = reading.trends(units, indicators, until=shown.on)
    for one in drawn:
        shown.lines.append(_line(shown, one, trends))
    if shown.is_school:
        spread = reading.by_unit(indicators, on=shown.on, below=shown.school)
        for one in drawn:
            if sight.is_whole or sight.owns(one.indicator):
                shown.bars += _bars(one, spread.get(one.indicator.pk, []))


def _line(shown: Shown, one: Reading, trends: dict[tuple[int, int], reading.Points]) -> dict[str, Any]:
    own = trends.get((shown.unit.pk, one.indicator.pk), [])
    lines = [(shown.unit.short_name or shown.unit.name, own)]
    if not shown.is_school and one.indicator.unit_label not in (
        "人",
        "台件",
        "个",
        "门",
        "万元",
        "次",
        "人次",
        "㎡",
    ):
        # A share or an average stands beside the school's; a sum would only dwarf.
        lines.append(("全校", trends.get((shown.school.pk, one.indicator.pk), [])))
    title = rules.trend_title([(f"{on:%Y 年 %-m 月}", value) for on, value in own], one.scale)
    return {"title": title, "data": reading.line_chart(lines, one.indicator), "code": one.indicator.code}


def _bars(one: Reading, spread: list[tuple[OrgUnit, Any, dict[str, Any]]]) -> list[dict[str, Any]]:
    colleges = [
        (unit.short_name or unit.name, value)
        for unit, value, _ in spread
        if unit.kind == OrgUnit.Kind.COLLEGE
    ]
    if len(colleges) < 2:
        return []
    return [
        {
            "title": rules.spread_title(colleges, one.scale),
            "data": reading.bar_chart(colleges, one.indicator),
            "code": one.indicator.code,
        }
    ]
