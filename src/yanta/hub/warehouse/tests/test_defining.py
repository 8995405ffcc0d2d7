"""Defining a figure on screen out of saved questions and other figures."""

from __future__ import annotations

import json

import pytest

from yanta.hub.warehouse import public
from yanta.hub.warehouse.asking.documents import Document
from yanta.hub.warehouse.models import Indicator
from yanta.hub.warehouse.services import asking
from yanta.hub.warehouse.tests.test_computing import SIMPLE

pytestmark = pytest.mark.django_db
STUDYING = {"all": [{"field": "status", "is": "eq", "value": "01"}]}
WOMEN = {"all": [STUDYING["all"][0], {"field": "sex", "is": "eq", "value": "2"}]}


def test_from_two_questions_it_is_there_at_once(computed, engineer, client_of, college):
    parts = [
        asking.keep(Document("student", ("number",), where), actor=engineer, name=name)
        for name, where in (("女生", WOMEN), ("在读", STUDYING))
    ]
    client = client_of(engineer)
    assert "查询：女生" in client.get("/warehouse/indicators/define/").content.decode()
    answer = client.post("/warehouse/indicators/define/", {
        "name": "女生比例", "code": "own.women", "owner": "教务处", "unit_label": "%", "decimals": "1", "better": "neither",
        "n": f"q{parts[0].pk}", "d": f"q{parts[1].pk}", "expression": "n / d * 100", "dimensions": "grade",
    })  # fmt: skip
    assert answer.url == "/warehouse/figures/own.women/"
    found = public.value("own.women", unit=college)
    assert (found.numerator, found.denominator) == (2, 3)
    assert "女生比例" in client.get(answer.url).content.decode()
    assert client.get(f"{answer.url}?by=grade").status_code == 200


def test_from_other_figures_and_refusals_on_the_form(computed, engineer, client_of):
    client = client_of(engineer)
    given = {"name": "x", "code": "own.sum", "owner": "教务处", "n": "student.count", "d": "staff.count"}
    refused = client.post("/warehouse/indicators/define/", {**given, "expression": "n +"})
    assert refused.status_code == 422
    assert "少了一个数" in refused.content.decode()
    client.post("/warehouse/indicators/define/", {**given, "expression": "n + d"})
    assert public.value("own.sum").value == 7


def test_a_new_formula_from_today(computed, engineer, clerk, client_of, clock):
    indicator = Indicator.objects.get(code="student.count")
    address = f"/warehouse/indicator/{indicator.pk}/formula/"
    clock.advance(days=1)
    client = client_of(engineer)
    assert "现行公式" in client.get(address).content.decode()
    assert (
        client.post(address, {"formula": SIMPLE, "reason": "全部学籍"}).url
        == "/warehouse/figures/student.count/"
    )
    assert indicator.versions.count() == 2
    again = client.post(address, {"formula": SIMPLE, "reason": "x"})
    assert (again.status_code, "没有变化" in again.content.decode()) == (422, True)
    stranger = client_of(clerk).post(
        address, {"formula": json.dumps({"parts": {}, "expression": "n"}), "reason": "x"}
    )
    assert stranger.status_code == 422


def test_others_do_not_define(computed, student_actor, client_of):
    assert client_of(student_actor).get("/warehouse/indicators/define/").status_code == 403
