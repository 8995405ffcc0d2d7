"""Reads for the pages: how reporting stands at a school, how the region stands at an authority."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum

from yanta.hub.nodes import contracts, levels
from yanta.hub.nodes.models import (
    FeedbackItem,
    Figure,
    HeldRow,
    Holding,
    Node,
    Package,
    Receipt,
    SharedPerson,
    Stream,
)

FRESH, STALE = timedelta(days=1), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class StreamLine:
    """A stream with what waits and what the last receipt said."""

    stream: Stream
    waiting: int
    waiting_rows: int
    receipt: Receipt | None

    @property
    def tone(self) -> str:
        if self.stream.state == Stream.State.PROPOSED:
            return "info"
        if self.stream.state != Stream.State.ACTIVE:
            return "warning"
        return "danger" if self.stream.waiting_since else "success"


def stream_lines(upper: Node) -> list[StreamLine]:
    """In the order in which they go up; those passed on for others come last."""
    streams = Stream.objects.filter(upper=upper).select_related("origin", "upper")
    open_ = dict(_waiting(upper))
    receipts = _last_receipts(upper)
    lines = [
        StreamLine(one, *open_.get(one.pk, (0, 0)), receipts.get((one.subject, one.origin.code if one.origin else "")))
        for one in streams
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.stream.origin_id or 0, contracts.rank(line.stream.subject)))


def _waiting(upper: Node) -> Iterable[tuple[int, tuple[int, int]]]:
    rows = Package.objects.filter(stream__upper=upper, state__in=Package.OPEN).order_by()
    for pk, packages, lines in rows.values_list("stream").annotate(n=Count("pk"), rows=Sum("rows")):
        yield pk, (packages, lines or 0)


def _last_receipts(upper: Node) -> dict[tuple[str, str], Receipt]:
    got = Receipt.objects.filter(side=Receipt.Side.GOT, node=upper)
    last = got.order_by().values("origin", "subject").annotate(last=Max("pk")).values_list("last", flat=True)
    own = levels.own_code()
    return {
        (one.subject, "" if one.origin == own else one.origin): one
        for one in Receipt.objects.filter(pk__in=list(last))
    }


def feedback_counts(*, on: date) -> dict[str, int]:
    """How much of the work list is open, late, and done with."""
    return FeedbackItem.objects.aggregate(
        open=Count("pk", filter=Q(state="open")),
        late=Count("pk", filter=Q(state="open", due_on__lt=on)),
        resent=Count("pk", filter=Q(state="resent")),
        closed=Count("pk", filter=Q(state__in=["closed", "explained"])),
    )


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """One school in the table: how fresh, how much, how good."""

    node: Node
    applied_at: datetime | None
    students: int
    staff: int
    area: Decimal
    value: Decimal
    rows: int
    held: int
    light: str
    words: str

    @property
    def quality(self) -> float:
        """Share of rows that passed, in hundredths."""
        total = self.rows + self.held
        return round(100 * self.rows / total, 2) if total else 100.0


def school_lines(*, at: datetime) -> list[SchoolLine]:
    """Every lower node, the freshest problem first."""
    nodes = Node.objects.filter(relation=Node.Relation.LOWER).order_by("code")
    held = _by_node(Holding.objects.order_by().values("node").annotate(
        rows=Sum("rows"), held=Sum("held"), applied_at=Max("applied_at")))  # fmt: skip
    totals: dict[int, dict[str, Any]] = {}
    for one in Figure.objects.filter(dimension="").values("node", "subject", "rows", "amount"):
        totals.setdefault(one["node"], {})[one["subject"]] = one
    return [_line(node, held.get(node.pk, {}), totals.get(node.pk, {}), at) for node in nodes]


def _by_node(rows: Any) -> dict[int, dict[str, Any]]:
    return {row["node"]: row for row in rows}


def _line(node: Node, held: dict[str, Any], totals: dict[str, Any], at: datetime) -> SchoolLine:
    def figure(subject: str, name: str) -> Any:
        return totals.get(subject, {}).get(name, 0)

    light, words = freshness(node, held.get("applied_at"), at=at)
    return SchoolLine(
        node, held.get("applied_at"), figure("student", "rows"), figure("staff_member", "rows"),
        figure("building", "amount"), figure("asset", "amount"), held.get("rows") or 0, held.get("held") or 0,
        light, words,
    )  # fmt: skip


def freshness(node: Node, applied_at: datetime | None, *, at: datetime) -> tuple[str, str]:
    """A colour and the word that says the same."""
    if node.state != Node.State.ACTIVE:
        return "", node.get_state_display()
    if applied_at is None:
        return "", "尚未上报"
    age = at - applied_at
    if age <= FRESH:
        return "success", "正常"
    return ("warning", "超过一天") if age <= STALE else ("danger", f"{age.days} 天没有上报")


def spread(subject: str, dimension: str) -> list[tuple[str, str, int]]:
    """(value, its name, rows) over the whole region, most first."""
    rows = Figure.objects.filter(subject=subject, dimension=dimension).order_by().values_list("value")
    names = contracts.allowed(subject, dimension)
    found = [
        (value, names.get(value, value or "未填"), total) for value, total in rows.annotate(n=Sum("rows"))
    ]
    return sorted(found, key=lambda one: -one[2])


def by_school(subject: str, dimension: str, value: str) -> list[tuple[Node, int]]:
    """The schools behind one figure of the region, most first."""
    rows = Figure.objects.filter(subject=subject, dimension=dimension, value=value).select_related("node")
    return [(one.node, one.rows) for one in rows.order_by("-rows")]


def spread_of(node: Node, subject: str, dimension: str) -> list[tuple[str, int]]:
    names = contracts.allowed(subject, dimension)
    rows = Figure.objects.filter(node=node, subject=subject, dimension=dimension).order_by("-rows")
    return [(names.get(one.value, one.value or "未填"), one.rows) for one in rows]


def holdings_of(node: Node) -> list[Holding]:
    found = Holding.objects.filter(node=node)
    return sorted(found, key=lambda one: contracts.rank(one.subject))


def worst_faults(node: Node | None = None, *, most: int = 6) -> list[tuple[str, int]]:
    """Which kinds of fault are held most often."""
    rows = HeldRow.objects.filter(state=HeldRow.State.OPEN)
    if node is not None:
        rows = rows.filter(node=node)
    counted: dict[str, int] = {}
    for faults in rows.values_list("faults", flat=True)[:5000]:
        for fault in faults:
            name = f"{fault.get('title') or '整行'}：{RULES.get(fault.get('rule', ''), '不合格')}"
            counted[name] = counted.get(name, 0) + 1
    return sorted(counted.items(), key=lambda one: -one[1])[:most]


RULES = {
    "required": "必填未填", "code": "不在代码表中", "form": "格式不对", "contradiction": "与证件号矛盾",
    "reference": "引用的数据未报", "repeated": "编号重复", "id_bad_check": "校验位不对", "id_bad_date": "日期不存在",
    "id_unknown_division": "行政区划不存在", "id_placeholder": "占位内容",
}  # fmt: skip


def shared_open() -> int:
    return SharedPerson.objects.filter(state=SharedPerson.State.OPEN).count()
