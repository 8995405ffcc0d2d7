"""Which column probably is which field: by name, by the dictionary's words, by the values. A person confirms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
from rapidfuzz import fuzz

from yanta.hub.exchange import public as exchange
from yanta.hub.pipelines.documents import Document, Match, Pair
from yanta.hub.pipelines.models import Pipeline
from yanta.hub.pipelines.running.extracting import as_text
from yanta.hub.pipelines.targets import FACTS, RULES, Target, TargetField, target
from yanta.kernel.base import ciphers
from yanta.kernel.base.texts import masked
from yanta.kernel.codes import service as codes

SAMPLE_ROWS = 200
SURE = 0.72
_LONG_NUMBER = re.compile(r"[0-9Xx]{9,}")
# What departments call it where the dictionary says otherwise.
ALSO = {
    "number": ("xh", "gh", "bh", "学号", "工号", "编号", "教工号", "学生编号", "no", "code"),
    "code": ("dm", "bm", "代码", "编码", "编号", "code", "no"),
    "name": ("mc", "xm", "名称", "姓名", "name"),
    "department": ("yx", "yxdm", "院系", "学院", "所属学院", "部门", "单位", "单位号", "dwh", "xsh"),
    "programme": ("zy", "zydm", "专业", "专业代码", "zyh"),
    "admin_class": ("bj", "bjdm", "班级", "班号", "所在班级"),
    "grade": ("nj", "年级", "所在年级", "grade"),
    "status": ("zt", "状态", "学籍状态", "status", "xjzt"),
    "enrolled_on": ("rxny", "rxrq", "入学日期", "入学年月"),
    "left_on": ("lxrq", "离校日期"),
    "area": ("mj", "面积", "使用面积", "建筑面积"),
    "seats": ("zws", "座位数", "容量", "座位"),
    "building": ("jzw", "楼号", "楼宇", "建筑物号"),
    "id_number": ("sfzh", "身份证号", "证件号", "身份证件号"),
    "birth_on": ("csrq", "出生日期", "生日"),
    "phone": ("sjh", "手机", "手机号", "电话", "联系电话"),
    "credit": ("xf", "学分"),
    "hours": ("xs", "学时", "总学时"),
    "level": ("pycc", "培养层次", "层次"),
    "title": ("zc", "职称"),
    "floor": ("lc", "楼层"),
    "use": ("yt", "用途", "房间用途"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A source column as the editor shows it."""

    name: str
    kind: str
    samples: tuple[str, ...]
    filled: int
    distinct: int
    rows: int


def columns_of(pipeline: Pipeline) -> list[Column]:
    """The columns with a few of their values, long numbers masked; read once and kept sealed."""
    if pipeline.samples is None:
        refresh_samples(pipeline)
    found: list[dict[str, Any]] = orjson.loads(ciphers.unseal(bytes(pipeline.samples or b"")))
    return [Column(**{**one, "samples": tuple(one["samples"])}) for one in found]


def refresh_samples(pipeline: Pipeline) -> None:
    """Look at the first rows of the table again."""
    connector = exchange.connector(pipeline.connection)
    try:
        reading = connector.read(pipeline.table)
        rows = next((batch.slice(0, SAMPLE_ROWS) for batch in reading.batches if len(batch)), None)
        names = list(reading.schema.names)
    finally:
        connector.close()
    columns = [_column(name, rows) for name in names]
    kept = orjson.dumps([{slot: getattr(one, slot) for slot in Column.__slots__} for one in columns])
    pipeline.samples = ciphers.seal(kept.decode())
    Pipeline.objects.filter(pk=pipeline.pk).update(samples=pipeline.samples)


def _column(name: str, rows: pa.RecordBatch | None) -> Column:
    if rows is None:
        return Column(name, "text", (), 0, 0, 0)
    cells = rows.column(rows.schema.get_field_index(name))
    texts = [text for text in as_text(cells).to_pylist() if text]
    seen = list(dict.fromkeys(texts))
    return Column(name, str(cells.type), tuple(seen[:12]), len(texts), len(seen), len(rows))


def shown(sample: str) -> str:
    """Enough to recognise a column, nothing to take away."""
    return _LONG_NUMBER.sub(lambda found: masked(found[0]), sample)[:40]


def first_document(pipeline: Pipeline) -> Document:
    """A draft in which every likely pair is proposed."""
    goal = target(pipeline.subject)
    columns = columns_of(pipeline)
    pairs = suggested(goal, columns)
    return Document(goal.key, tuple(pairs), tuple(_matches(goal, columns, pairs)))


def suggested(goal: Target, columns: list[Column]) -> list[Pair]:
    """The best partner of every field, best first, no column twice."""
    scored = sorted(
        ((score, field, column, why) for field in goal.fields for column in columns for score, why in [_score(field, column)] if score >= SURE),
        key=lambda one: -one[0],
    )  # fmt: skip
    pairs: dict[str, Pair] = {}
    taken: set[str] = set()
    for _, field, column, why in scored:
        if field.name not in pairs and column.name not in taken:
            pairs[field.name] = Pair(field.name, column.name, steps=steps_for(field), suggested=True, why=why)
            taken.add(column.name)
    return list(pairs.values())


def steps_for(field: TargetField) -> tuple[str, ...]:
    """The cleaning that a field of this kind wants."""
    if field.is_identity:
        return ("identity",)
    by_kind = {"date": ("day",), "integer": ("number",), "decimal": ("number",), "flag": ("flag",)}
    if field.kind in by_kind:
        return by_kind[field.kind]
    if field.name in ("number", "code") or field.refers is not None:
        return ("bare",) if field.name in ("number", "code") else ("tidy",)
    return ("tidy",)


def _score(field: TargetField, column: Column) -> tuple[float, str]:
    said = _plain(column.name)
    element = field.element.rpartition(".")[2].lower()
    names = {_plain(field.name), _plain(field.title), *map(_plain, ALSO.get(field.name, ()))}
    if element and said == element:
        return 1.0, f"列名就是标准标识 {element.upper()}"
    if said in names:
        return 0.95, "列名与字段名相同"
    close = max(fuzz.ratio(said, name) / 100 for name in names) if said else 0.0
    fits = _fit(field, column)
    if fits >= 0.9 and close > 0.4:
        return 0.75 + close / 10, f"{round(fits * 100)}% 的值在标准代码中，列名相近"
    return (close * 0.9, "列名相近") if close >= 0.8 else (0.0, "")


def _fit(field: TargetField, column: Column) -> float:
    """How many of the seen values the field's code set knows."""
    if not field.code_set or not column.samples:
        return 0.0
    return sum(codes.validate(field.code_set, text).ok for text in column.samples) / len(column.samples)


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-（）()]+", "", text).lower()


def _matches(goal: Target, columns: list[Column], pairs: list[Pair]) -> list[Match]:
    """Persons by what the columns tell of them, where no person number is delivered."""
    found = []
    for field in goal.fields:
        if not field.is_person or any(pair.field == field.name for pair in pairs):
            continue
        facts = {
            fact: column.name
            for fact, title in FACTS.items()
            if fact != "number"
            for column in columns
            if _plain(column.name) in {fact, _plain(title), *map(_plain, ALSO.get(fact, ()))}
        }
        rules = tuple(rule for rule in RULES if set(rule) <= set(facts))
        if rules:
            used = {fact for rule in rules for fact in rule}
            found.append(
                Match(field.name, {fact: name for fact, name in facts.items() if fact in used}, rules)
            )
    return found
