"""Last year's report as it was archived; this year's two reports on their way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from yanta.hub import subjects
from yanta.hub.reporting import definitions, queries
from yanta.hub.reporting.models import Filing, FilingCell, FilingTable, Finding
from yanta.hub.reporting.services import cells, filings, sending, working
from yanta.hub.snapshots import services as snapshots
from yanta.hub.snapshots.public import last_day
from yanta.kernel.base import Actor
from yanta.masterdata.models import StaffMember, Student

REASONS = {
    "GJ-10": "学校按核定计划调整招生与引进规模，数据已与学籍、人事台账核对一致。",
    "GJ-20": "按在册教职工中已填类别者计算；类别补齐后比值将回落。",
    "XS1-4": "年级未填者为转专业在途学生，已列清单由学院补录。",
    "JG1-3": "教职工类别正在按新代码补录，预计校内截止前完成。",
}
TEXTS = {"mc": "雁塔科技大学", "lx": "普通本科院校", "xz": "理工院校", "jb": "省级教育部门", "nf": "1958"}


# How many students the by-hand figures below are meant for.
FULL_SIZE = 20_000
# By-hand figures of tables whose rows add up: (column, row).
BY_PLACE = {
    ("cj", "zj"): 6, ("cj", "yjs"): 2, ("cj", "bzk"): 4, ("ltx", "zj"): 186, ("ltx", "nv"): 81,
    ("sg", "zj"): 12_000, ("sg", "jx"): 12_000, ("sg", "sy"): 12_000,
}  # fmt: skip


def fill(today: date) -> None:
    """The years follow the snapshots that the demo school has."""
    point = last_day("9-30", on=today)
    if point.year < 2001:
        return
    _archived(_opened("gj", point.year - 1, today))
    _under_way(_opened("gj", point.year, today))
    _begun(_opened("jbzt", point.year, today))


def send(today: date) -> Filing:
    """This year's report of a school that has an upper node: counted from what is there, filled, signed and sent."""
    actor, year, package = Actor.system("demo"), last_day("9-30", on=today).year, definitions.package("gj")
    named = {
        name
        for one in package.tables
        for name in (one.subject, *(stub.subject for stub in one.stubs))
        if name
    }
    for clock, day in filings.days_of(package, year).items():
        frozen = snapshots.announce(clock, day, actor=actor, basis="demo")
        snapshots.take(frozen, chosen=[subjects.subject(name) for name in sorted(named)])
    filing = _opened("gj", year, today)
    _by_hand(filing, 100, size=Student.objects.count() / FULL_SIZE)
    _explained(filing)
    for table in filing.tables.select_related("filing", "unit"):
        _signed(table, on=min(table.due_on, today))
    filing.state, filing.reviewed_by, filing.reviewed_at = Filing.State.LOCKED, "分管校领导", timezone.now()
    filing.save()
    sending.submit(filing, actor=actor)
    return filing


def _opened(code: str, year: int, today: date) -> Filing:
    package = definitions.package(code)
    due = date(year, package.due_month, package.due_day)
    if year == last_day("9-30", on=today).year:
        due = max(due, today + timedelta(days=12))
    days = filings.days_of(package, year)
    filing = filings.create(package, str(year), days, due_on=due, is_demo=True)
    filings.count_into(filing, by="发展规划处")
    return filing


def _names(table: FilingTable) -> tuple[str, str]:
    """Two of the department's staff: who fills in and who signs."""
    people = StaffMember.objects.filter(
        Q(department=table.unit) | Q(department__path__startswith=table.unit.path)
    )
    found = list(people.order_by("pk").values_list("person__name", flat=True)[:2])
    return (found[0], found[-1]) if found else (f"{table.unit}填报人", f"{table.unit}负责人")


