"""At an upper node: a report came in. It is judged by our own definition, accepted or returned; the school hears it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from django.utils import timezone

from yanta.hub.nodes import public as nodes
from yanta.hub.reporting import definitions, queries, verification
from yanta.hub.reporting.definitions import GRID, Package
from yanta.hub.reporting.models import ReceivedFiling
from yanta.hub.reporting.services.sending import EXPLAINED, HEAD
from yanta.hub.reporting.verification import Elsewhere, Filled, Found
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, Long, operation

State = ReceivedFiling.State
MOST_MISSING = 20
Codes = Annotated[str, Label("退回的表", "表代号，用顿号分开；不填为全部")]
Reason = Annotated[str, Label("原因"), Long()]


def take_in(receipt_id: int) -> ReceivedFiling | None:
    """Keep the report that came with this receipt and judge it, once; None when it was no filing of ours."""
    came = nodes.reported(receipt_id)
    if came is None or HEAD not in came.cells:
        return None
    code, head = came.code, json.loads(came.cells[HEAD][0] or "{}")
    same = {"node": came.node, "package": code, "period": head["period"], "number": head["number"]}
    if ReceivedFiling.objects.filter(**same).exists():
        return None
    values, lines = _figures(came.cells)
    kept = ReceivedFiling(
        **same, name=came.name, title=head["title"], version=head["version"], values=values, lines=lines,
        digest=head["digest"], receipt=came.receipt,
    )  # fmt: skip
    kept.findings = _judged(kept, json.loads(came.cells.get(EXPLAINED, ("{}", None))[0] or "{}"))
    wrong = [one for one in kept.findings if is_open(one)]
    kept.state = State.RETURNED if wrong else State.RECEIVED
    if wrong:
        kept.reason, kept.judged_by, kept.judged_at = (
            f"核查发现 {len(wrong)} 个问题",
            "自动核查",
            timezone.now(),
        )
    kept.save()
    _supersede(kept)
    _answer(kept, codes=sorted({one["table"] for one in wrong}), findings=wrong)
    return kept


def _supersede(kept: ReceivedFiling) -> None:
    """A newer report of the same school takes the place of one that still waited."""
    same = ReceivedFiling.objects.filter(node=kept.node, package=kept.package, period=kept.period)
    same.filter(number__lt=kept.number, state=State.RECEIVED).update(
        state=State.RETURNED, reason="学校已重新上报", judged_by="自动核查", judged_at=timezone.now()
    )


def is_open(finding: Mapping[str, Any]) -> bool:
    """Whether the school has to do something about it."""
    return finding["severity"] == "error" or (finding["severity"] == "explain" and not finding["explanation"])


def _figures(
    cells: Mapping[str, tuple[str | None, str | None]],
) -> tuple[dict[str, dict[str, str | None]], dict[str, Any]]:
    values: dict[str, dict[str, str | None]] = {}
    lines: dict[str, Any] = {}
    for name, (value, _) in cells.items():
        if name.startswith("@"):
            if name not in (HEAD, EXPLAINED):
                lines[name[1:]] = json.loads(value or "[]")
            continue
        table, _, place = name.partition(".")
        values.setdefault(table, {})[place] = value
    return values, lines


def _judged(kept: ReceivedFiling, explained: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every finding with the school's explanation, if it gave one."""
    return [
        {**asdict(one), "explanation": explained.get(f"{one.check}|{one.cell}", "")} for one in _found(kept)
    ]


def _found(kept: ReceivedFiling) -> Iterator[Found]:
    try:
        package = definitions.package(kept.package)
    except Refused as refusal:
        yield Found("定义", "", "", "error", refusal.message, kept.package, "本节点有的报表包")
        return
    if package.version != kept.version:
        yield Found("定义", "", "", "error", "报表定义的版本不同", kept.version, package.version)
    yield from _missing(package, kept)
    yield from verification.findings(
        Filled(
            package, queries.values_from(kept.values), queries.lines_of(kept.lines), _last_year(kept), None, _elsewhere(kept)
        )
    )  # fmt: skip


