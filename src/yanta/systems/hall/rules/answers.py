"""What was filled in, judged: the same rules that the browser applies, and the last word on them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from yanta.systems.hall.rules.forms import LONGEST, Form, Part, Question, holds, is_filled
from yanta.systems.hall.rules.formulas import NUMBER
from yanta.systems.hall.rules.showing import Settled, is_blank, settled

PHONE = re.compile(r"(\+?\d[\d -]{5,18}\d)")


@dataclass(slots=True)
class Answers:
    """`values` by name (rows as lists), `errors` by the name in the page (`f2`, `rows.0.amount`).

    `saved` counts the questions the university answered itself, `asked` those the person had to answer.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    saved: int = 0
    asked: int = 0


class _WrongError(ValueError):
    """Why one answer does not do."""


def judged(form: Form, given: Mapping[str, Any], known: Mapping[str, str]) -> Answers:
    """`given` holds texts, lists and truth values by name; what is `known` (by element) is taken, whatever was sent."""
    found, wrong = Answers(), dict[str, str]()
    outcome = settled(form, as_read(form, given, known, wrong))
    for part in form.parts:
        if part.repeats:
            found.values[part.name] = _rows(part, outcome, wrong, found)
        else:
            found.values |= _section(part, outcome, known, wrong, found)
    return found


def as_read(
    form: Form, given: Mapping[str, Any], known: Mapping[str, str], wrong: dict[str, str]
) -> dict[str, Any]:
    """Every answer that was sent; what does not do stays as it was written and is judged only if it is shown."""
    values: dict[str, Any] = {}
    for part in form.parts:
        if part.repeats:
            lines = [row for row in given.get(part.name) or [] if isinstance(row, Mapping)]
            values[part.name] = [
                _read_in(part, f"{part.name}.{at}.", row, wrong) for at, row in enumerate(lines)
            ]
        else:
            sent = {one.name: known[one.element] for one in part.questions if one.element in known}
            values |= _read_in(part, "", given, wrong) | sent
    return values


def _read_in(part: Part, prefix: str, given: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in part.questions:
        if one.is_asked:
            try:
                found[one.name] = read_answer(one, given.get(one.name))
            except _WrongError as fault:
                wrong[f"{prefix}{one.name}"] = str(fault)
                text = str(given.get(one.name)).strip()
                found[one.name] = plain_number(text) if one.kind == "number" else text
    return found


def _section(
    part: Part, outcome: Settled, known: Mapping[str, str], wrong: Mapping[str, str], found: Answers
) -> dict[str, Any]:
    shown = [one for one in part.questions if one.name not in outcome.hidden and one.kind != "note"]
    for one in shown:
        if one.element in known:
            found.saved += 1
        elif one.is_asked:
            _judge(one, one.name, outcome.values[one.name], wrong, found)
    return {one.name: outcome.values[one.name] for one in shown}


def _rows(part: Part, outcome: Settled, wrong: Mapping[str, str], found: Answers) -> list[dict[str, Any]]:
    """The rows in which something is filled in, each with what is shown in it."""
    if not holds(part.when, outcome.values):
        return []
    rows = []
    for number, row in enumerate(outcome.values[part.name]):
        if is_blank(part, row):
            continue
        shown = {
            one.name: one
            for one in part.questions
            if f"{part.name}.{number}.{one.name}" not in outcome.hidden
        }
        for name, one in shown.items():
            if one.is_asked:
                _judge(one, f"{part.name}.{number}.{name}", row[name], wrong, found)
        rows.append({name: row[name] for name in shown})
    if len(rows) < part.least:
        found.errors[part.name] = f"“{part.title}”至少填 {part.least} 行"
    if len(rows) > part.most:
        found.errors[part.name] = f"“{part.title}”最多填 {part.most} 行"
    return rows


def _judge(one: Question, name: str, value: Any, wrong: Mapping[str, str], found: Answers) -> None:
    found.asked += 1
    if name in wrong:
        found.errors[name] = wrong[name]
    elif one.required and not is_filled(value):
        found.errors[name] = _missing(one)


def _missing(one: Question) -> str:
    verbs = {
        "choice": "请选择",
        "choices": "请选择",
        "date": "请选择",
        "file": "请上传",
        "signature": "请手写",
    }
    return "请先勾选" if one.kind == "yes_no" else f"{verbs.get(one.kind, '请填写')}{one.label}"


def read_answer(one: Question, value: Any) -> Any:
    """The answer to one question, None where it is empty."""
    if one.kind == "yes_no":
        return value in (True, "true", "True", "on", "1", "是")
    if one.kind == "choices":
        return _choices(one, value)
    text = str(value).strip() if value is not None else ""
    if not text:
        return None
    reader = _READERS.get(one.kind, _text)
    return reader(one, text)


def _choices(one: Question, value: Any) -> list[str]:
    chosen = [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
    if any(each not in one.options for each in chosen):
        raise _WrongError(f"“{one.label}”没有这个选项")
    return chosen


def _text(one: Question, text: str) -> str:
    most = int(one.most) if one.most.isdecimal() else LONGEST
    if len(text) > most:
        raise _WrongError(f"最多 {most} 个字，现在 {len(text)} 个")
    return text


def plain_number(text: str) -> str:
    """A number as people type it, thousands parted and digits of full width, in the one way it is kept."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    return f"{Decimal(plain).normalize():f}" if NUMBER.fullmatch(plain) else plain


def _number(one: Question, text: str) -> str:
    plain = plain_number(text)
    if not NUMBER.fullmatch(plain):
        raise _WrongError("数字太大" if _is_huge(plain) else "请填数字")
    number = Decimal(plain)
    if one.least and number < Decimal(one.least):
        raise _WrongError(f"不能小于 {one.least}{one.unit}")
    if one.most and number > Decimal(one.most):
        raise _WrongError(f"不能大于 {one.most}{one.unit}")
    return plain


def _is_huge(text: str) -> bool:
    try:
        return abs(Decimal(text)) >= 10**15
    except InvalidOperation:
        return False


def _date(one: Question, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _WrongError("日期应写成 2026-09-01") from None
    if one.least and text < one.least:
        raise _WrongError(f"不能早于 {one.least}")
    if one.most and text > one.most:
        raise _WrongError(f"不能晚于 {one.most}")
    return day


def _choice(one: Question, text: str) -> str:
    if text not in one.options:
        raise _WrongError(f"“{one.label}”没有这个选项")
    return text


def _phone(one: Question, text: str) -> str:
    if not PHONE.fullmatch(text):
        raise _WrongError("请填写电话号码，如 13800000000")
    return text


_READERS = {"number": _number, "date": _date, "choice": _choice, "phone": _phone}
