"""Designed forms: what is asked, under which conditions, and what counts as an answer. The browser follows the same tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from yanta.systems.hall.rules import circles
from yanta.systems.hall.rules.formulas import NUMBER, FormulaError, Tree, as_number, parsed

KINDS = {
    "text": "单行文字", "long": "多行文字", "number": "数字", "date": "日期", "choice": "单选", "choices": "多选",
    "yes_no": "是否", "phone": "电话", "file": "附件", "signature": "手写签名", "calc": "自动计算", "note": "说明文字",
}  # fmt: skip
TESTS = {
    "is": "等于", "is_not": "不等于", "more": "大于", "less": "小于", "filled": "已填写", "empty": "没有填写", "has": "包含",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_FIELDS, MOST_ROWS, LONGEST = 120, 50, 2000


@dataclass(frozen=True, slots=True)
class Test:
    """One condition, chosen and never typed: field, comparison, value."""

    field: str
    op: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class When:
    tests: tuple[Test, ...]
    any: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One field. With `element` it is asked only of those of whom the university does not know it."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    help: str = ""
    element: str = ""
    options: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    places: int = 2
    unit: str = ""
    formula: str = ""
    tree: Tree = field(default_factory=list)
    when: When | None = None

    @property
    def is_asked(self) -> bool:
        return self.kind not in ("calc", "note")


@dataclass(frozen=True, slots=True)
class Part:
    """A section; with `name` its questions repeat, row by row."""

    title: str
    questions: tuple[Question, ...]
    note: str = ""
    name: str = ""
    least: int = 0
    most: int = 0
    when: When | None = None

    @property
    def repeats(self) -> bool:
        return bool(self.name)

    @property
    def named(self) -> tuple[tuple[str, Question], ...]:
        """Its questions by the names that conditions and formulas use: `f1`, within rows `g1.a1`."""
        return tuple((f"{self.name}.{one.name}" if self.name else one.name, one) for one in self.questions)


@dataclass(frozen=True, slots=True)
class Form:
    parts: tuple[Part, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Those that are asked once."""
        return tuple(one for part in self.parts if not part.repeats for one in part.questions)

    @property
    def all_questions(self) -> tuple[Question, ...]:
        return tuple(one for part in self.parts for one in part.questions)

    @property
    def elements(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.element for one in self.questions if one.element))


