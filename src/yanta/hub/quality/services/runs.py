"""Carrying out rules and keeping what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from yanta.hub import queries as hub
from yanta.hub import subjects
from yanta.hub.quality import checks, judging, rules
from yanta.hub.quality.judging import WHOLE, Asked, Part, Shown, Verdict
from yanta.hub.quality.models import (
    Exemption,
    FailingRow,
    Inspection,
    Result,
    Rule,
    Severity,
    Standing,
    UnitResult,
)
from yanta.hub.quality.services import following, scoring
from yanta.kernel import notify
from yanta.kernel.base import Actor, Refused
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit

Step = Callable[[int, int, str], None]
Mode, Cause = Inspection.Mode, Inspection.Cause


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rules are carried out over which part of which subject."""

    rules: tuple[Rule, ...]
    cause: str
    mode: str = Mode.FULL
    share: int = 100
    parts: Mapping[str, Part] = field(default_factory=dict)
    note: str = ""


def in_force(on: Any) -> QuerySet[Rule]:
    return (
        Rule.objects.filter(is_enabled=True, valid_from__lte=on)
        .select_related("owner")
        .order_by("subject", "pk")
    )


@operation("立即检查", model=Inspection, icon="player-play", roles=("engineer",))
def check_now(
    *, actor: Actor, subject: Annotated[str, Label("主题", "如 student；留空检查全部主题")] = "",
    share: Annotated[int, Label("抽样比例（%）", "100 为全量；抽样不派发工单")] = 100,
) -> None:  # fmt: skip
    """All rules in force, or those of one subject, in the background."""
    from yanta.hub.quality.jobs import check_quality
    from yanta.kernel.jobs import start

    if not 1 <= share <= 100:
        raise Refused("抽样比例应在 1 到 100 之间", field="share")
    if subject:
        checks.subject_named(subject)
    start(check_quality, actor=actor, subject=subject, share=share)


def inspect(plan: Plan, *, actor: Actor, now: datetime, step: Step = lambda *_: None) -> Inspection:
    """Carry out the plan: a result for each rule; after a whole run marks and work orders follow."""
    if not plan.rules:
        raise Refused("没有启用的规则可检查")
    names = sorted({rule.subject for rule in plan.rules})
    inspection = Inspection.objects.create(
        cause=plan.cause, mode=plan.mode, share=plan.share, subjects=names, note=plan.note, started_by=actor.signature,
        started_at=now, positions=_positions(names),
    )  # fmt: skip
    by_key = {rule.pk: rule for rule in plan.rules}
    exempt = _exempt(by_key, timezone.localdate(now))
    keeper = _Keeper(inspection, {unit.path: unit for unit in OrgUnit.objects.filter(depth__lte=2)}, now)
    asked = []
    for rule in plan.rules:
        try:
            checks.check(rule.spec)
            asked.append(Asked(rule.pk, rule.spec, exempt[rule.pk]))
        except Refused as refusal:
            keeper.miss(rule, refusal.message)
    for one, verdict, shown in judging.judge(asked, now=now, parts=plan.parts, step=step):
        with transaction.atomic():
            keeper.keep(by_key[one.key], one, verdict, shown)
    with transaction.atomic():
        _conclude(inspection, keeper, actor=actor, now=now)
    return inspection


def _positions(names: Iterable[str]) -> dict[str, str]:
    known = {one.name for one in subjects.all_subjects()}
    return {name: subjects.position(subjects.subject(name)) for name in names if name in known}


def _exempt(keys: Iterable[int], on: Any) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    granted = Exemption.objects.filter(rule__in=keys, state=Exemption.State.GRANTED, until__gte=on)
    for rule, row in granted.values_list("rule", "row_id"):
        found[rule].add(row)
    return defaultdict(frozenset, {rule: frozenset(rows) for rule, rows in found.items()})


