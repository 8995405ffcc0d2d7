"""Named cleaning steps over whole columns, the same on every engine.

A step is a few small expressions carried out one after the other, each on the result of the one before; written
into one another they would grow beyond what an engine plans. Only what RE2 and Java agree on is used: no back
references, no look-around. Dates in unusual spellings are read once per distinct value, see `lookups`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis import ir

from yanta.hub.cleaning import identity
from yanta.hub.cleaning.texts import bare_column, tidy_column
from yanta.kernel.base import Refused

Stage = Callable[[ir.StringValue, str], ir.StringValue]
_DOTS = "•‧∙⋅・･．."


@dataclass(frozen=True, slots=True)
class Step:
    """A step as people choose it; `argument` says what stands after the colon, if anything must."""

    name: str
    title: str
    stages: tuple[Stage, ...]
    argument: str = ""


def _tidy(column: ir.StringValue, _: str) -> ir.StringValue:
    return tidy_column(column)


def _bare(column: ir.StringValue, _: str) -> ir.StringValue:
    return bare_column(column)


def _name(column: ir.StringValue, _: str) -> ir.StringValue:
    latin = ~column.re_search("[\u3400-\u9fff]")
    return ibis.ifelse(
        latin, column.upper(), column.re_replace(r"\s+", "").translate(_DOTS, "·" * len(_DOTS))
    )


def _digits(column: ir.StringValue, _: str) -> ir.StringValue:
    return column.re_replace(r"[^0-9]+", "").nullif("")


def _number(column: ir.StringValue, _: str) -> ir.StringValue:
    """1,234.50 元 → 1234.50; what is no number after that is told by the check of kinds."""
    return column.re_replace(r"[,¥￥$元人间台套个㎡平方米%]+|^[+]", "").nullif("")


def _phone(column: ir.StringValue, _: str) -> ir.StringValue:
    return column.re_replace(r"^[+]86|^0086|^86[- ]|[\s()（）-]+", "").nullif("")


def _flag(column: ir.StringValue, _: str) -> ir.StringValue:
    told = column.upper()
    yes = told.isin(["是", "Y", "YES", "TRUE", "T", "1", "1.0", "√", "有"])
    no = told.isin(["否", "N", "NO", "FALSE", "F", "0", "0.0", "×"])
    return ibis.cases((yes, "t"), (no, "f"), else_=told)


def _pad(column: ir.StringValue, argument: str) -> ir.StringValue:
    width = int(argument)
    return ibis.ifelse(column.length() < width, column.lpad(width, "0"), column)


def _before(column: ir.StringValue, argument: str) -> ir.StringValue:
    at = column.find(argument)
    return ibis.ifelse(at > 0, column.substr(0, at), column)


def _after(column: ir.StringValue, argument: str) -> ir.StringValue:
    at = column.find(argument)
    return ibis.ifelse(at >= 0, column.substr(at + len(argument)), column)


def _replace(column: ir.StringValue, argument: str) -> ir.StringValue:
    old, _, new = argument.partition("=")
    return column.replace(old, new)


def _prefix(column: ir.StringValue, argument: str) -> ir.StringValue:
    return ibis.ifelse(column.startswith(argument), column, ibis.literal(argument) + column)


def _lengthened(column: ir.StringValue, _: str) -> ir.StringValue:
    return identity.lengthen_column(column)


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("tidy", "去空白、全角转半角", (_tidy,)),
        Step("bare", "编号：去空格引号、转大写", (_tidy, _bare)),
        Step("name", "姓名：去字间空格、统一间隔号", (_tidy, _name)),
        Step("day", "日期：各种写法", (_tidy,)),
        Step("month", "年月：记为当月一日", (_tidy,)),
        Step("number", "数字：去千分位与单位", (_tidy, _bare, _number)),
        Step("digits", "只留数字", (_tidy, _digits)),
        Step("phone", "电话：去括号、横线与 +86", (_tidy, _phone)),
        Step("identity", "身份证号：15 位升 18 位", (_tidy, _bare, _lengthened)),
        Step("flag", "是否：统一写法", (_tidy, _flag)),
        Step("upper", "转大写", (lambda column, _: column.upper(),)),
        Step("lower", "转小写", (lambda column, _: column.lower(),)),
        Step("pad", "左补零到几位", (_pad,), "位数"),
        Step("before", "取分隔符之前", (_before,), "分隔符"),
        Step("after", "取分隔符之后", (_after,), "分隔符"),
        Step("replace", "替换", (_replace,), "旧=新"),
        Step("prefix", "加前缀", (_prefix,), "前缀"),
    )
}


def check(written: str) -> None:
    """Refused for a step that does not exist or lacks its argument."""
    name, _, argument = written.partition(":")
    step = STEPS.get(name)
    if step is None:
        raise Refused(f"没有名为“{name}”的清洗步骤")
    if step.argument and not argument:
        raise Refused(f"“{step.title}”需要写明{step.argument}")
    if name == "pad" and not (argument.isdecimal() and 0 < int(argument) <= 60):
        raise Refused("补零的位数应为 1 到 60 的整数")
    if name == "replace" and "=" not in argument:
        raise Refused("替换请写成“旧=新”")


def title_of(written: str) -> str:
    name, _, argument = written.partition(":")
    return f"{STEPS[name].title} {argument}".strip()


def applied(table: ir.Table, columns: Mapping[str, Sequence[str]]) -> ir.Table:
    """The table with each named column taken through its steps; all columns advance together."""
    queues = {
        name: [
            (stage, step.partition(":")[2])
            for step in written
            for stage in STEPS[step.partition(":")[0]].stages
        ]
        for name, written in columns.items()
    }
    for turn in range(max(map(len, queues.values()), default=0)):
        table = table.mutate(**{
            name: queue[turn][0](table[name], queue[turn][1])
            for name, queue in queues.items()
            if turn < len(queue)
        })  # fmt: skip
    return table
