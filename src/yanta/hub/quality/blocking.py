"""Rules on rows that are not loaded yet: one expression over a pipeline's own rows, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

import ibis
from ibis import ir

from yanta.hub import subjects
from yanta.hub.quality import checks
from yanta.hub.quality.checks import APPLIES, CLEAR, FAILS, Dimension
from yanta.hub.quality.models import OnLoad, Rule, Severity
from yanta.hub.quality.world import School
from yanta.hub.subjects import Subject

PLACE, TOLD = "place", "told"
# What compares sources or asks when a row last changed speaks of rows that are there already.
OF_ROWS_THERE = frozenset({Dimension.CROSS_SOURCE, Dimension.TIMELY})
TYPES = {
    "text": "string", "integer": "int64", "decimal": "decimal(18, 4)", "date": "date", "instant": "timestamp('UTC')",
    "flag": "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule on its way before a load. `whole`: it needs all rows of the subject; `blocks`: rows that break it stay out;
    `stops`: one such row stops the delivery."""

    rule_id: int
    title: str
    sentence: str
    owner: str
    severity: str
    blocks: bool
    stops: bool
    whole: bool

    @property
    def name(self) -> str:
        return f"q_{self.rule_id}"

    @property
    def reason(self) -> str:
        return f"违反质量规则“{self.title}”：{self.sentence.replace('；', '，')}（归口：{self.owner}）"


class Gate:
    """The rules in force on a subject, as far as a delivery's columns let them be judged."""

    def __init__(self, subject: str, rules: Sequence[Rule], columns: Sequence[str], *, now: datetime) -> None:
        self._subject, self._school = subjects.subject(subject), School(now=now)
        there = set(columns)
        kept = [rule for rule in rules if _fits(rule.spec, there)]
        self._specs = {rule.pk: rule.spec for rule in kept}
        self.guards = tuple(map(_guard, kept))
        # Blocking rules that the delivery has no columns for: they hold after the load, not before.
        self.unasked = tuple(
            r.title for r in rules if r.severity == Severity.BLOCKING and r.pk not in self._specs
        )

    def of(self, *, whole: bool) -> list[Guard]:
        return [one for one in self.guards if one.whole == whole]

    def columns(self, *, whole: bool) -> list[str]:
        """The fields that these rules look at."""
        needed = [
            name for one in self.of(whole=whole) for name in checks.needs_of(self._specs[one.rule_id]).fields
        ]
        return list(dict.fromkeys(needed))

    def broken(self, table: ir.Table, *, whole: bool) -> ir.Table:
        """The rows that break any rule: `place`, `told` (why they stay out, or null), one flag per rule.

        Columns are named as the subject's fields, text in any type; a sealed one holds its digest, and its value in clear
        under its name with `__clear`. Rows without a place are only looked at.
        """
        guards = self.of(whole=whole)
        table = _typed(self._subject, table)
        for one in guards:
            kept = [name for name in table.columns if name not in (APPLIES, FAILS)]
            judged = checks.compiled(table.select(*kept), self._specs[one.rule_id], self._school)
            table = judged.mutate(**{one.name: judged[APPLIES] & judged[FAILS]}).select(*kept, one.name)
        flags = [table[one.name] for one in guards]
        failing = table.filter(table[PLACE].notnull(), reduce(lambda a, b: a | b, flags))
        reasons = [ibis.ifelse(failing[one.name], one.reason + "；", "") for one in guards if one.blocks]
        told = reduce(lambda a, b: a + b, reasons, ibis.literal(""))
        cut = told.substr(0, told.length() - 1)
        return failing.select(
            PLACE, *(one.name for one in guards), **{TOLD: ibis.ifelse(told == "", ibis.null("string"), cut)}
        )


def _guard(rule: Rule) -> Guard:
    blocks = rule.severity == Severity.BLOCKING
    return Guard(
        rule.pk, rule.title, rule.sentence, rule.owner.name, rule.severity, blocks, blocks and rule.on_load == OnLoad.STOP,
        checks.template_of(rule.template).whole,
    )  # fmt: skip


def _fits(spec: checks.Spec, columns: set[str]) -> bool:
    if checks.template_of(spec.template).dimension in OF_ROWS_THERE:
        return False
    needs = checks.needs_of(spec)
    return set(needs.fields) <= columns and {f"{name}{CLEAR}" for name in needs.clear} <= columns


def _typed(subject: Subject, table: ir.Table) -> ir.Table:
    """Columns in the types of the subject; what cannot be read as such is empty."""
    kinds = {field.name: TYPES[field.kind] for field in subject.fields if not field.is_sealed}
    wanted = {
        name: table[name].try_cast(kinds[name])
        for name in table.columns
        if name in kinds and str(table[name].type()) != kinds[name]
    }
    return table.mutate(**wanted) if wanted else table