@dataclass
class _Keeper:
    """Writes results down, and remembers what whole runs found for the orders that follow."""

    inspection: Inspection
    units: dict[str, OrgUnit]
    now: datetime
    found: list[following.Found] = field(default_factory=list)
    blocking: list[tuple[Rule, int]] = field(default_factory=list)

    def keep(
        self, rule: Rule, asked: Asked, verdict: Verdict, shown: Callable[[Sequence[int]], list[Shown]]
    ) -> None:
        if verdict.error:
            self.miss(rule, verdict.error)
            return
        standing, _ = Standing.objects.select_for_update().get_or_create(rule=rule)
        moved = rules.movement(
            before=set(standing.rows),
            failing=verdict.failing.keys(),
            judged=verdict.judged,
            exempt=asked.exempt,
        )
        result = Result.objects.create(
            inspection=self.inspection, rule=rule, checked=verdict.checked, failed=verdict.failed, exempted=verdict.exempted,
            new=len(moved.new), persisting=len(moved.persisting), repaired=len(moved.repaired),
            seconds=round(verdict.seconds, 4), at=self.now,
        )  # fmt: skip
        counts = self._by_unit(rule, verdict)
        UnitResult.objects.bulk_create(
            UnitResult(result=result, unit_id=unit, checked=checked, failed=failed)
            for unit, (checked, failed) in counts.items()
        )
        standing.rows = sorted(moved.standing)
        if verdict.judged is None:
            standing.result = result
            self.found.append(self._found(rule, verdict, counts))
        standing.save()
        self._keep_rows(rule, verdict, moved.new, shown)
        if rule.severity == Severity.BLOCKING and moved.new:
            self.blocking.append((rule, len(moved.new)))

    def miss(self, rule: Rule, why: str) -> None:
        """A rule that could not be carried out is told like any other; what is known of it stays."""
        Result.objects.create(inspection=self.inspection, rule=rule, error=why[:300], at=self.now)

    def unit_of(self, rule: Rule, path: str) -> int:
        """The department of a row; what belongs to nobody is the owner's."""
        unit = self.units.get(path)
        return unit.pk if unit is not None else rule.owner_id

    def _by_unit(self, rule: Rule, verdict: Verdict) -> dict[int, tuple[int, int]]:
        counts: dict[int, tuple[int, int]] = {}
        for path, (checked, failed) in verdict.units.items():
            unit = self.unit_of(rule, path)
            before = counts.get(unit, (0, 0))
            counts[unit] = (before[0] + checked, before[1] + failed)
        return counts

    def _found(self, rule: Rule, verdict: Verdict, counts: dict[int, tuple[int, int]]) -> following.Found:
        rows: dict[int, list[int]] = defaultdict(list)
        for row, path in verdict.failing.items():
            rows[self.unit_of(rule, path)].append(row)
        return following.Found(rule, counts, rows)

    def _keep_rows(
        self,
        rule: Rule,
        verdict: Verdict,
        fresh: frozenset[int],
        shown: Callable[[Sequence[int]], list[Shown]],
    ) -> None:
        old = FailingRow.objects.filter(rule=rule)
        (old if verdict.judged is None else old.filter(row_id__in=verdict.judged)).delete()
        picked = judging.sample_of(verdict.failing, fresh)
        FailingRow.objects.bulk_create(
            FailingRow(
                rule=rule, row_id=row.row_id, key=row.key[:160], values=row.values, is_new=row.row_id in fresh,
                unit_id=self.unit_of(rule, row.unit_path[: 2 * judging.STEP]), found_at=self.now,
            )
            for row in shown(picked)
        )  # fmt: skip


def _conclude(inspection: Inspection, keeper: _Keeper, *, actor: Actor, now: datetime) -> None:
    results = inspection.results
    sums = results.aggregate(checked=Sum("checked"), failed=Sum("failed"), exempted=Sum("exempted"))
    for name, value in sums.items():
        setattr(inspection, name, value or 0)
    inspection.rules, inspection.broken = results.count(), results.exclude(error="").count()
    inspection.ended_at = timezone.now()
    inspection.save()
    if inspection.cause != Inspection.Cause.RECHECK:
        following.follow(keeper.found, on=timezone.localdate(now), actor=actor)
    if keeper.found:
        scoring.renew(on=timezone.localdate(now))
    for rule, number in keeper.blocking:
        notify.send(
            "quality.blocking-found", to=hub.deciders_of(rule.owner, on=timezone.localdate(now)),
            context={"number": number, "title": rule.title, "sentence": rule.sentence},
            link=f"/quality/rule/{rule.pk}/", once=f"{rule.pk}:{inspection.pk}",
        )  # fmt: skip


def whole_plan(*, cause: str, on: Any, subject: str = "", share: int = 100) -> Plan:
    """Every rule in force, or those of one subject; a share below a hundred looks at a sample."""
    found = in_force(on).filter(subject=subject) if subject else in_force(on)
    part = Part(share=share)
    parts = {} if share >= 100 else {rule.subject: part for rule in found}
    return Plan(tuple(found), cause, Mode.FULL if share >= 100 else Mode.SAMPLE, share, parts)


def loaded_plan(subject: str, *, on: Any, note: str = "") -> Plan | None:
    """What a load makes worth another look: the rows changed since the last run, and whatever counts or refers to them."""
    known = subjects.subject(subject)
    touched = [
        rule
        for rule in in_force(on)
        if rule.subject == subject or subject in checks.needs_of(rule.spec).others
    ]
    if not touched:
        return None
    before = (
        Inspection.objects.filter(positions__has_key=subject)
        .exclude(mode=Mode.SAMPLE)
        .order_by("-pk")
        .first()
    )
    if before is None:
        return Plan(tuple(touched), Cause.LOADED, note=note)
    changed = subjects.changes(known, before.positions[subject])
    if not changed:
        return None
    part = Part(ids=frozenset(changed.ids))
    return Plan(tuple(touched), Cause.LOADED, Mode.INCREMENT, parts={subject: part}, note=note)


def after_load(subject: str, pipeline: str, *, actor: Actor) -> None:
    """A pipeline has loaded rows: look at them in the background."""
    from yanta.hub.quality.jobs import check_loaded_quality
    from yanta.kernel.jobs import start

    start(check_loaded_quality, actor=actor, subject=subject, note=f"管道 {pipeline} 入库后")


__all__ = ["WHOLE", "Plan", "after_load", "check_now", "in_force", "inspect", "loaded_plan", "whole_plan"]
