"""A decision table as people fill it in: plain cells, and to each a sentence that says what it means or why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from yanta.kernel.access import roles
from yanta.kernel.workflow import assignees, conditions, declare
from yanta.kernel.workflow.bpmn import coverage, feel
from yanta.kernel.workflow.bpmn.conditions import condition
from yanta.kernel.workflow.bpmn.decisions import Decision, Input, Rule
from yanta.kernel.workflow.bpmn.settings import Assignee, SettingError
from yanta.kernel.workflow.conditions import NotACondition

HITS = {
    "UNIQUE": "只许一行成立",
    "FIRST": "从上往下，第一行成立的",
    "ANY": "可以几行成立，但结果要相同",
    "COLLECT": "成立的每一行都算，一起办",
}
MOST_COLUMNS, MOST_ROWS, LONGEST_CELL = 8, 200, 300
ANSWER = "assignee"
_SPLIT = re.compile(r"[;；，、]")


@dataclass(slots=True)
class Line:
    """One row: a test for each condition, an answer for each output, and why."""

    tests: list[str]
    answers: list[str]
    note: str = ""


@dataclass(slots=True)
class Sheet:
    """What stands in the form; `columns` are heading and expression of each condition."""

    key: str
    title: str
    hit: str = "UNIQUE"
    columns: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[str] = field(default_factory=lambda: [ANSWER])
    rows: list[Line] = field(default_factory=list)

    def change(self, what: str) -> None:
        """One button of the form: `row`, `column`, `output`; `drop-row-2`, `drop-column-0`, `up-row-2`, …"""
        verb, _, rest = what.partition("-")
        part, _, number = rest.partition("-")
        at = int(number) if number.isdecimal() and len(number) < 4 else -1
        if (change := _CHANGES.get((verb, part))) is not None:
            change(self, at)

    def decision(self) -> Decision:
        return Decision(
            self.key, self.title, tuple(Input(label or said, said) for label, said in self.columns), tuple(self.outputs),
            tuple(Rule(tuple(map(feel.tidied, row.tests)), tuple(map(written, row.answers)), row.note) for row in self.rows),
            self.hit,
        )  # fmt: skip


def _add_row(sheet: Sheet, _at: int) -> None:
    if len(sheet.rows) < MOST_ROWS:
        sheet.rows.append(Line([""] * len(sheet.columns), [""] * len(sheet.outputs)))


def _add_column(sheet: Sheet, _at: int) -> None:
    if len(sheet.columns) < MOST_COLUMNS:
        sheet.columns.append(("", ""))
        for row in sheet.rows:
            row.tests.append("")


def _add_output(sheet: Sheet, _at: int) -> None:
    if len(sheet.outputs) < MOST_COLUMNS:
        sheet.outputs.append(f"{ANSWER}{len(sheet.outputs) + 1}")
        for row in sheet.rows:
            row.answers.append("")


def _drop_row(sheet: Sheet, at: int) -> None:
    del sheet.rows[at : at + 1]


def _drop_column(sheet: Sheet, at: int) -> None:
    del sheet.columns[at : at + 1]
    for row in sheet.rows:
        del row.tests[at : at + 1]


def _drop_output(sheet: Sheet, at: int) -> None:
    if len(sheet.outputs) > 1:
        del sheet.outputs[at : at + 1]
        for row in sheet.rows:
            del row.answers[at : at + 1]


def _move(sheet: Sheet, at: int, by: int) -> None:
    if 0 <= at < len(sheet.rows) and 0 <= at + by < len(sheet.rows):
        sheet.rows.insert(at + by, sheet.rows.pop(at))


_CHANGES: dict[tuple[str, str], Callable[[Sheet, int], None]] = {
    ("add", "row"): _add_row, ("add", "column"): _add_column, ("add", "output"): _add_output,
    ("drop", "row"): _drop_row, ("drop", "column"): _drop_column, ("drop", "output"): _drop_output,
    ("up", "row"): lambda sheet, at: _move(sheet, at, -1), ("down", "row"): lambda sheet, at: _move(sheet, at, 1),
}  # fmt: skip


def sheet_of(decision: Decision) -> Sheet:
    """A table as it stands in a drawing; what is a plain text there is shown without its quotes."""
    rows = [
        Line(list(rule.conditions), [_plainly(one) for one in rule.answers], rule.note)
        for rule in decision.rules
    ]
    columns = [(one.label, one.expression) for one in decision.inputs]
    return Sheet(decision.key, decision.name, decision.hit, columns, list(decision.outputs), rows)


def fresh(key: str, names: Mapping[str, str]) -> Sheet:
    """A new table begins with the first name there is, one row for a case and one for all others."""
    first = next(iter(names.items()), ("", ""))
    sheet = Sheet(key, "由谁审批", "FIRST", [(first[1], first[0])])
    for _ in range(2):
        _add_row(sheet, 0)
    return sheet


def _plainly(answer: str) -> str:
    """Without quotes, and people by what they are called."""
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', answer.strip())
    if quoted is None:
        return answer
    titles = {code: title for title, code in _named().items()}
    parts = [part.strip() for part in re.sub(r"\\(.)", r"\1", quoted[1]).split(";")]
    return "; ".join(titles.get(part, part) for part in parts)


def _named() -> dict[str, str]:
    """What relations and roles are called, for whoever types the name instead of the code."""
    found = {role.title: f"role:{role.code}" for role in roles.ROLES.values()}
    found |= {one.title: f"relation:{one.name}" for one in declare.relations().values()} | {
        "申请人": "applicant"
    }
    return found | {gettext(title): code for title, code in found.items()}


def answers_known() -> list[tuple[str, str]]:
    """What an answer may be: as it is called in the reader's language, and as it is written."""
    return [(title, code) for code, title in {code: title for title, code in _named().items()}.items()]


