"""A filing from opening to archive: 编制 → 自查 → 部门签字 → 校级审核锁定 → 上报 → （退回）→ 归档."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

from django.db import models
from django.utils import timezone

from yanta.hub.reporting import calculation, definitions, inspection, queries, verification
from yanta.hub.reporting.definitions import Package
from yanta.hub.reporting.models import Calculation, Filing, FilingTable
from yanta.hub.reporting.services import working
from yanta.hub.snapshots import public as snapshots
from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import start
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Person

State, TableState = Filing.State, FilingTable.State
PackageChoice: Any = models.TextChoices(  # type: ignore[call-overload]  # the functional form of enums
    "PackageChoice", {one.code.upper(): (one.code, one.title) for one in definitions.packages()}
)
BEFORE_DUE = timedelta(days=7)


Responsible = Annotated[OrgUnit, Label("责任单位")]


@operation("开始填报", model=Filing, icon="file-plus")
def open_filing(
    *, actor: Actor, package: Annotated[PackageChoice, Label("报表包")], period: Annotated[str, Label("期别", "年份，如 2026")],
    due_on: date | None = None,
) -> Filing:  # fmt: skip
    """A package for one year, its tables given to the departments that own the data, its figures counted."""
    if not (period.isdecimal() and len(period) == 4):
        raise Refused("期别写年份，如 2026", field="period")
    found = definitions.package(str(package))
    faults = inspection.problems(found)
    if faults:
        raise Refused(f"报表包定义有 {len(faults)} 处错误：{faults[0]}")
    if Filing.objects.filter(package=found.code, period=period).exists():
        raise Refused(f"{period} 年的{found.title}已经开始填报", field="period")
    days = days_of(found, int(period))
    _check_frozen(found, days)
    filing = create(found, period, days, due_on=due_on or date(int(period), found.due_month, found.due_day))
    count_into(filing, by=actor.signature)
    for table in filing.tables.select_related("filing", "unit"):
        working.tell("reporting.assigned", table, due=table.due_on.isoformat())
    return filing


def days_of(package: Package, year: int) -> dict[str, date]:
    """The day of each clock that the package uses; the calendar year is the one before."""
    day = {
        "9-30": date(year, 9, 30), "school_year": date(year, 8, 31), "calendar_year": date(year - 1, 12, 31),
        "manual": date(year, 9, 30),
    }  # fmt: skip
    return {clock: day[clock] for clock in {calculation.clock_of(package, one) for one in package.tables}}


def _check_frozen(package: Package, days: dict[str, date]) -> None:
    for clock, day in days.items():
        if snapshots.snapshot_id(clock, day) is None:
            raise Refused(
                f"还没有 {day} 的数据快照，请先冻结；在此之前可以用“试算”看今天的数",
                rule="reporting.snapshot",
            )


def create(
    package: Package, period: str, days: dict[str, date], *, due_on: date, is_demo: bool = False
) -> Filing:
    """The filing and its tables, each with its department."""
    folder = definitions.FOLDER / package.code
    texts = {name: (folder / f"{name}.toml").read_text("utf-8") for name in ("package", *(t.code for t in package.tables))}  # fmt: skip
    filing = Filing.objects.create(
        package=package.code, title=f"{period} 年{package.title}", period=period, version=package.version,
        definition=texts, days={clock: day.isoformat() for clock, day in days.items()}, due_on=due_on, is_demo=is_demo,
        previous=Filing.objects.filter(package=package.code, period=str(int(period) - 1)).first(),
    )  # fmt: skip
    units = _units([table.owner or package.owner for table in package.tables])
    FilingTable.objects.bulk_create(
        FilingTable(
            filing=filing, code=table.code, title=table.heading, place=place,
            unit=units[table.owner or package.owner], due_on=due_on - BEFORE_DUE,
        )
        for place, table in enumerate(package.tables)
    )  # fmt: skip
    return filing


def _units(names: list[str]) -> dict[str, OrgUnit]:
    """The departments as definitions call them; one that the school does not have falls to the school itself."""
    current = list(OrgUnit.objects.current().order_by("path"))
    if not current:
        raise Refused("学校还没有组织机构")
    by_name = {name: unit for unit in reversed(current) for name in unit.names}
    return {name: by_name.get(name, current[0]) for name in names}


def count_into(filing: Filing, *, by: str) -> Calculation:
    """Count the filing's package and take the figures over."""
    package = queries.package_of(filing)
    days = {clock: date.fromisoformat(day) for clock, day in filing.days.items()}
    kept, result = working.counted(package, days, by=by, filing=filing)
    working.take_over(filing, package, kept, result)
    working.verified(filing, package, lists=True)
    return kept


