"""The expressions of a run, one per step: map and clean, judge, compare, count. Nothing here knows a database.

Columns: `place` of the row in the delivery, `part` of the account, `op` of a captured change, `digest` of the row as
delivered; of every field F `f_F` (its value as text), `o_F` (what the target holds), `d_F` (keyed digest of a sealed
value), `r_F` and `p_F` (ids of the rows that a link leads to, and led to).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import ibis
from ibis import ir

from yanta.hub.cleaning import identity
from yanta.hub.pipelines import steps
from yanta.hub.pipelines.documents import Document, Match, Pair
from yanta.hub.pipelines.targets import Target, TargetField

FATES = ("new", "changed", "unchanged", "quarantined", "merged", "removed")
WHOLE = "全部"
DEPARTED = "比对得出的删除"
TODAY = "today"
GONE_REASON = "来源已删除这一行，请决定如何处理"
_NONE = ibis.null("string")


def raw_name(columns: list[str], column: str) -> str:
    """Under which name a source column lies in the run's files: any header does, whatever its letters."""
    return f"s{columns.index(column)}"


def cleaned(source: ir.Table, document: Document, columns: list[str], *, captured: bool) -> ir.Table:
    """Every confirmed pair cleaned, every fact that a link is looked for by, the digest of the row."""

    def raw(column: str) -> ir.StringValue:
        return source[raw_name(columns, column)]

    values = {f"f_{pair.field}": _raw(pair, raw) for pair in document.confirmed}
    written = {f"f_{pair.field}": pair.steps for pair in document.confirmed if not pair.is_constant}
    for match in document.matches:
        for fact, column in match.columns.items():
            values[fact_name(match, fact)] = raw(column)
            written[fact_name(match, fact)] = (_FACT_STEPS.get(fact, "tidy"),)
    read = [raw(column).fill_null("") for column in document.source_columns]
    part = ibis.coalesce(raw(document.partition), "（空）") if document.partition else ibis.literal(WHOLE)
    chosen = source.select(
        place=source.place,
        part=part,
        op=source["op"] if captured else ibis.literal("i"),
        digest=reduce(lambda one, other: one + "\x1f" + other, read).hexdigest("md5"),
        **values,
    )
    done = steps.applied(chosen, written)
    return done.mutate(**{name: done[name].nullif("") for name in values})


def _raw(pair: Pair, raw: Callable[[str], ir.StringValue]) -> ir.StringValue:
    return ibis.literal(pair.constant) if pair.is_constant else raw(pair.source)


_FACT_STEPS = {"name": "name", "birth_on": "day", "phone": "phone", "id_number": "identity", "number": "bare"}


def fact_name(match: Match, fact: str) -> str:
    return f"m_{match.field}_{fact}"


def written_values(clean: ir.Table, fields: list[TargetField]) -> ir.Table:
    """The distinct written values of every field that must be looked up; of dates only unusual spellings."""

    def asked(field: TargetField) -> ir.BooleanValue:
        value = clean[f"f_{field.name}"]
        return ~value.re_search(_DATE) if field.kind == "date" else value.notnull()

    each = [
        clean.filter(asked(field))
        .select(field=ibis.literal(field.name), written=clean[f"f_{field.name}"])
        .distinct()
        for field in fields
    ]
    return reduce(lambda one, other: one.union(other), each)


def judged(
    clean: ir.Table, document: Document, target: Target, lookups: ir.Table | None, found: ir.Table | None
) -> ir.Table:
    """Values looked up and put into their one form; `reasons` say why a row is held back, null when it is good."""
    fields = [target.field(pair.field) for pair in document.confirmed]
    table = clean
    for field in fields:
        if field.is_looked_up and lookups is not None:
            table = _looked_up(table, field, lookups)
    for match in document.matches:
        if found is not None:
            table = _matched(table, match, found, delivered=document.pair(match.field) is not None)
    fields += [target.field(match.field) for match in document.matches if document.pair(match.field) is None]
    parts = {f"x_{field.name}": _said(table, field) for field in fields}
    forms = {f"f_{field.name}": _form(table, field) for field in fields}
    told = table.mutate(**parts, **forms)
    joined = reduce(lambda one, other: one + other, (told[name] for name in parts))
    whole = told.mutate(reasons=joined).drop(*parts)
    is_gone = (whole["op"] == "d") & whole[f"f_{target.key}"].notnull()
    good = (whole.reasons == "") | is_gone
    return whole.mutate(reasons=ibis.ifelse(good, _NONE, whole.reasons.substr(0, whole.reasons.length() - 1)))


