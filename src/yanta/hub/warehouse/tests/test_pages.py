"""Every number of a board opens to rows that make it up, and to its meaning, as leader, as dean and as department."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yanta.hub.warehouse import boards, cutting, shapes
from yanta.hub.warehouse.models import Board, Indicator, IndicatorValue
from yanta.hub.warehouse.services import figures
from yanta.hub.warehouse.tests.conftest import ON, SYSTEM, enrol
from yanta.masterdata.models import Student

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(acting):
    return acting("leader")


@pytest.fixture
def dean(acting, college):
    return acting("head", college)


def links(client, address: str, pattern: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return list(dict.fromkeys(re.findall(pattern, answer.content.decode())))


class TestEveryNumberOpens:
    def test_as_leader_the_rows_are_the_number(self, computed, leader, client_of, school):
        client = client_of(leader)
        opened = 0
        for code in links(client, "/warehouse/boards/leader/", r'href="/warehouse/figures/([a-z_.]+)/'):
            version = Indicator.objects.get(code=code).versions.get(valid_to=None)
            kept = IndicatorValue.objects.get(indicator__code=code, unit=school, on=ON)
            for name, piece in shapes.read(version.parts, version.expression).pieces.items():
                answer = client.get(f"/warehouse/figures/{code}/rows/?part={name}")
                shown = answer.shown["total"], answer.shown["seen"]
                assert shown == (Decimal(str(kept.parts[name])),) * 2, (code, name)
                if piece.measure == "count":
                    assert answer.shown["rows_seen"] == shown[0]
                opened += 1
        assert opened >= 12

    def test_as_dean_own_rows_are_the_colleges_number(self, computed, dean, client_of, college):
        client = client_of(dean)
        codes = links(client, "/warehouse/boards/dean/", r'href="/warehouse/figures/([a-z_.]+)/\?unit=0100"')
        assert "student.count" in codes
        for code in codes:
            version = Indicator.objects.get(code=code).versions.get(valid_to=None)
            kept = IndicatorValue.objects.filter(indicator__code=code, unit=college, on=ON).first()
            for name in shapes.read(version.parts, version.expression).pieces:
                answer = client.get(f"/warehouse/figures/{code}/rows/?part={name}&unit=0100")
                expected = Decimal(str(kept.parts[name])) if kept else 0
                assert answer.shown["total"] == answer.shown["seen"] == expected, (code, name)

    def test_what_lies_outside_ones_rights_is_said_and_not_shown(self, computed, dean, client_of):
        answer = client_of(dean).get("/warehouse/figures/student.count/rows/?part=n")
        said = answer.content.decode()
        assert "共 5 行，其中 3 行在您的权限内" in said
        assert "另有 2 行在您的权限之外" in said
        assert re.search(r"\bS3\b", said)
        assert not re.search(r"\bS5\b", said)  # as a word: tokens of a page hold any two letters now and then

    def test_when_rows_moved_since_it_is_said(self, computed, leader, client_of, college):
        enrol("S8", college)
        said = client_of(leader).get("/warehouse/figures/student.count/rows/").content.decode()
        assert "看板上的数字是 5" in said
        assert "现在是 6" in said

    def test_a_figure_opens_to_its_meaning_and_its_past(self, computed, leader, client_of):
        said = client_of(leader).get("/warehouse/figures/staff.student_ratio/").content.decode()
        for words in (
            "教发〔2004〕2号",
            "外聘教师",
            "(bachelors + masters * 1.5 + doctors * 2) / teachers",
            "第 1 版",
            "人事处",
        ):
            assert words in said


class TestSlices:
    @pytest.mark.parametrize("code", ["student.count", "staff.count", "programme.count"])
    def test_a_count_is_the_sum_of_its_slices_by_whatever_it_is_cut(self, computed, school, code):
        indicator = Indicator.objects.get(code=code)
        version = indicator.versions.get(valid_to=None)
        formula = shapes.read(version.parts, version.expression)
        whole = IndicatorValue.objects.get(indicator=indicator, unit=school, on=ON).value
        names = [name for name, _ in cutting.dimensions_of(formula, indicator.dimensions)]
        assert names[0] == "unit"
        for name in names:
            assert sum(one.value or 0 for one in cutting.cut(formula, name, on=ON, unit=school)) == whole, (
                name
            )

    def test_deeper_step_by_step_down_to_the_rows(self, computed, leader, client_of):
        client = client_of(leader)
        said = client.get("/warehouse/figures/student.count/?unit=0100&f=grade:2024&by=sex").content.decode()
        assert "男性" in said
        assert "年级 2024" in said
        rows = client.get("/warehouse/figures/student.count/rows/?unit=0100&f=grade:2024&f=sex:2&part=n")
        assert (rows.shown["total"], rows.shown["rows_seen"]) == (1, 1)

    def test_what_is_not_filled_in_is_a_slice_of_its_own(self, computed, school):
        version = Indicator.objects.get(code="student.count").versions.get(valid_to=None)
        formula = shapes.read(version.parts, version.expression)
        found = {one.label: one.value for one in cutting.cut(formula, "sex", on=ON, unit=school)}
        assert found == {"男性": 2, "女性": 2, "未填": 1}

    def test_another_colleges_figures_are_not_for_a_dean(self, computed, dean, client_of):
        client = client_of(dean)
        assert client.get("/warehouse/figures/student.count/?unit=0200").status_code == 404
        assert client.get("/warehouse/figures/student.count/?by=unit").status_code == 409
        assert client.get("/warehouse/figures/student.count/").status_code == 200
        assert client.get("/warehouse/boards/leader/").status_code == 404

    def test_the_owning_department_sees_all_units_of_its_figures(self, computed, acting, client_of, school):
        from yanta.kernel.testing.factories import OrgUnitFactory

        office = OrgUnitFactory(parent=school, code="2090", name="教务处", kind="office")
        client = client_of(acting("clerk", office))
        assert client.get("/warehouse/figures/student.count/?by=unit").status_code == 200
        assert client.get("/warehouse/figures/staff.count/?by=unit").status_code == 409
        said = client.get("/warehouse/boards/department/").content.decode()
        assert "在校生数" in said
        assert "在岗教职工数" not in said


class TestBoards:
    def test_the_findings_stand_first_and_red_before_green(self, computed, leader, client_of):
        Indicator.objects.filter(code="staff.senior_share").update(target=90, warn=80)
        shown = client_of(leader).get("/warehouse/boards/leader/").shown["shown"]
        assert shown.findings[0].indicator.code == "staff.senior_share"
        assert shown.findings[0].sentence == "高级职称比 50.0%，越过预警线 80"
        assert "staff.senior_share" in [one.indicator.code for one in shown.red]

    def test_beside_last_year(self, computed, leader, client_of, school):
        now = IndicatorValue.objects.get(indicator__code="student.count", unit=school, on=ON)
        IndicatorValue.objects.create(
            indicator=now.indicator, version=now.version, unit=school, on=ON.replace(year=2025), value=4
        )
        shown = client_of(leader).get("/warehouse/boards/leader/").shown["shown"]
        assert shown.figures[0].change == "比去年同期升 1"
        assert shown.moved[0].indicator.code == "student.count"

    def test_questions_do_not_grow_with_the_board(self, computed, leader, client_of):
        client = client_of(leader)
        client.get("/warehouse/boards/leader/")
        counts = []
        for items in (["student.count"], [one.code for one in Indicator.objects.all()[:20]]):
            Board.objects.filter(code="leader").update(items=items)
            with CaptureQueriesContext(connection) as asked:
                assert client.get("/warehouse/boards/leader/").status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 24

    def test_ones_own_board_is_composed_shared_and_dropped(self, computed, leader, dean, client_of):
        client = client_of(leader)
        made = client.post(
            "/warehouse/boards/new/",
            {"name": "条件", "item": ["equipment.count", "student.count"], "role": "head"},
        )
        board = Board.objects.get(name="条件")
        assert made.url == f"/warehouse/boards/{board.code}/"
        assert board.items == ["equipment.count", "student.count"]
        assert client_of(dean).get(made.url).status_code == 200
        assert (
            client_of(dean).post(f"{made.url}edit/", {"name": "x", "item": ["student.count"]}).status_code
            == 404
        )
        client.post(f"{made.url}edit/", {"delete": "1"})
        assert not Board.objects.filter(pk=board.pk).exists()

    def test_an_empty_board_is_refused_in_words(self, computed, leader, client_of):
        answer = client_of(leader).post("/warehouse/boards/new/", {"name": "空"})
        assert answer.status_code == 422
        assert "至少选一个" in answer.content.decode()

    def test_as_a_sheet_and_on_the_wall(self, computed, leader, client_of):
        client = client_of(leader)
        assert client.get("/warehouse/boards/leader/?as=xlsx").content[:2] == b"PK"
        assert "data-fullscreen" in client.get("/warehouse/boards/leader/?wall=1").content.decode()

    def test_students_have_no_boards(self, computed, student_actor, client_of):
        assert client_of(student_actor).get("/warehouse/boards/").status_code == 403

    def test_home_cards_of_leader_and_dean(self, computed, leader, dean):
        from yanta.hub.warehouse import cards

        content = cards.school_at_a_glance(leader)
        assert content.figures[0].value == "5"
        assert cards.unit_at_a_glance(dean).figures[0].value == "3"


class TestInterface:
    def test_figures_for_programs_within_sight(self, computed, leader, dean, client_of):
        found = {one["code"]: one for one in client_of(leader).get("/api/v1/warehouse/figures/").json()}
        assert found["student.count"]["value"] == 5
        mine = client_of(dean).get("/api/v1/warehouse/figures/student.count/?unit=0100").json()
        assert (mine[0]["value"], mine[0]["parts"], mine[0]["version"]) == (3, {"n": 3}, 1)
        assert client_of(dean).get("/api/v1/warehouse/figures/student.count/?unit=0200").status_code == 404

    def test_the_graph_of_data_knows_figures_and_boards(self, computed):
        from yanta.hub.warehouse import lineage

        nodes, edges = lineage.figures_and_boards()
        pairs = {(one.source_key, one.target_key) for one in edges}
        assert ("field:student.status", "indicator:student.count") in pairs
        assert ("indicator:student.count", "board:leader") in pairs
        assert ("indicator:building.area", "indicator:space.area_per_student") in pairs
        assert {one.key for one in nodes} >= {"indicator:student.count", "board:leader"}

    def test_the_graph_leads_to_rows_within_rights(self, computed, dean, leader):
        from yanta.hub.warehouse import lineage

        assert lineage.rows_behind("indicator:student.count", leader).total == 5
        assert lineage.rows_behind("indicator:student.count", dean).total == 3


def test_boards_are_declared_once(computed):
    boards.declare()
    assert Board.objects.filter(is_declared=True).count() == 3
    figures.record(ON, actor=SYSTEM)
    assert Student.objects.count() == 6
