"""Giving out numbers: each once, for good, however many ask at the same moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction

from yanta.kernel.base import Refused
from yanta.kernel.codes.models import NumberReservation, NumberRule
from yanta.kernel.codes.rules import Pattern, scope_key

_STATUS = NumberReservation.Status

# One statement takes the counter's row lock and moves it, so callers queue up instead of colliding.
_ADVANCE = """
INSERT INTO codes_numbercounter (rule_id, scope, last, created_at, updated_at)
VALUES (%s, %s, %s, now(), now())
ON CONFLICT (rule_id, scope)
DO UPDATE SET last = codes_numbercounter.last + EXCLUDED.last, updated_at = now()
RETURNING last
"""
_RAISE = _ADVANCE.replace(
    "codes_numbercounter.last + EXCLUDED.last", "greatest(codes_numbercounter.last, EXCLUDED.last)"
)


@dataclass(slots=True)
class Adopted:
    """What became of numbers that were in use before the rule: read = new + known + wrong."""

    read: int = 0
    new: int = 0
    known: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


def rule_of(key: str) -> NumberRule:
    """The rule with this key; Refused when there is none."""
    rule = NumberRule.objects.filter(key=key).first()
    if rule is None:
        raise Refused(f"没有编号规则 {key}")
    return rule


def reserve(
    rule: NumberRule, *, values: Mapping[str, str | int], by: str, count: int = 1, purpose: str = ""
) -> list[str]:
    """Take the next numbers of a rule; they are never given out again, not even after a release."""
    if count < 1:
        raise Refused("至少预留一个号码", field="count")
    pattern = rule.parsed
    fitted = pattern.fitted(values)
    scope = scope_key(fitted, rule.scope_names)
    with transaction.atomic():
        last = _moved(_ADVANCE, rule, scope, count)
        taken = range(last - count + 1, last + 1)
        numbers = [pattern.compose(fitted, sequence) for sequence in taken]
        NumberReservation.objects.bulk_create(
            NumberReservation(rule=rule, number=n, scope=scope, sequence=s, purpose=purpose, reserved_by=by)
            for n, s in zip(numbers, taken, strict=True)
        )
    return numbers


def settle(rule: NumberRule, number: str, status: NumberReservation.Status) -> NumberReservation:
    """Confirm or release a reserved number, once."""
    with transaction.atomic():
        found = NumberReservation.objects.select_for_update().filter(rule=rule, number=number).first()
        if found is None:
            raise Refused(f"没有预留过号码 {number}")
        return settle_reservation(found, status)


def settle_reservation(reservation: NumberReservation, status: NumberReservation.Status) -> NumberReservation:
    """The same for a row that the caller has locked."""
    if reservation.status != _STATUS.RESERVED:
        raise Refused(f"号码 {reservation.number} {reservation.get_status_display()}，不能再改")
    reservation.status = status
    reservation.save(update_fields=["status", "updated_at"])
    return reservation


def adopt(rule: NumberRule, numbers: Iterable[str], *, by: str) -> Adopted:
    """Register numbers that were in use before, so that the rule never gives them out again."""
    receipt, rows, last = Adopted(), {}, defaultdict[str, int](int)
    pattern = rule.parsed
    for number in numbers:
        receipt.read += 1
        try:
            row = _adopted(rule, pattern, number, by)
        except Refused as refusal:
            receipt.wrong[number] = refusal.message
            continue
        rows[row.number] = row
        last[row.scope] = max(last[row.scope], row.sequence)
    with transaction.atomic():
        for scope, sequence in sorted(last.items()):
            _moved(_RAISE, rule, scope, sequence)
        before = rule.reservations.count()
        NumberReservation.objects.bulk_create(rows.values(), ignore_conflicts=True, batch_size=2000)
        receipt.new = rule.reservations.count() - before
    receipt.known = receipt.read - receipt.new - len(receipt.wrong)
    return receipt


def _adopted(rule: NumberRule, pattern: Pattern, number: str, by: str) -> NumberReservation:
    pieces = pattern.read(number)
    return NumberReservation(
        rule=rule,
        number=pattern.compose(pieces, int(pieces["seq"])),
        scope=scope_key(pieces, rule.scope_names),
        sequence=int(pieces["seq"]),
        status=_STATUS.CONFIRMED,
        reserved_by=by,
    )


def _moved(statement: str, rule: NumberRule, scope: str, by: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [rule.pk, scope, by])
        return int(cursor.fetchone()[0])