def _missing(package: Package, kept: ReceivedFiling) -> Iterator[Found]:
    """Places of the definition that did not come at all."""
    wanted = (
        (table, row, column)
        for table in package.tables if table.kind == GRID
        for row, column in definitions.cells(table) if not row.by
    )  # fmt: skip
    count = 0
    for table, row, column in wanted:
        if f"{row.code}.{column.code}" not in kept.values.get(table.code, {}) and count < MOST_MISSING:
            count += 1
            name = f"{table.code}.{row.code}.{column.code}"
            yield Found(
                "缺数",
                table.code,
                name,
                "error",
                f"{table.heading}“{row.title}”的“{column.title}”没有报",
                "",
                "有数",
            )


def _last_year(kept: ReceivedFiling) -> Any:
    """What this node accepted last year; the school's own memory does not count here."""
    before = ReceivedFiling.objects.filter(
        node=kept.node, package=kept.package, period=str(int(kept.period) - 1), state=State.ACCEPTED
    ).order_by("-number").first()  # fmt: skip
    return queries.values_from(before.values) if before else {}


def _elsewhere(kept: ReceivedFiling) -> list[Elsewhere]:
    """Named figures of the school's other reports of the period that stand."""
    others = ReceivedFiling.objects.filter(node=kept.node, period=kept.period).exclude(package=kept.package)
    found = []
    for other in others.exclude(state=State.RETURNED):
        package, values = definitions.package(other.package), queries.values_from(other.values)
        if package.clock != definitions.package(kept.package).clock:
            continue
        for table in package.tables:
            for figure, place in table.figures.items():
                found.append(
                    Elsewhere(figure, other.title, table.heading, values.get(table.code, {}).get(place))
                )
    return found


def _answer(kept: ReceivedFiling, *, codes: list[str], findings: list[dict[str, Any]]) -> None:
    nodes.answer_report(
        kept.node, kept.package, f"{kept.title}：{kept.get_state_display()}",
        {
            "period": kept.period, "number": kept.number, "state": kept.state, "reason": kept.reason,
            "codes": [one for one in codes if one], "receipt": kept.receipt, "findings": findings,
        },
    )  # fmt: skip


def _is_newest(kept: ReceivedFiling) -> bool:
    same = ReceivedFiling.objects.filter(node=kept.node, package=kept.package, period=kept.period)
    return not same.filter(number__gt=kept.number).exists()


@operation(
    "接受", icon="circle-check", when=lambda kept: kept.state == "received", roles=("engineer", "leader")
)
def accept(kept: ReceivedFiling, *, actor: Actor) -> None:
    """The report stands; the school may put it on file."""
    if kept.state != State.RECEIVED:
        raise Refused("只有待审核的报表可以接受")
    kept.state, kept.judged_by, kept.judged_at = State.ACCEPTED, actor.signature, timezone.now()
    kept.save()
    _answer(kept, codes=[], findings=[])


@operation(
    "退回学校",
    icon="arrow-back-up",
    danger=True,
    when=lambda kept: kept.state == "received",
    roles=("engineer", "leader"),
)
def send_back_to_school(kept: ReceivedFiling, *, actor: Actor, reason: Reason, codes: Codes = "") -> None:
    """The school opens the named tables again, with the reason on them."""
    if kept.state != State.RECEIVED or not _is_newest(kept):
        raise Refused("只有最近一次、待审核的报表可以退回")
    if not reason.strip():
        raise Refused("退回必须写明原因", field="reason")
    wanted = [one for one in codes.replace(",", "、").replace(" ", "、").split("、") if one]
    missing = set(wanted) - set(kept.values)
    if missing:
        raise Refused(f"没有这些表：{'、'.join(sorted(missing))}", field="codes")
    kept.state, kept.reason = State.RETURNED, reason.strip()[:300]
    kept.judged_by, kept.judged_at = actor.signature, timezone.now()
    kept.save()
    _answer(kept, codes=wanted, findings=[])