@operation("重新计算", icon="refresh", bulk=False, when=lambda filing: filing.is_open)
def calculate(filing: Filing, *, actor: Actor) -> None:
    """Count again in the background; signed tables keep their figures."""
    from yanta.hub.reporting.jobs import count_filing

    if not filing.is_open:
        raise Refused(f"{filing.get_state_display()}的任务不再计算")
    start(count_filing, actor=actor, filing_id=filing.pk)


@operation("试算", model=Calculation, icon="player-play")
def rehearse(*, actor: Actor, package: Annotated[PackageChoice, Label("报表包")]) -> Calculation:
    """Any day, on the living data: what the package would come to, and what its checks would say."""
    found = definitions.package(str(package))
    return rehearsed(found, on=timezone.localdate(), by=actor.signature)


def rehearsed(package: Package, *, on: date, by: str) -> Calculation:
    """A rehearsal with its findings."""
    kept, result = working.counted(package, {snapshots.NOW: on}, by=by)
    last = Filing.objects.filter(package=package.code).exclude(calculation=None).order_by("-period").first()
    columns = {
        code: {name: Counter(one or "" for one in rows[name].to_pylist()) for name in rows.column_names if name not in ("id", "unit_path")}
        for code, rows in result.lists.items()
    }  # fmt: skip
    filled = verification.Filled(
        package, result.values, result.lines, queries.values_of(last) if last else {}, columns
    )
    kept.findings = [asdict(one) for one in verification.findings(filled)]
    kept.save(update_fields=["findings", "updated_at"])
    return kept


@operation("分派", icon="user-share", bulk=True, when=lambda table: table.state != TableState.SIGNED)
def assign(
    table: FilingTable, *, actor: Actor, unit: Responsible, due_on: date,
    filler: Annotated[Person | None, Label("填报人")] = None,
) -> None:  # fmt: skip
    """The table goes to a unit, perhaps to a person, with a date."""
    _expect_open(table)
    if due_on > table.filing.due_on:
        raise Refused(f"校内截止不能晚于上报截止 {table.filing.due_on}", field="due_on")
    table.unit, table.filler, table.due_on = unit, filler, due_on
    table.save()
    working.tell("reporting.assigned", table, due=due_on.isoformat())


def _expect_open(table: FilingTable) -> None:
    if not table.filing.is_open:
        raise Refused(f"任务{table.filing.get_state_display()}，报表不能再动", rule="reporting.locked")
    if table.state == TableState.SIGNED:
        raise Refused("报表已签字，须先退回才能修改", rule="reporting.signed")


@operation("自查通过", icon="checkbox", when=lambda table: table.state == TableState.DRAFTING)
def check_table(table: FilingTable, *, actor: Actor) -> None:
    """Nothing missing, nothing wrong, everything unusual explained."""
    _expect_open(table)
    working.verified(table.filing, queries.package_of(table.filing), lists=False)
    left = queries.still_open(table.filing).get(table.code, 0)
    if left:
        raise Refused(f"还差 {left} 项：手填项未填、错误未改或变动未说明", rule="reporting.unfinished")
    table.state, table.checked_by, table.checked_at = TableState.CHECKED, actor.signature, timezone.now()
    table.returned_for = ""
    table.save()


@operation("部门签字", icon="signature", when=lambda table: table.state == TableState.CHECKED)
def sign(table: FilingTable, *, actor: Actor, agreed: Annotated[bool, Label("我已阅读并承诺（承诺书见报表页）")] = False) -> None:  # fmt: skip
    """The head answers for the table; from here on nothing in it changes."""
    _expect_open(table)
    if table.state != TableState.CHECKED:
        raise Refused("先自查通过，再签字")
    if not agreed:
        raise Refused("签字前请勾选承诺", field="agreed")
    if table.checked_by == actor.signature and not actor.is_system:
        raise Refused("自查人与签字人不能是同一人", rule="reporting.four-eyes")
    table.state, table.signed_by, table.signed_at = TableState.SIGNED, actor.signature, timezone.now()
    table.pledge = queries.package_of(table.filing).pledge
    table.save()