def _said(table: ir.Table, field: TargetField) -> ir.StringValue:
    """Everything that is wrong with one value."""
    reasons = _reasons(table, field)
    if f"w_{field.name}" in table.columns:
        why = table[f"w_{field.name}"]
        reasons.append(ibis.ifelse(why.isnull(), "", why + "；"))
    return reduce(lambda one, other: one + other, reasons, ibis.literal(""))


def _looked_up(table: ir.Table, field: TargetField, lookups: ir.Table) -> ir.Table:
    known = lookups.filter(lookups.field == field.name).select(
        k_written="written", k_value="value", k_ref="ref", k_reason="reason"
    )
    joined = table.left_join(known, table[f"f_{field.name}"] == known.k_written)
    value = joined.k_value
    if field.kind == "date":
        value = ibis.ifelse(joined[f"f_{field.name}"].re_search(_DATE), joined[f"f_{field.name}"], value)
    return joined.mutate(
        **{f"f_{field.name}": value, f"r_{field.name}": joined.k_ref, f"w_{field.name}": joined.k_reason}
    ).drop("k_written", "k_value", "k_ref", "k_reason")


def _matched(table: ir.Table, match: Match, found: ir.Table, *, delivered: bool) -> ir.Table:
    """The row that facts lead to; a delivered key goes before them."""
    mine = found.filter(found.field == match.field).select(
        k_place="place", k_value="value", k_ref="ref", k_reason="reason"
    )
    joined = table.left_join(mine, table.place == mine.k_place)
    value, ref, why = joined.k_value, joined.k_ref, joined.k_reason
    if delivered:
        own = joined[f"r_{match.field}"]
        value = ibis.coalesce(joined[f"f_{match.field}"], value)
        why = ibis.ifelse(own.notnull() | joined.k_value.notnull(), _NONE, why)
        ref = ibis.coalesce(own, ref)
    return joined.mutate(
        **{f"f_{match.field}": value, f"r_{match.field}": ref, f"w_{match.field}": why}
    ).drop("k_place", "k_value", "k_ref", "k_reason")


def _form(table: ir.Table, field: TargetField) -> ir.StringValue:
    """The one way in which a value of this kind is written."""
    value: ir.StringValue = table[f"f_{field.name}"]
    if field.kind == "integer":
        return (
            ibis.ifelse(value.re_search(_INTEGER), value.re_replace(r"[.]0+$", ""), _NONE)
            .try_cast("int64")
            .cast("string")
        )
    if field.kind == "decimal":
        number = ibis.ifelse(value.re_search(_DECIMAL), value, _NONE)
        return number.try_cast(f"decimal(30,{field.places})").cast("string")
    return value


_INTEGER = r"^[-+]?[0-9]{1,18}([.]0+)?$"
_DECIMAL = r"^[-+]?[0-9]{1,18}([.][0-9]{1,12})?$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _reason(test: ir.BooleanValue, sentence: str) -> ir.StringValue:
    return ibis.ifelse(test.fill_null(False), f"{sentence}；", "")


def _reasons(table: ir.Table, field: TargetField) -> list[ir.StringValue]:
    """What can be wrong with a value of this field, by its kind and its limits."""
    value: ir.StringValue = table[f"f_{field.name}"]
    told = []
    if field.required:
        blank = value.isnull()
        if f"w_{field.name}" in table.columns:
            blank = blank & table[f"w_{field.name}"].isnull()
        told.append(_reason(blank, f"缺少“{field.title}”"))
    told += _reasons_of_kind(value, field)
    if field.is_identity:
        card = identity.is_mainland(value)
        body = ibis.ifelse(card, value, "11010519491231002X")
        wrong = identity.check_character(body.substr(0, 17)) != body.substr(17, 1)
        told.append(_reason(wrong, f"“{field.title}”校验位不符"))
    return told


