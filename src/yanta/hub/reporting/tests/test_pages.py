"""The pages: what each role sees and does, rows within rights, files out and in."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client

from yanta.hub.lineage import public as lineage
from yanta.hub.reporting import services
from yanta.hub.reporting.lineage import cells, rows_behind
from yanta.hub.reporting.models import FilingCell, FilingTable
from yanta.hub.reporting.tests.conftest import SYSTEM
from yanta.kernel.access.actors import actor_of
from yanta.kernel.testing.factories import AccountFactory, PersonFactory, RoleGrantFactory

pytestmark = pytest.mark.django_db


def account(role, unit):
    found = AccountFactory(person=PersonFactory(home_unit=unit))
    RoleGrantFactory(account=found, role=role, org_unit=None if role in ("engineer", "leader") else unit)
    found.refresh_from_db()
    return found


def client_of(found):
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(found)
    return client


@pytest.fixture
def engineer_client(school):
    return client_of(account("engineer", school))


class TestPages:
    def test_every_page_answers(self, filing, engineer_client):
        base = f"/reporting/filings/{filing.pk}/"
        kept = services.rehearse(actor=SYSTEM, package="small")
        for address in (
            "/reporting/", "/reporting/mine/", base, f"{base}differences/", f"{base}tables/A/", f"{base}tables/D/",
            f"{base}tables/A/cells/zj/n/", f"{base}tables/A/cells/lao/n/", f"{base}tables/A/cells/xin/w/rows/",
            "/reporting/packages/small/", f"/reporting/rehearsals/{kept.pk}/", f"/reporting/rehearsals/{kept.pk}/tables/B/",
            f"/reporting/rehearsals/{kept.pk}/tables/A/cells/zj/n/", f"/reporting/rehearsals/{kept.pk}/tables/A/cells/zj/n/rows/",
        ):  # fmt: skip
            assert engineer_client.get(address).status_code == 200, address

    @pytest.mark.parametrize("address", ["tables/X/", "tables/A/cells/zj/x/", "submissions/1/", "export.pdf"])
    def test_what_is_not_there(self, filing, engineer_client, address):
        assert engineer_client.get(f"/reporting/filings/{filing.pk}/{address}").status_code == 404

    def test_a_student_is_shown_nothing(self, filing, college):
        client = client_of(account("student", college))
        assert client.get("/reporting/").status_code == 403
        assert client.get(f"/reporting/filings/{filing.pk}/").status_code == 403

    def test_a_figure_says_what_it_means(self, filing, engineer_client):
        page = engineer_client.get(f"/reporting/filings/{filing.pk}/tables/A/cells/xin/w/").content.decode()
        assert "年级为 2026" in page
        assert "性别为 女性" in page
        assert "2026-09-30" in page


class TestRows:
    def test_the_rows_are_those_that_were_counted_as_far_as_one_may_see(
        self, filing, college, engineer_client
    ):
        address = f"/reporting/filings/{filing.pk}/tables/A/cells/zj/n/rows/"
        page = engineer_client.get(address).content.decode()
        assert all(re.search(rf"\bS{n}\b", page) for n in range(5))
        page = client_of(account("clerk", college)).get(address).content.decode()
        assert "统计了 5 行，按您的权限可以看到 3 行" in page
        # As a word: tokens of a page hold any two letters now and then.
        assert not re.search(r"\bS3\b", page)

    def test_a_list_shows_ones_own_rows(self, filing, college):
        page = (
            client_of(account("clerk", college))
            .get(f"/reporting/filings/{filing.pk}/tables/D/")
            .content.decode()
        )
        assert "共 5 行，按您的权限可见 3 行" in page


class TestDoing:
    def test_a_clerk_fills_the_heads_signs(self, filing, offices):
        table = FilingTable.objects.get(filing=filing, code="A")
        base = f"/reporting/filings/{filing.pk}/tables/A/do/"
        clerk, head = client_of(account("clerk", offices[0])), client_of(account("head", offices[0]))
        clerk.post(f"{base}fill/", {"row": "xin", "column": "w", "value": "1", "reason": "核减一人"})
        assert FilingCell.objects.get(table=table, row="xin", column="w").given == 1
        clerk.post(f"{base}check_table/")
        head.post(f"{base}sign/", {"agreed": "true"})
        table.refresh_from_db()
        assert table.state == "signed"

    def test_a_refusal_is_said_where_one_was(self, filing, offices):
        clerk = client_of(account("clerk", offices[0]))
        answer = clerk.post(
            f"/reporting/filings/{filing.pk}/tables/A/do/fill/",
            {"row": "zj", "column": "n", "value": "1"},
            follow=True,
        )
        assert "必须说明理由" in answer.content.decode()


class TestFiles:
    def test_excel_xml_and_csv(self, filing, engineer_client):
        base = f"/reporting/filings/{filing.pk}/export."
        assert engineer_client.get(f"{base}xlsx").content[:2] == b"PK"
        assert (
            '<cell column="n" title="人数 / 计">5</cell>'
            in engineer_client.get(f"{base}xml").content.decode()
        )
        assert "A,人数,zj,总计,n,人数 / 计,5," in engineer_client.get(f"{base}csv").content.decode()
        assert "S0,男性" in engineer_client.get(f"{base}csv?table=D").content.decode()

    def test_not_for_everybody(self, filing, college):
        assert (
            client_of(account("clerk", college)).get(f"/reporting/filings/{filing.pk}/export.csv").status_code
            == 403
        )

    def test_by_hand_figures_come_back_from_a_workbook(self, filing, engineer_client):
        written = workbook("B", {"zj": {"cj": 4, "n": 99}})
        engineer_client.post(f"/reporting/filings/{filing.pk}/import/", {"file": written})
        cells_ = {
            one.column: one.given
            for one in FilingCell.objects.filter(filing=filing, table__code="B", row="zj")
        }
        assert cells_ == {"cj": 4, "n": None}  # computed figures are not taken from files

    def test_an_official_file_is_compared_and_nothing_written(self, filing, engineer_client):
        page = engineer_client.post(
            f"/reporting/filings/{filing.pk}/compare/",
            {"file": workbook("A", {"zj": {"n": 6, "w": 2, "m": 3}})},
        ).content.decode()
        assert "比对 3 格，1 格不同" in page
        assert FilingCell.objects.get(table__code="A", row="zj", column="n").given is None


def workbook(code, rows):
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet(code)
    columns = list(next(iter(rows.values())))
    sheet.write_row(0, 0, [code, "", *columns])
    for at, (row, values) in enumerate(rows.items(), start=1):
        sheet.write_row(at, 0, [row, "", *values.values()])
    book.close()
    out.seek(0)
    out.name = "填好的.xlsx"
    return out


class TestLineage:
    def test_cells_know_their_fields_and_each_other(self, package):
        nodes, edges = cells()
        keys = {one.key for one in nodes}
        found = {(one.source_key, one.target_key) for one in edges}
        assert {"cell:small/A/zj.n", "cell:small/D/list.xh"} <= keys
        assert ("field:student.sex", "cell:small/A/zj.w") in found
        assert ("cell:small/A/zj.n", "cell:small/A/lao.n") in found
        assert ("field:student.number", "cell:small/D/list.xh") in found
        assert all(isinstance(one, lineage.Node) for one in nodes)

    def test_a_cell_traces_to_its_rows_within_rights(self, filing, college):
        traced = rows_behind("cell:small/A/zj.n", actor_of(account("clerk", college)))
        assert traced is not None
        assert (traced.subject, traced.total) == ("student", 3)
        assert rows_behind("cell:small/A/lao.n", SYSTEM) is None
