"""Reports of many schools at an upper node: judged as they come, added up, open to the school behind a figure."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from yanta.hub.nodes import public as nodes
from yanta.hub.reporting import regional, services
from yanta.hub.reporting.models import ReceivedFiling
from yanta.hub.reporting.services import answering, receiving
from yanta.hub.reporting.tests.conftest import SYSTEM
from yanta.hub.reporting.tests.test_pages import account, client_of
from yanta.kernel.base import Refused

pytestmark = pytest.mark.django_db
A = {"zj.n": "5", "zj.w": "2", "zj.m": "3", "xin.n": "2", "xin.w": "2", "xin.m": "0", "lao.n": "3", "lao.w": "0", "lao.m": "3"}  # fmt: skip


@pytest.fixture
def answers(monkeypatch):
    """What the school would hear."""
    told = []
    monkeypatch.setattr(nodes, "answer_report", lambda node, code, words, answer: told.append(answer))
    return told


def come(monkeypatch, *, node="N1", number=1, version="1", explained=None, **changed):
    """A package with these figures, as `nodes` hands it over."""
    head = {"title": "2026 年小报表", "period": "2026", "number": number, "version": version, "digest": "d"}
    figures = {f"A.{place}": value for place, value in {**A, **changed}.items()}
    figures |= {"B.zj.n": "5", "B.zj.cj": "0", "B.xy_0300.n": "5", "B.xy_0300.cj": "0"}
    driven = [
        {"code": "zj", "title": "总计", "row": "zj"},
        {"code": "xy_0300", "title": "某学院", "row": "xy", "value": "0300"},
    ]
    rows = [{"code": code, "title": code, "row": code} for code in ("zj", "xin", "lao")]
    meta = {"@": head, "@explained": explained or {}, "@A": rows, "@B": driven}
    cells = {name: (orjson.dumps(value).decode(), None) for name, value in meta.items()}
    cells |= {name: (value, None) for name, value in figures.items()}
    came = SimpleNamespace(node=node, name=f"{node}大学", code="small", cells=cells, receipt=f"回执 {number}")
    monkeypatch.setattr(nodes, "reported", lambda receipt_id: came)
    return receiving.take_in(1)


class TestJudging:
    def test_a_sound_report_waits_for_a_person_and_counts_once(self, package, answers, monkeypatch):
        assert come(monkeypatch).state == "received"
        assert come(monkeypatch) is None
        assert [one["state"] for one in answers] == ["received"]

    def test_wrong_sums_go_back_at_once_with_their_tables(self, package, answers, monkeypatch):
        kept = come(monkeypatch, **{"zj.n": "6"})
        assert (kept.state, answers[0]["codes"]) == ("returned", ["A"])
        assert [one["check"] for one in answers[0]["findings"]] == ["P1"]

    def test_another_edition_of_the_definition_goes_back(self, package, answers, monkeypatch):
        assert come(monkeypatch, version="0").state == "returned"
        assert "版本不同" in answers[0]["findings"][0]["message"]

    def test_what_last_year_makes_odd_is_fine_once_explained(self, package, answers, monkeypatch):
        last = {"A": {"zj.n": "50"}}
        ReceivedFiling.objects.create(
            node="N1", package="small", period="2025", number=1, state="accepted", values=last
        )
        assert come(monkeypatch).state == "returned"
        assert come(monkeypatch, number=2, explained={"P2|A.zj.n": "撤并学院"}).state == "received"

    def test_only_the_newest_waiting_one_is_returned_with_a_reason(self, package, answers, monkeypatch):
        first, second = come(monkeypatch), come(monkeypatch, number=2)
        first.refresh_from_db()
        assert (first.state, first.reason) == ("returned", "学校已重新上报")
        for kept, reason, codes in ((first, "x", ""), (second, " ", ""), (second, "x", "Z")):
            with pytest.raises(Refused):
                services.send_back_to_school(kept, actor=SYSTEM, reason=reason, codes=codes)
        services.accept(second, actor=SYSTEM)
        with pytest.raises(Refused):
            services.accept(second, actor=SYSTEM)


def test_an_answer_to_an_older_sending_changes_nothing_but_its_receipt(filing):
    filing.submissions.create(
        number=1, sent_by="x", sent_at=filing.created_at, values={}, digest="", signature=""
    )
    answer = {
        "period": "2026",
        "number": 1,
        "state": "returned",
        "reason": "x",
        "codes": [],
        "receipt": "回执 1",
        "findings": [],
    }
    answering.take_answer("small", answer, actor=SYSTEM)
    filing.refresh_from_db()
    assert (filing.state, filing.submissions.get().receipt) == ("drafting", "回执 1")


def test_schools_are_added_up_and_every_figure_opens_to_them(package, answers, monkeypatch, school, settings):
    settings.YANTA_NODE_LEVEL = "province"
    first, back = come(monkeypatch), come(monkeypatch, node="N3", **{"zj.n": "9"})
    come(monkeypatch, node="N2", **{"zj.n": "5", "zj.w": "1", "zj.m": "4"})
    values, lines = regional.summed(package, regional.standing("small", "2026"))
    assert (values["A"]["zj.n"], values["A"]["zj.m"]) == (10, 7)
    assert [line.code for line in lines["B"]] == ["zj"]

    client = client_of(account("leader", school))
    page = client.get("/reporting/region/small/2026/?table=A&cell=zj.n").content.decode()
    assert "2 所学校汇总" in page
    assert "N1大学" in page
    assert f"未计入（已退回、尚未重报）：{back.name}" in page
    assert "已退回" in client.get(f"/reporting/received/{back.pk}/").content.decode()
    assert client.get("/reporting/region/small/2026/?table=Z").status_code == 404
    assert client.get("/reporting/region/small/2026/?table=A&cell=zj.x").status_code == 404
    assert client_of(account("student", school)).get(f"/reporting/received/{first.pk}/").status_code == 403