def _reasons_of_kind(value: ir.StringValue, field: TargetField) -> list[ir.StringValue]:
    if field.kind == "integer":
        number = ibis.ifelse(value.re_search(_INTEGER), value.re_replace(r"[.]0+$", ""), _NONE).try_cast(
            "int64"
        )
        beyond = (
            number.notnull() & ~number.between(field.lowest, field.highest)
            if field.highest is not None
            else ibis.literal(False)
        )
        return [
            _reason(~value.re_search(_INTEGER), f"“{field.title}”不是整数"),
            _reason(beyond, f"“{field.title}”超出范围"),
        ]
    if field.kind == "decimal":
        whole = (field.max_length or 18) - field.places
        return [
            _reason(~value.re_search(_DECIMAL), f"“{field.title}”不是数字"),
            _reason(value.re_search(rf"^[-+]?0*[1-9][0-9]{{{whole},}}([.]|$)"), f"“{field.title}”超出位数"),
            _reason(
                value.re_search(rf"[.][0-9]{{{field.places}}}[0-9]*[1-9]"),
                f"“{field.title}”小数超过 {field.places} 位",
            ),
        ]
    if field.kind == "date":
        return [_reason(value.notnull() & ~_is_day(value), f"“{field.title}”无法识别为日期")]
    if field.kind == "flag":
        return [_reason(~value.isin(["t", "f"]), f"“{field.title}”不是“是”或“否”")]
    if field.max_length:
        return [_reason(value.length() > field.max_length, f"“{field.title}”超过 {field.max_length} 个字符")]
    return []


def _is_day(value: ir.StringValue) -> ir.BooleanValue:
    """Whether an ISO text is a day of the calendar, by arithmetic: engines read impossible dates differently."""
    text = ibis.ifelse(value.re_search(_DATE), value, _NONE)
    year, month, day = (text.substr(at, width).try_cast("int64") for at, width in ((0, 4), (5, 2), (8, 2)))
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    longest = ibis.cases((month.isin([4, 6, 9, 11]), 30), (month == 2, ibis.ifelse(leap, 29, 28)), else_=31)
    return ((year >= 1) & month.between(1, 12) & (day >= 1) & (day <= longest)).fill_null(False)


def singled(table: ir.Table, target: Target, *, captured: bool) -> ir.Table:
    """One row per key: of a file the first good one, of a stream of changes the last; the others are told."""
    key = table[f"f_{target.key}"]
    good = table.mutate(is_good=table.reasons.isnull() & key.notnull())
    order = ibis.desc("place") if captured else ibis.asc("place")
    window = ibis.window(group_by=[f"f_{target.key}", "is_good"], order_by=order)
    turn = good.mutate(turn=ibis.row_number().over(window))
    repeated = turn.is_good & (turn.turn > 0)
    if captured:
        return turn.mutate(is_superseded=repeated)
    words = ibis.literal(f"“{target.field(target.key).title}”与前面的行重复")
    return turn.mutate(reasons=ibis.ifelse(repeated, words, turn.reasons), is_superseded=ibis.literal(False))


def compared(table: ir.Table, held: ir.Table, document: Document, target: Target) -> ir.Table:
    """Against what the target holds: the fate of every row, the value that it will have, the value it has."""
    names = [pair.field for pair in document.confirmed]
    names += [match.field for match in document.matches if match.field not in names]
    right = held.rename(held_key=f"o_{target.key}")
    joined = table.left_join(right, table[f"f_{target.key}"] == right.held_key)
    joined = joined.mutate(**{f"o_{target.key}": joined.held_key})
    values: dict[str, ir.Value] = {}
    alters: list[ir.BooleanValue] = []
    differs: list[ir.StringValue] = []
    for name in names:
        field, pair = target.field(name), document.pair(name) or Pair(name)
        value, is_other = _effective(joined, field, pair)
        values[f"f_{name}"], values[f"o_{name}"] = value, joined[f"o_{name}"]
        if pair.mode == "check":
            differs.append(_reason(is_other & joined.id.notnull(), field.title))
        elif name != target.key:
            alters.append(is_other)
        values |= {
            one: joined[one] for one in (f"r_{name}", f"d_{name}", f"p_{name}") if one in joined.columns
        }
    altered = reduce(lambda one, other: one | other, alters, ibis.literal(False))
    reasons = _final_reasons(joined, document)
    fate = _fate(joined, document, reasons, altered)
    differing = reduce(lambda one, other: one + other, differs, ibis.literal(""))
    return joined.select(
        "place", "part", "op", "digest", "id", fate=fate, reasons=reasons, differs=differing, **values
    )