class FormError(ValueError):
    """Everything that is wrong with a form, one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


def read(schema: Any) -> Form:
    """A form from its JSON; FormError names every fault."""
    faults: list[str] = []
    parts = schema.get("parts") if isinstance(schema, dict) else None
    if not isinstance(parts, list) or not parts:
        raise FormError(["表单还没有任何内容"])
    named = _names(parts, faults)
    if faults:
        raise FormError(faults)
    found = tuple(_part(one, named, faults) for one in parts)
    if not any(one.is_asked for part in found for one in part.questions):
        faults.append("表单还没有要填的内容")
    form = Form(found)
    faults += [] if faults else circles.faults_of(form)
    if faults:
        raise FormError(faults)
    return form


def _names(parts: list[Any], faults: list[str]) -> dict[str, str]:
    """What people call the fields → their names; says which are doubled or not named at all."""
    named: dict[str, str] = {}
    seen: set[str] = set()
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("questions"), list):
            faults.append("有一个分组没有内容")
            continue
        for name, label in _named_within(part, faults):
            if name in seen:
                faults.append(f"字段编号 {name} 用了两次")
            if label in named:
                faults.append(f"有两个字段都叫“{label}”，请改成不同的名字")
            seen.add(name)
            named[label] = name
    if len(named) > MOST_FIELDS:
        faults.append(f"字段超过 {MOST_FIELDS} 个")
    return named


def _named_within(part: dict[str, Any], faults: list[str]) -> Iterator[tuple[str, str]]:
    group, title = str(part.get("name") or ""), str(part.get("title") or "")
    if group:
        if not _NAME.fullmatch(group):
            faults.append(f"分组“{title}”的编号不对")
        if not title:
            faults.append("可增加行的分组要有标题")
        yield group, title
    for one in part["questions"]:
        name, label = (
            (str(one.get("name") or ""), str(one.get("label") or "").strip())
            if isinstance(one, dict)
            else ("", "")
        )
        if not _NAME.fullmatch(name):
            faults.append(f"字段“{label or name}”的编号不对")
        if not label:
            faults.append("有一个字段没有名称")
        yield (f"{group}.{name}", f"{title}.{label}") if group else (name, label)


def _part(one: dict[str, Any], named: dict[str, str], faults: list[str]) -> Part:
    name = str(one.get("name") or "")
    questions = tuple(_question(each, named, faults, within=name) for each in one["questions"])
    return Part(
        title=str(one.get("title") or "")[:60], note=str(one.get("note") or "")[:300], name=name, questions=questions,
        least=_whole(one.get("least"), 0), most=min(_whole(one.get("most"), 20), MOST_ROWS) if name else 0,
        when=_when(one.get("when"), named, faults, of=str(one.get("title") or "分组")),
    )  # fmt: skip


def _question(one: dict[str, Any], named: dict[str, str], faults: list[str], *, within: str) -> Question:
    label, kind = str(one.get("label") or "").strip()[:60], str(one.get("kind") or "text")
    if kind not in KINDS:
        faults.append(f"字段“{label}”的类型 {kind} 没有")
    options = tuple(str(option).strip() for option in one.get("options") or [] if str(option).strip())
    if kind in ("choice", "choices") and len(set(options)) < 2:
        faults.append(f"“{label}”至少要有两个不同的选项")
    if within and kind in ("file", "signature", "note"):
        faults.append(f"“{label}”：{KINDS[kind]}不能放在可增加行的分组里")
    for limit in ("least", "most"):
        if one.get(limit) not in (None, "") and kind == "number" and not _is_number(one[limit]):
            faults.append(f"“{label}”的上下限应当是数字")
    formula = str(one.get("formula") or "")
    return Question(
        name=str(one["name"]), label=label, kind=kind, required=bool(one.get("required")),
        help=str(one.get("help") or "")[:300], element="" if within else str(one.get("element") or ""), options=options,
        least=str(one.get("least") or ""), most=str(one.get("most") or ""), places=min(_whole(one.get("places"), 2), 6),
        unit=str(one.get("unit") or "")[:12], formula=formula,
        tree=_tree(label, formula, named, faults) if kind == "calc" else [],
        when=_when(one.get("when"), named, faults, of=label, within=within),
    )  # fmt: skip


def _tree(label: str, formula: str, named: dict[str, str], faults: list[str]) -> Tree:
    try:
        tree = parsed(
            formula,
            {**named, **{text.partition(".")[2]: name for text, name in named.items() if "." in name}},
        )
    except FormulaError as fault:
        faults.append(f"“{label}”的公式：{fault}")
        return []
    if named.get(label) in _fields_of(tree):
        faults.append(f"“{label}”的公式用到了自己")
    return tree


def _fields_of(tree: Tree) -> set[str]:
    if tree and tree[0] == "field":
        return {tree[1]}
    return {name for one in tree if isinstance(one, list) for name in _fields_of(one)}


def _when(one: Any, named: dict[str, str], faults: list[str], *, of: str, within: str = "") -> When | None:
    """A condition within repeating rows may look at its own row; from outside nobody can say which row is meant."""
    if not isinstance(one, dict) or not one.get("tests"):
        return None
    tests = []
    for test in one["tests"]:
        found = Test(str(test.get("field") or ""), str(test.get("op") or ""), str(test.get("value") or ""))
        group, _, column = found.field.partition(".")
        if found.field not in named.values():
            faults.append("有一个显示条件所用的字段已经不在表单里")
        elif (column and group != within) or any(
            name.startswith(f"{found.field}.") for name in named.values()
        ):
            faults.append(f"“{of}”的显示条件用到了可增加行的分组，只有同一行里的字段能互相作条件")
        elif found.op not in TESTS:
            faults.append(f"显示条件没有“{found.op}”这种比较")
        tests.append(found)
    return When(tuple(tests), any=one.get("join") == "any")


def _whole(value: Any, default: int) -> int:
    return int(value) if str(value).isdecimal() else default


def _is_number(value: Any) -> bool:
    return bool(NUMBER.fullmatch(str(value).strip()))


def is_filled(value: Any) -> bool:
    return value not in (None, "", [], False)


def holds(when: When | None, answers: Mapping[str, Any]) -> bool:
    """Whether a condition is met by what is filled in so far."""
    if when is None:
        return True
    met = (_met(test, answers.get(test.field)) for test in when.tests)
    return any(met) if when.any else all(met)


def _met(test: Test, value: Any) -> bool:
    if test.op in ("filled", "empty"):
        return is_filled(value) == (test.op == "filled")
    if test.op == "has" and isinstance(value, list):
        return test.value in value
    text = _said(value)
    if test.op == "has":
        return test.value in text
    if test.op in ("more", "less"):
        return _exceeds(text, test.value) if test.op == "more" else _exceeds(test.value, text)
    return _same(text, test.value) == (test.op == "is")


def _said(value: Any) -> str:
    """A value as a person chose it: days in ISO order, several choices side by side."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)


def _same(left: str, right: str) -> bool:
    one, other = as_number(left), as_number(right)
    return left == right if one is None or other is None else one == other


def _exceeds(left: str, right: str) -> bool:
    one, other = as_number(left), as_number(right)
    if one is not None and other is not None:
        return one > other
    # Days in ISO order compare as text; nothing filled in exceeds nothing.
    return bool(left and right) and left > right
