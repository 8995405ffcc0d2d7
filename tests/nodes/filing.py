"""Steps of a report's way upward: at the school filling, signing, sending; at the province judging and adding up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

PACKAGE, PERIOD, LAST = "gj", "2026", "2025"


def file_report() -> int:
    """Freeze the day, open the report, give every by-hand figure, sign, lock, send; answers how many students it counts."""
    from yanta.hub.reporting import queries
    from yanta.hub.reporting.models import FilingCell, Finding
    from yanta.hub.reporting.services import cells, filings
    from yanta.hub.snapshots import services as snapshots
    from yanta.kernel.base import Actor
    from yanta.kernel.organisation.models import OrgUnit
    from yanta.kernel.testing.factories import OrgUnitFactory

    actor = Actor.system("test")
    OrgUnitFactory(parent=OrgUnit.objects.get(code="0000"), code="0101", name="教务处")
    snapshots.take(snapshots.announce("9-30", date(int(PERIOD), 9, 30), actor=actor, basis="live"))
    filing = filings.open_filing(actor=actor, package=PACKAGE, period=PERIOD)
    for cell in filing.cells.filter(by_hand=True).select_related("table"):
        column = queries.package_of(filing).table(cell.table.code).column(cell.column)
        cells.write(cell, column, "0", reason="", by="填报人")
        FilingCell.objects.bulk_update([cell], ["given", "words", "given_by", "given_at"])
    Finding.objects.filter(filing=filing, severity="explain").update(explanation="已核对")
    _send(filing)
    return int(queries.values_of(filing)["XS1"]["zj.hj"] or 0)


def _send(filing: Any) -> None:
    from yanta.hub.reporting import services
    from yanta.kernel.base import Actor

    actor = Actor.system("test")
    for table in filing.tables.exclude(state="signed").select_related("filing", "unit"):
        services.check_table(table, actor=actor)
        services.sign(table, actor=actor, agreed=True)
    filing.refresh_from_db()
    services.review(filing, actor=actor)
    services.submit(filing, actor=actor)


def explain_and_send() -> list[str]:
    """What the department says to the province's findings; answers them."""
    from yanta.hub.reporting import services
    from yanta.hub.reporting.models import Filing, Finding
    from yanta.kernel.base import Actor, Refused

    filing, actor = Filing.objects.get(package=PACKAGE, period=PERIOD), Actor.system("test")
    found = list(Finding.objects.filter(filing=filing, check_code__startswith="上级").select_related("table"))
    try:
        services.check_table(found[0].table, actor=actor)
        raise AssertionError("a table with an open finding was checked")
    except Refused:
        pass
    for one in found:
        services.explain(one.table, actor=actor, finding=one, text="新专业首年招生，已核准")
    _send(filing)
    return [one.message for one in found]


def correct_and_send(table: str, row: str, column: str, value: str) -> None:
    from yanta.hub.reporting import services
    from yanta.hub.reporting.models import Filing
    from yanta.kernel.base import Actor

    filing = Filing.objects.get(package=PACKAGE, period=PERIOD)
    services.fill(
        filing.tables.get(code=table), actor=Actor.system("test"), row=row, column=column, value=value
    )
    _send(filing)


def remember_last_year(node: str, name: str, students: str) -> None:
    """What the province accepted a year ago."""
    from yanta.hub.reporting.models import ReceivedFiling

    ReceivedFiling.objects.create(
        node=node, name=name, package=PACKAGE, title="上年", period=LAST, number=1, version="2020.1", digest="-", receipt="-",
        values={"XS1": {"zj.hj": students}}, state="accepted",
    )  # fmt: skip


def judge(verb: str, **words: str) -> None:
    from yanta.hub.reporting import services
    from yanta.hub.reporting.models import ReceivedFiling
    from yanta.kernel.base import Actor

    newest = ReceivedFiling.objects.filter(package=PACKAGE, period=PERIOD).latest("number")
    getattr(services, verb)(newest, actor=Actor.system("test"), **words)


def region() -> dict[str, Any]:
    """The province's figures, one opened to its schools, and what the last sending changed."""
    from yanta.hub.reporting import definitions, queries, regional
    from yanta.hub.reporting.models import ReceivedFiling

    newest = ReceivedFiling.objects.filter(package=PACKAGE, period=PERIOD).latest("number")
    other = ReceivedFiling(
        **{field.attname: getattr(newest, field.attname) for field in newest._meta.concrete_fields}
    )
    other.pk, other.node, other.name, other.number = None, "4161010002", "第二大学", 1
    other.save()
    standing = regional.standing(PACKAGE, PERIOD)
    values, _ = regional.summed(definitions.package(PACKAGE), standing)
    before = regional.before(newest)
    assert before is not None
    changed = queries.difference(queries.values_from(before.values), queries.values_from(newest.values))
    return {
        "students": str(values["XS1"]["zj.hj"]),
        "schools": [[one.name, str(value)] for one, value in regional.by_school(standing, "XS1", "zj.hj")],
        "changed": [[name, str(old), str(new)] for name, old, new in changed],
    }  # fmt: skip


def judge_with(verb: str, reason: str = "", codes: str = "") -> None:
    judge(verb, **({"reason": reason, "codes": codes} if reason else {}))


STEPS: dict[str, Callable[..., Any]] = {
    "file": file_report, "explain": explain_and_send, "correct": correct_and_send, "remember": remember_last_year,
    "judge": judge_with, "region": region,
}  # fmt: skip
