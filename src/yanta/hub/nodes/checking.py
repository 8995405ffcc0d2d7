"""What is wrong with the rows of a part: required values, code sets, forms, identity numbers, contradictions.

One expression over the whole part; only the rows that are held back are looked at one by one, to say why.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import orjson
import pyarrow as pa
import pyarrow.json as pajson
from ibis import ir

from yanta.hub import subjects
from yanta.hub.cleaning import identity
from yanta.hub.nodes import contracts, sealing
from yanta.hub.nodes.contracts import Contract
from yanta.kernel.base import Refused
from yanta.kernel.codes import service as codes

OP, LINE, FAULTS = "op", "_line", "_faults"
KEY_LENGTH, SHOWN = 60, 8
MAINLAND = "1"
READ_AS = {"integer": "int64", "decimal": "decimal(20, 4)", "date": "date", "instant": "timestamp"}
FORMS = {"integer": "不是整数", "decimal": "不是数", "date": "不是日期（年-月-日）", "instant": "不是时间"}
SEX_OF_NUMBER = {"1": "男", "2": "女"}
IDENTITY_FAULTS = {
    "id_placeholder": "是占位内容，不是证件号",
    "id_bad_date": "中的出生日期不存在",
    "id_unknown_division": "前六位从未是行政区划代码",
    "id_bad_check": "校验位不对，可能有数字写错",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One row that is held back with every reason; `faults` as they travel back to the school."""

    line: int
    key: str
    faults: list[dict[str, Any]]
    original: str

    @property
    def words(self) -> str:
        return "；".join(fault["words"] for fault in self.faults)[:500]


