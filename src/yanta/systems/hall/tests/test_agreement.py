"""The browser and the server decide alike what is shown and what sums come to, on forms drawn at random."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from yanta.systems.hall.rules import answers, forms
from yanta.systems.hall.rules.showing import settled
from yanta.systems.hall.views.asking import condition

HERE = Path(__file__).parent
RULES = HERE.parents[4] / "frontend/src/js/hall-rules.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None or not RULES.exists(), reason="needs node and the front end")

KINDS = ("number", "number", "text", "date", "choice", "choices", "yes_no", "calc")
OPTIONS = ["甲", "乙", "10"]
NUMBERS = [
    "",
    "0",
    "7",
    "-3",
    "12.50",
    "1,234",
    "１２",
    "2.005",
    "0.1",
    "999999999999999",
    "7.",
    "abc",
    "007",
    "-0",
]
DAYS = ["", "2026-02-28", "2026-03-01", "2026-02-30", "1999-12-31"]
VALUES = {
    "number": st.sampled_from(NUMBERS), "text": st.sampled_from(["", " ", "甲", "7", "是", "x 甲 y"]), "date": st.sampled_from(DAYS),
    "choice": st.sampled_from(["", *OPTIONS]), "choices": st.lists(st.sampled_from(OPTIONS), unique=True, max_size=3),
    "yes_no": st.booleans(),
}  # fmt: skip
WANTED = st.sampled_from(["", "甲", "7", "12.5", "是", "否", "2026-03-01", "1000", "10", "0.00"])

Case = tuple[dict[str, Any], dict[str, Any]]


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """A form of two sections and rows, and what somebody filled in; conditions look up and down, but never in a circle."""
    parts = [_part(draw, title, group) for title, group in (("甲部", ""), ("明细", "g1"), ("乙部", ""))]
    order = draw(st.permutations([(part, one) for part in parts for one in part["questions"]]))
    before: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for part, one in order:
        usable = [(p, q) for p, q in before if not p.get("name") or p is part]
        if usable and draw(st.integers(0, 2)):
            one["when"] = {
                "join": draw(st.sampled_from(["all", "any"])),
                "tests": [_test(draw, usable) for _ in range(draw(st.integers(1, 2)))],
            }
        if one["kind"] == "calc":
            one["formula"] = _formula(draw, before, part)
        before.append((part, one))
    form = {"parts": parts}
    assume(_is_sound(form))
    return form, _answers(draw, parts)


def _is_sound(form: dict[str, Any]) -> bool:
    """To count rows is to look at all of their fields; now and then that closes a circle."""
    try:
        return bool(forms.read(form))
    except forms.FormError as error:
        if "绕成了一圈" in str(error):
            return False
        raise


def _part(draw: Callable[..., Any], title: str, group: str) -> dict[str, Any]:
    kinds = ["number", *draw(st.lists(st.sampled_from(KINDS), max_size=3))]
    first = "a" if group else "f" if title == "甲部" else "h"
    questions = [
        {"name": f"{first}{at}", "label": f"{title}{at}", "kind": kind, "options": OPTIONS, "places": draw(st.integers(0, 3))}
        for at, kind in enumerate(kinds)
    ]  # fmt: skip
    return {"title": title, "questions": questions, **({"name": group, "most": 5} if group else {})}


def _test(draw: Callable[..., Any], usable: list[Any]) -> dict[str, str]:
    part, one = draw(st.sampled_from(usable))
    name = f"{part['name']}.{one['name']}" if part.get("name") else one["name"]
    return {"field": name, "op": draw(st.sampled_from(list(forms.TESTS))), "value": draw(WANTED)}


def _formula(draw: Callable[..., Any], before: list[Any], part: dict[str, Any]) -> str:
    own = [f"[{p['title']}.{q['label']}]" for p, q in before if p.get("name") and p is part]
    single = [f"[{q['label']}]" for p, q in before if not p.get("name")]
    columns = [f"[{p['title']}.{q['label']}]" for p, q in before if p.get("name") and p is not part]
    term = st.sampled_from([*own, *single, "2", "0.5", "3"])
    one, other = draw(term), draw(term)
    shapes = [
        f"{one} + {other}", f"{one} - {other}", f"{one} * {other} / 3", f"{one} / {other}", f"round({one}, 1) * 2", f"-{one}",
        f"max({one}, {other}, 4) - min({one}, 1)", f"days({one}, {other})",
    ]  # fmt: skip
    shapes += [f"{what}({each})" for what in ("sum", "count") for each in columns]
    return str(draw(st.sampled_from(shapes)))


def _answers(draw: Callable[..., Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        asked = [one for one in part["questions"] if one["kind"] != "calc"]
        if part.get("name"):
            found[part["name"]] = [
                {one["name"]: draw(VALUES[one["kind"]]) for one in asked}
                for _ in range(draw(st.integers(0, 3)))
            ]
        else:
            found |= {one["name"]: draw(VALUES[one["kind"]]) for one in asked}
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """The browser's rules, asked case by case."""
    command = [str(NODE), str(HERE / "agreement.mjs"), RULES.as_uri()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        sent, said = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)

        def ask(case: dict[str, Any]) -> dict[str, Any]:
            sent.write(json.dumps(case) + "\n")
            sent.flush()
            told: dict[str, Any] = json.loads(said.readline())
            return told

        yield ask
        sent.close()


def on_the_page(form: forms.Form, filled: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every field as the page has it, each row its own, and the raw answers by those names."""
    items, given_ = [], {}
    for part in form.parts:
        rows = (
            [(f"{part.name}.{at}.", row) for at, row in enumerate(filled[part.name])]
            if part.repeats
            else [("", filled)]
        )
        for prefix, row in rows:
            for one in part.questions:
                whens = [json.loads(condition(when)) for when in (part.when, one.when) if when]
                name = f"{prefix}{one.name}"
                items.append(
                    {
                        "name": name,
                        "kind": one.kind,
                        "whens": whens,
                        "tree": one.tree or None,
                        "places": one.places,
                    }
                )
                given_[name] = row.get(one.name)
    return items, given_


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cases())
def test_both_decide_alike(browser: Callable[[dict[str, Any]], dict[str, Any]], case: Case) -> None:
    layout, filled = case
    form = forms.read(layout)
    items, raw = on_the_page(form, filled)

    told = browser({"items": items, "given": raw})

    found = settled(form, answers.as_read(form, filled, {}, {}))
    assert told["hidden"] == sorted(found.hidden)
    assert told["calculated"] == {one["name"]: _at(found.values, one["name"]) for one in items if one["tree"]}


@settings(max_examples=200, deadline=None)
@given(cases())
def test_what_is_hidden_counts_as_empty(case: Case) -> None:
    """The browser does not send what it hides; what it would have sent changes nothing."""
    layout, filled = case
    form = forms.read(layout)
    hidden = settled(form, answers.as_read(form, filled, {}, {})).hidden

    whole, sent = answers.judged(form, filled, {}), answers.judged(form, _sent(filled, hidden), {})

    assert sent == whole


def _at(values: dict[str, Any], name: str) -> Any:
    group, number, field = [*name.split("."), "", ""][:3]
    return values[group][int(number)][field] if field else values[group]


def _sent(filled: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in filled.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found[name] = [
                {column: one for column, one in row.items() if f"{name}.{at}.{column}" not in hidden}
                for at, row in enumerate(value)
            ]
        elif name not in hidden:
            found[name] = value
    return found