def _effective(joined: ir.Table, field: TargetField, pair: Pair) -> tuple[ir.StringValue, ir.BooleanValue]:
    """The value that the row will have, and whether that is another than now; sealed ones meet by digest."""
    new, old = joined[f"f_{field.name}"], joined[f"o_{field.name}"]
    sign = joined[f"d_{field.name}"] if field.is_sealed else new
    if pair.mode == "check":
        return old, new.notnull() & ~sign.identical_to(old)
    if pair.mode == "fill":
        is_other = old.isnull() & new.notnull()
    elif pair.erases:
        is_other = ~sign.identical_to(old)
    else:
        is_other = new.notnull() & ~sign.identical_to(old)
    if field.is_sealed:
        return ibis.ifelse(is_other, new, _NONE), is_other
    return ibis.ifelse(is_other, new, old), is_other


def _final_reasons(joined: ir.Table, document: Document) -> ir.StringValue:
    cases = [(joined.reasons.notnull(), joined.reasons)]
    gone = (joined["op"] == "d") & joined.id.notnull() & ~joined.is_superseded
    if document.absent == "hold":
        cases.append((gone, ibis.literal(GONE_REASON)))
    if not document.creates:
        fresh = joined.id.isnull() & (joined["op"] != "d") & ~joined.is_superseded
        cases.append((fresh, ibis.literal("库中没有这一条，本管道不得新增")))
    return ibis.cases(*cases, else_=_NONE)


def _fate(
    joined: ir.Table, document: Document, reasons: ir.StringValue, altered: ir.BooleanValue
) -> ir.StringValue:
    gone = joined["op"] == "d"
    kept = "removed" if document.absent == "mark" else "unchanged"
    return ibis.cases(
        (reasons.notnull(), "quarantined"),
        (joined.is_superseded, "merged"),
        (gone & joined.id.isnull(), "unchanged"),
        (gone, kept),
        (joined.id.isnull(), "new"),
        (altered, "changed"),
        else_="unchanged",
    )


def barred(result: ir.Table, broken: ir.Table) -> ir.Table:
    """With the rows held back that a quality rule keeps out; `broken` says why, by place."""
    kept_out = broken.filter(broken.told.notnull()).select(b_place="place", b_told="told")
    joined = result.left_join(kept_out, result.place == kept_out.b_place)
    is_out = joined.b_place.notnull()
    reasons = ibis.ifelse(joined.reasons.isnull(), joined.b_told, joined.reasons + "；" + joined.b_told)
    return joined.mutate(
        fate=ibis.ifelse(is_out, "quarantined", joined.fate),
        reasons=ibis.ifelse(is_out, reasons, joined.reasons),
    ).drop("b_place", "b_told")


def departed(
    result: ir.Table, held: ir.Table, document: Document, target: Target, *, beyond: int
) -> ir.Table:
    """Rows of the target that a whole list no longer names, as deletions among the result's rows, places from `beyond` on.

    Those that bear the mark of leaving already have left before.
    """
    unnamed = absent(result, held, target).select(gone_id="id")
    gone = held.semi_join(unnamed, held.id == unnamed.gone_id)
    if document.mark_field:
        mark = gone[f"o_{document.mark_field}"]
        has_left = mark.notnull() if document.mark_value == TODAY else mark == document.mark_value
        gone = gone.filter(~has_left.fill_null(False))
    told = {
        "place": ibis.row_number().over(ibis.window(order_by="id")) + beyond, "part": ibis.literal(DEPARTED), "op": ibis.literal("d"),
        "digest": gone[f"o_{target.key}"].hexdigest("md5"), "id": gone.id, "differs": ibis.literal(""),
        "fate": ibis.literal("removed" if document.absent == "mark" else "quarantined"),
        "reasons": _NONE if document.absent == "mark" else ibis.literal(GONE_REASON),
    }  # fmt: skip
    for name in result.columns:
        if name not in told:
            here = gone[name] if name in gone.columns else ibis.null(result[name].type())
            told[name] = gone[f"o_{target.key}"] if name == f"f_{target.key}" else here
    return gone.select(**{name: told[name].cast(result[name].type()) for name in result.columns})


def counted(result: ir.Table) -> ir.Table:
    """How many rows of each part have which fate."""
    return result.group_by("part", "fate").agg(rows=result.count(), differing=(result.differs != "").sum())


def absent(result: ir.Table, held: ir.Table, target: Target) -> ir.Table:
    """Rows of the target that a full delivery does not name."""
    named = result.filter(result[f"f_{target.key}"].notnull()).select(k=f"f_{target.key}")
    return held.anti_join(named, held[f"o_{target.key}"] == named.k).select("id", f"o_{target.key}")