def _by_hand(filing: Filing, share: int, *, size: float = 1.0) -> None:
    """By-hand cells get plausible figures: of every hundred, so many; degrees add up to what the row counts."""
    package = queries.package_of(filing)
    names = {one.pk: _names(one)[0] for one in filing.tables.select_related("unit")}
    degrees = {one.row: int(one.computed or 0) for one in filing.cells.filter(table__code="JG2", column="hj")}
    filled = []
    for place, cell in enumerate(filing.cells.filter(by_hand=True).select_related("table")):
        if cell.table.code != "JG2" and place * 37 % 100 >= share:
            continue
        column = package.table(cell.table.code).column(cell.column)
        texts = {**TEXTS, "mc": settings.YANTA_NODE_NAME}
        text = (
            texts.get(cell.row, "见学校章程") if column.shape == "text" else str(_figure(cell, degrees, size))
        )
        cells.write(cell, column, text, reason="", by=names[cell.table_id])
        filled.append(cell)
    FilingCell.objects.bulk_update(filled, ["given", "words", "given_by", "given_at"])
    working.verified(filing, package, lists=False)


def _figure(cell: FilingCell, degrees: dict[str, int], size: float) -> int:
    if cell.table.code == "JG2":
        rows = [row for row in degrees if row != "zj"] if cell.row == "zj" else [cell.row]
        return sum(_degree(degrees[row], cell.column) for row in rows)
    known = {"zd": 1_280_000, "gd": 462_300, "ts": 1_960_000}
    return round(known.get(cell.row, BY_PLACE.get((cell.column, cell.row), 0)) * size)


def _degree(whole: int, column: str) -> int:
    """How many of so many teachers hold that degree."""
    bs, ss = whole * 6 // 10, whole * 3 // 10
    return {"bs": bs, "ss": ss, "bk": whole - bs - ss}.get(column, 0)


def _explained(filing: Filing, *, leave: int = 0) -> None:
    waiting = list(Finding.objects.filter(filing=filing, severity="explain").select_related("table"))
    for one in waiting[: len(waiting) - leave]:
        one.explanation = REASONS.get(one.check_code, "已与台账核对，情况属实。")
        one.explained_by, one.explained_at = _names(one.table)[0], timezone.now()
        one.save()


def _signed(table: FilingTable, *, on: date, signed: bool = True) -> None:
    by, head = _names(table)
    at = timezone.make_aware(datetime.combine(on, time(10, 30)))
    table.state, table.checked_by, table.checked_at = FilingTable.State.CHECKED, by, at
    if signed:
        table.state, table.signed_by, table.signed_at = (
            FilingTable.State.SIGNED,
            head,
            at + timedelta(hours=3),
        )
        table.pledge = queries.package_of(table.filing).pledge
    table.save()


def _archived(filing: Filing) -> None:
    _by_hand(filing, 100)
    _explained(filing)
    for table in filing.tables.select_related("filing", "unit"):
        _signed(table, on=table.due_on - timedelta(days=2))
    filing.state, filing.reviewed_by, filing.reviewed_at = Filing.State.LOCKED, "分管校领导", timezone.now()
    filing.save()
    sending.keep(filing, by="发展规划处")
    filing.state = Filing.State.SUBMITTED
    filing.save()
    sending.note_receipt(filing, f"省教育厅已接收，统计字〔{filing.period}〕61 号（演示）")
    filing.state = Filing.State.ARCHIVED
    filing.save()


def _under_way(filing: Filing) -> None:
    """Half by hand, an override, some differences explained and some not, two departments further than the others."""
    _by_hand(filing, 60)
    table = filing.tables.get(code="ZC1")
    cell = FilingCell.objects.get(table=table, row="sbt", column="z")
    more = int(cell.computed or 0) + 2
    cells.put(table, "sbt", "z", str(more), reason="两台捐赠设备已验收，入账手续在办", by=_names(table)[0])
    wrong = FilingCell.objects.get(filing=filing, table__code="JG2", row="fg", column="bk")
    wrong.given = (wrong.given or 0) + 1  # a slip of the pen that the checks find
    wrong.save()
    working.verified(filing, queries.package_of(filing), lists=False)
    _explained(filing, leave=4)
    left = queries.still_open(filing)
    done = [one for one in filing.tables.select_related("filing", "unit") if not left.get(one.code)]
    for place, one in enumerate(done[:3]):
        _signed(one, on=min(one.due_on, timezone.localdate()), signed=place < 2)


def _begun(filing: Filing) -> None:
    _by_hand(filing, 50)
    left = queries.still_open(filing)
    for table in filing.tables.filter(code__in=("T1_2", "T1_3")).select_related("filing", "unit"):
        if not left.get(table.code):
            _signed(table, on=min(table.due_on, timezone.localdate()))