@dataclass(slots=True)
class Checked:
    good: list[dict[str, Any]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def check(agreed: Contract, lines: bytes, *, rows: int, first_line: int) -> Checked:
    """Good rows and held ones; together they are exactly the rows that the manifest promises."""
    table, checked = _read(agreed, lines, first_line)
    if table.num_rows + len(checked.held) != rows:
        raise Refused("分块的行数与包说明不符", rule="nodes.part")
    if not table.num_rows:
        return checked
    backend = ibis.duckdb.connect()
    try:
        judged = _judged(agreed, ibis.memtable(table), table)
        found = backend.to_pyarrow(judged.order_by(LINE)).to_pylist()
    finally:
        backend.disconnect()
    for row in found:
        faults = row.pop(FAULTS)
        if faults:
            checked.held.append(_held(agreed, row, faults))
        else:
            checked.good.append(row)
    return checked


def _read(agreed: Contract, lines: bytes, first_line: int) -> tuple[pa.Table, Checked]:
    """Columns of text; lines that are no JSON object are held back and spoil no other."""
    schema = pa.schema([(name, pa.string()) for name in (OP, *agreed.fields)])
    checked = Checked()
    if not lines.strip():
        return schema.append(pa.field(LINE, pa.int64())).empty_table(), checked
    options = pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    try:
        block = pajson.ReadOptions(block_size=max(len(lines) + 1, 4096), use_threads=False)
        table = pajson.read_json(io.BytesIO(lines), read_options=block, parse_options=options)
        numbers = list(range(first_line, first_line + table.num_rows))
    except pa.ArrowInvalid:
        table, numbers = _read_by_line(lines, first_line, schema, checked)
    return table.append_column(LINE, pa.array(numbers, pa.int64())), checked


def _read_by_line(
    lines: bytes, first_line: int, schema: pa.Schema, checked: Checked
) -> tuple[pa.Table, list[int]]:
    rows, numbers = [], []
    for offset, line in enumerate(lines.split(b"\n")):
        try:
            found = orjson.loads(line)
            rows.append({name: _text(found.get(name)) for name in schema.names})
            numbers.append(first_line + offset)
        except (orjson.JSONDecodeError, AttributeError):
            fault = {"field": "", "title": "", "words": "这一行不是 JSON 对象", "rule": "form"}
            checked.held.append(Held(first_line + offset, "", [fault], line.decode("utf-8", "replace")))
    return pa.Table.from_pylist(rows, schema), numbers


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


def _judged(agreed: Contract, t: ir.Table, table: pa.Table) -> ir.Table:
    key = t[contracts.key_of(agreed.subject)]
    kept = t[OP] != "d"
    found = [
        _when(~t[OP].isin(["u", "d"]) | t[OP].isnull(), ":op"),
        _when(key.isnull() | (key == "") | (key.length() > KEY_LENGTH), ":key"),
        *(
            _when(kept & (t[name].isnull() | (t[name].strip() == "")), f"{name}:required")
            for name in agreed.required
        ),
    ]
    if not agreed.is_report:
        found += [code for name in agreed.fields for code in _by_kind(agreed, t, table, name, kept)]
    if agreed.identity:
        found += _of_identity(agreed, t, kept)
    faults = ibis.array(found).filter(lambda fault: fault.notnull())
    return t.mutate(**{FAULTS: faults})


def _when(condition: ir.BooleanValue, code: str) -> ir.StringValue:
    return ibis.ifelse(condition.fill_null(False), ibis.literal(code), ibis.null("string"))


def _by_kind(
    agreed: Contract, t: ir.Table, table: pa.Table, name: str, kept: ir.BooleanValue
) -> list[ir.StringValue]:
    known = subjects.subject(agreed.subject).field(name)
    given = kept & t[name].notnull() & (t[name] != "")
    if known.kind in READ_AS:
        return [_when(given & t[name].try_cast(READ_AS[known.kind]).isnull(), f"{name}:form")]
    allowed = contracts.allowed(agreed.subject, name)
    if not allowed:
        return []
    present = {value for value in table[name].unique().to_pylist() if value}
    return [_when(given & t[name].isin(sorted(present - set(allowed))), f"{name}:code")]


def _of_identity(agreed: Contract, t: ir.Table, kept: ir.BooleanValue) -> list[ir.StringValue]:
    """Mainland numbers must be right, and agree with birth date and sex."""
    number, kind = t[agreed.identity], t["id_type"]
    mainland = kept & number.notnull() & ((kind == MAINLAND) | kind.isnull() | (kind == ""))
    wrong = ibis.ifelse(
        number.length() == 18,
        identity.fault_in(number, number.substr(0, 6).isin(_divisions())),
        "id_bad_check",
    )
    faulty = ibis.ifelse(mainland & wrong.notnull(), agreed.identity + ":" + wrong, ibis.null("string"))
    right = mainland & wrong.isnull()
    born, sex = t["birth_on"].try_cast("date"), identity.sex_in(number)
    return [
        faulty,
        _when(right & born.notnull() & (born != identity.birth_in(number)), "birth_on:contradiction"),
        _when(right & t["sex"].isin(["1", "2"]) & (t["sex"] != sex), "sex:contradiction"),
    ]


def _divisions() -> list[str]:
    entries = codes.table_of("GBT2260_XZQH").entries
    return sorted({code for code in entries if len(code) == 6} | {"810000", "820000", "830000"})


def _held(agreed: Contract, row: dict[str, Any], faults: Sequence[str]) -> Held:
    key = str(row.get(contracts.key_of(agreed.subject)) or "")[:KEY_LENGTH]
    told = [_told(agreed, row, *fault.split(":", 1)) for fault in faults]
    line = row.pop(LINE)
    return Held(line, key, told, orjson.dumps(row).decode())


def _told(agreed: Contract, row: dict[str, Any], name: str, rule: str) -> dict[str, Any]:
    """The fault in words, with the value given and the values allowed."""
    if not name:
        words = "操作既不是写入也不是删除" if rule == "op" else f"没有编号，或编号超过 {KEY_LENGTH} 字"
        return {"field": "", "title": "", "words": words, "rule": rule}
    title, given = contracts.field_title(agreed.subject, name), str(row.get(name) or "")
    if name == agreed.identity:
        given = sealing.masked(given)
    allowed = contracts.allowed(agreed.subject, name) if rule == "code" else {}
    return {
        "field": name, "title": title, "rule": rule, "given": given[:60], "words": _words(agreed, name, title, rule, given, allowed),
        "allowed": [f"{code} {label}" for code, label in list(allowed.items())[:SHOWN]],
    }  # fmt: skip


def _words(agreed: Contract, name: str, title: str, rule: str, given: str, allowed: dict[str, str]) -> str:
    if rule == "required":
        return f"{title}必填"
    if rule == "form":
        return f"{title}“{given[:30]}”{FORMS[subjects.subject(agreed.subject).field(name).kind]}"
    if rule == "contradiction":
        return f"{title}“{given[:30]}”与证件号不一致"
    if rule == "code":
        some = "、".join(f"{code} {label}" for code, label in list(allowed.items())[:SHOWN])
        return f"{title}“{given[:30]}”不在代码表中，可用：{some}{'等' if len(allowed) > SHOWN else ''}"
    return f"{title}“{given}”{IDENTITY_FAULTS.get(rule, '不合格')}"