def _people(answer: str) -> list[Assignee]:
    called = _named()
    parts = [part.strip() for part in _SPLIT.split(answer) if part.strip()]
    return [Assignee.parse(called.get(part, part)) for part in parts]


def written(answer: str) -> str:
    """As the drawing keeps it: people as a text, anything else as the expression that it is."""
    try:
        people = _people(answer)
    except SettingError:
        return answer.strip()
    return '"' + "; ".join(map(str, people)) + '"' if people else ""


# What is said of the cells.


@dataclass(slots=True)
class Reading:
    """By the name of each field of the form: what it means, or what is wrong; `doubts` are of the table as a whole."""

    said: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def read(sheet: Sheet, *, names: Mapping[str, str], unknown: Callable[[Assignee], str]) -> Reading:
    """Every cell tried. `names` are those of the process with their titles; `unknown` says whom nobody is."""
    found = Reading()
    if not sheet.title.strip():
        found.faults["title"] = "请给这张表起个名字"
    if not sheet.columns:
        found.faults["columns"] = "至少要有一列条件"
    for at, (_, text) in enumerate(sheet.columns):
        _read(found, f"in-{at}", text, lambda text: _column(text, names))
    for number, row in enumerate(sheet.rows):
        for at, test in enumerate(row.tests):
            _read(found, f"t-{number}-{at}", test, _test)
        for at, answer in enumerate(row.answers):
            _read(found, f"a-{number}-{at}", answer, lambda text: _answer(text, names, unknown))
    if not found.faults:
        found.doubts = coverage.doubts(sheet.decision())
    return found


def _read(found: Reading, name: str, text: str, reader: Callable[[str], str]) -> None:
    try:
        if len(text) > LONGEST_CELL:
            raise NotACondition(f"最多 {LONGEST_CELL} 个字")
        found.said[name] = reader(text)
    except (NotACondition, SettingError) as error:
        found.faults[name] = str(error)


def _column(text: str, names: Mapping[str, str]) -> str:
    if not text.strip():
        raise NotACondition("请选这一列看什么")
    missing = sorted(conditions.names_in(condition(text)) - set(names))
    if missing:
        can = "、".join(f"{key}（{title}）" for key, title in names.items())
        raise NotACondition(f"这个流程没有“{missing[0]}”，可以用：{can}")
    return names.get(text.strip(), text)


def _test(text: str) -> str:
    tidy = feel.tidied(text)
    try:
        feel.parsed(tidy)
    except NotACondition as error:
        raise NotACondition(
            f"看不懂“{text}”：可以写一个值、几个值（用逗号隔开）、> 3、[1..7]、not(…)，或 - 表示不限"
        ) from error
    return feel.said(tidy)


def _answer(text: str, names: Mapping[str, str], unknown: Callable[[Assignee], str]) -> str:
    if not text.strip():
        raise NotACondition("请写由谁办")
    try:
        people = _people(text)
    except SettingError as error:
        return _expression(text, names, error)
    if wrong := next((said for one in people if (said := unknown(one))), ""):
        raise NotACondition(wrong)
    if any(one.kind == "decision" for one in people):
        raise NotACondition("一张表的结果不能再查另一张表")
    return "、".join(assignees.said(one) for one in people)


def _expression(text: str, names: Mapping[str, str], error: SettingError) -> str:
    """Not people as they are written, so perhaps an expression; names alone would be a slip of the pen."""
    try:
        used = conditions.names_in(condition(text))
    except NotACondition:
        raise NotACondition(
            f"不认识“{text}”：从列表里选，或写 role:head、relation:counsellor 这样的代码"
        ) from error
    if not used or used - set(names):
        raise NotACondition(
            f"不认识“{text}”：从列表里选，或写 role:head、relation:counsellor 这样的代码"
        ) from error
    return f"按 {text} 算出的人"


def names_read(sheet: Sheet, names: Mapping[str, str]) -> dict[str, str]:
    """The names that the conditions read, with what people call them."""
    found: dict[str, str] = {}
    for label, text in sheet.columns:
        try:
            used = sorted(conditions.names_in(condition(text)))
        except NotACondition:
            continue
        found |= {one: names.get(one, label or one) for one in used}
    return found


def tried(sheet: Sheet, given: Mapping[str, Any]) -> list[int]:
    """The rows, from 0, that hold for these values."""
    table = sheet.decision()
    values = [conditions.evaluate(one.expression, given) for one in table.inputs]
    hits = [
        number
        for number, rule in enumerate(table.rules)
        if all(feel.holds(test, value) for test, value in zip(rule.conditions, values, strict=True))
    ]
    return hits[:1] if table.hit == "FIRST" else hits