@operation(
    "退回修改", icon="arrow-back-up", danger=True, when=lambda table: table.state != TableState.DRAFTING
)
def send_back(table: FilingTable, *, actor: Actor, reason: str) -> None:
    """The table goes back to its department while the filing is open."""
    if not table.filing.is_open:
        raise Refused("任务已锁定，请在任务上退回", rule="reporting.locked")
    _reopen(table, reason)


def _reopen(table: FilingTable, reason: str) -> None:
    table.state, table.returned_for = TableState.DRAFTING, reason[:300]
    table.checked_by = table.signed_by = table.pledge = ""
    table.checked_at = table.signed_at = None
    table.save()
    working.tell("reporting.sent-back", table, reason=reason)


@operation(
    "审核通过并锁定",
    icon="lock",
    bulk=False,
    confirm="锁定后任何人不能再改，除非说明原因退回。",
    when=lambda filing: filing.is_open,
)
def review(filing: Filing, *, actor: Actor) -> None:
    """The school's word: every table signed, no errors left; then it is locked."""
    if not filing.is_open:
        raise Refused(f"任务{filing.get_state_display()}，不用再审核")
    waiting = list(filing.tables.exclude(state=TableState.SIGNED).values_list("title", flat=True))
    if waiting:
        raise Refused(
            f"还有 {len(waiting)} 张表没有签字：{'、'.join(waiting[:3])}{'等' if len(waiting) > 3 else ''}"
        )
    filing.state, filing.reviewed_by, filing.reviewed_at = State.LOCKED, actor.signature, timezone.now()
    filing.save()


@operation("退回", icon="arrow-back-up", bulk=False, danger=True, when=lambda filing: filing.state in (State.LOCKED, State.SUBMITTED))  # fmt: skip
def return_filing(
    filing: Filing, *, actor: Actor, reason: str, codes: Annotated[str, Label("退回的表", "表代号，用顿号分开；不填为全部")] = ""
) -> None:  # fmt: skip
    """The authority, or the school itself, sends it back: the named tables open again, with the reason on them."""
    if filing.state not in (State.LOCKED, State.SUBMITTED):
        raise Refused("只有已锁定、已上报的任务可以退回")
    if not reason.strip():
        raise Refused("退回必须写明原因", field="reason")
    wanted = [one for one in codes.replace(",", "、").replace(" ", "、").split("、") if one]
    tables = filing.tables.filter(code__in=wanted) if wanted else filing.tables.all()
    missing = set(wanted) - {table.code for table in tables}
    if missing:
        raise Refused(f"没有这些表：{'、'.join(sorted(missing))}", field="codes")
    sent = queries.sent_before(filing)
    if filing.state == State.SUBMITTED and sent is not None:
        sent.returned_for, sent.returned_at = reason[:300], timezone.now()
        sent.save(update_fields=["returned_for", "returned_at", "updated_at"])
    filing.state, filing.reviewed_by, filing.reviewed_at = State.RETURNED, "", None
    filing.save()
    for table in tables:
        _reopen(table, reason)


@operation("归档", icon="archive", bulk=False, when=lambda filing: filing.state == State.SUBMITTED)
def archive(filing: Filing, *, actor: Actor) -> None:
    """Received and done with; nothing can be returned any more."""
    if filing.state != State.SUBMITTED:
        raise Refused("只有已上报的任务可以归档")
    sent = queries.sent_before(filing)
    if sent is None or not sent.receipt:
        raise Refused("还没有上级回执，先登记回执再归档")
    filing.state = State.ARCHIVED
    filing.save()


def remind(*, on: date) -> int:
    """Tell those whose table is due within three days and not signed; answers how many tables."""
    soon = FilingTable.objects.filter(
        filing__state__in=Filing.OPEN, due_on__gte=on, due_on__lte=on + timedelta(days=3)
    ).exclude(state=TableState.SIGNED)
    tables = list(soon.select_related("filing", "unit"))
    for table in tables:
        left = queries.still_open(table.filing).get(table.code, 0)
        working.tell("reporting.due", table, days=(table.due_on - on).days, open=left)
    return len(tables)
